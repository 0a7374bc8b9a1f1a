#include "bpe/build_parts.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "bpe/vocab.hpp"

namespace tokenkit {
namespace {

constexpr auto kBytes = [] {
  std::array<char, 256> bytes{};
  for (size_t b = 0; b < 256; ++b) bytes[b] = static_cast<char>(b);
  return bytes;
}();

}  // namespace

std::string_view byte_string(size_t b) { return {&kBytes[b], 1}; }

std::vector<std::string_view> tokens_by_id(const std::vector<std::string_view>& tokens,
                                           const std::vector<uint32_t>& ids, const char* name) {
  if (tokens.empty()) refuse_tokens("the vocabulary has no tokens");
  const auto named = [&](uint32_t id) { return std::string(name) + " " + std::to_string(id); };
  uint32_t highest = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].empty()) refuse_tokens("the token with " + named(ids[i]) + " is empty");
    if (ids[i] >= kMaxIds - 256) {
      refuse_tokens(named(ids[i]) + " of token " + shown_token(tokens[i]) +
                    " is too large: " + name + "s must be below " + std::to_string(kMaxIds - 256));
    }
    highest = std::max(highest, ids[i]);
  }
  std::vector<std::string_view> by_id(size_t{highest} + 1);
  for (size_t i = 0; i < tokens.size(); ++i) {
    std::string_view& entry = by_id[ids[i]];
    if (!entry.empty()) {
      refuse_tokens(named(ids[i]) + " is given twice, to " + shown_token(entry) + " and " +
                    shown_token(tokens[i]));
    }
    entry = tokens[i];
  }
  return by_id;
}

std::vector<uint32_t> by_size(const std::vector<std::string_view>& tokens) {
  size_t longest = 0;
  for (const std::string_view token : tokens) longest = std::max(longest, token.size());
  std::vector<uint32_t> order(tokens.size());
  for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  if (longest > 4 * tokens.size() + 1024) {
    std::stable_sort(order.begin(), order.end(),
                     [&](uint32_t a, uint32_t b) { return tokens[a].size() < tokens[b].size(); });
    return order;
  }
  std::vector<uint32_t> places(longest + 2);
  for (const std::string_view token : tokens) ++places[token.size() + 1];
  for (size_t i = 1; i < places.size(); ++i) places[i] += places[i - 1];
  for (uint32_t i = 0; i < tokens.size(); ++i) order[places[tokens[i].size()]++] = i;
  return order;
}

}  // namespace tokenkit
