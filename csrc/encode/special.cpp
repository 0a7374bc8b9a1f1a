#include "encode/special.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "base/error.hpp"

namespace tokenkit {

SpecialTokens::SpecialTokens(std::vector<std::pair<std::string, uint32_t>> tokens)
    : tokens_(std::move(tokens)), sorted_(tokens_.size()), first_pairs_(65536 / 64) {
  std::iota(sorted_.begin(), sorted_.end(), 0u);
  std::sort(sorted_.begin(), sorted_.end(),
            [&](uint32_t a, uint32_t b) { return tokens_[a].first < tokens_[b].first; });
  by_id_.reserve(tokens_.size());
  for (size_t i = 0; i < tokens_.size(); ++i) {
    const std::string& text = tokens_[i].first;
    if (text.empty()) throw Error(ErrorKind::kVocabulary, "a special token is empty");
    by_id_.emplace(tokens_[i].second, i);
    uint8_t first = static_cast<uint8_t>(text[0]);
    first_byte_[first] = true;
    only_first_ = i == 0 || only_first_ == first ? first : -1;
    // One byte alone may be followed by any.
    const size_t from = text.size() > 1 ? byte_at(text, 1) : 0;
    const size_t to = text.size() > 1 ? from : 255;
    for (size_t second = from; second <= to; ++second) {
      const size_t pair = size_t{first} << 8 | second;
      first_pairs_[pair / 64] |= uint64_t{1} << (pair % 64);
    }
  }
}

size_t SpecialTokens::longest_at(std::string_view text, size_t pos, const SpecialSet& among) const {
  // Narrow the sorted range byte by byte; a token that ends where the range begins is a match.
  size_t best = std::string_view::npos;
  auto low = sorted_.begin();
  auto high = sorted_.end();
  for (size_t depth = 0; pos + depth < text.size(); ++depth) {
    uint8_t byte = static_cast<uint8_t>(text[pos + depth]);
    auto at = [&](uint32_t i) { return static_cast<uint8_t>(tokens_[i].first[depth]); };
    low = std::partition_point(low, high, [&](uint32_t i) { return at(i) < byte; });
    high = std::partition_point(low, high, [&](uint32_t i) { return at(i) <= byte; });
    if (low == high) break;
    if (tokens_[*low].first.size() == depth + 1) {
      if (among[*low]) best = *low;
      if (++low == high) break;
    }
  }
  return best;
}

SpecialTokens::Match SpecialTokens::find(std::string_view text, size_t pos,
                                         const SpecialSet& among) const {
  while (pos < text.size()) {
    if (only_first_ >= 0) {
      const void* hit = std::memchr(text.data() + pos, only_first_, text.size() - pos);
      if (hit == nullptr) break;
      pos = static_cast<size_t>(static_cast<const char*>(hit) - text.data());
    } else {
      while (pos < text.size() && !first_byte_[byte_at(text, pos)]) ++pos;
    }
    if (may_start_at(text, pos)) {
      const size_t index = longest_at(text, pos, among);
      if (index != std::string_view::npos) return {pos, index};
    }
    ++pos;
  }
  return {};
}

const std::string* SpecialTokens::text_of(uint32_t id) const {
  auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &tokens_[found->second].first;
}

size_t SpecialTokens::index_of(std::string_view text) const {
  auto found =
      std::lower_bound(sorted_.begin(), sorted_.end(), text,
                       [&](uint32_t i, std::string_view t) { return tokens_[i].first < t; });
  if (found == sorted_.end() || tokens_[*found].first != text) return std::string_view::npos;
  return *found;
}

}  // namespace tokenkit
