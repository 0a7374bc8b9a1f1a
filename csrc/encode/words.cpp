#include "encode/words.hpp"

namespace tokenkit {

void Words::encode(std::string_view text, const SpecialSet* allowed, Scratch& scratch,
                   IdSink& out) const {
  size_t pos = 0;
  while (allowed != nullptr) {
    const SpecialTokens::Match match = specials_.find(text, pos, *allowed);
    if (!match.found()) break;
    const auto& [token, id] = specials_.tokens()[match.index];
    encode_section({text.substr(pos, match.start - pos), pos == 0}, kAll, scratch, out);
    out.push(id);
    pos = match.start + token.size();
  }
  encode_section({text.substr(pos), pos == 0}, kAll, scratch, out);
}

size_t Words::count(std::string_view text, const SpecialSet* allowed, Scratch& scratch) const {
  size_t total = 0;
  size_t pos = 0;
  while (allowed != nullptr) {
    const SpecialTokens::Match match = specials_.find(text, pos, *allowed);
    if (!match.found()) break;
    total += count_until({text.substr(pos, match.start - pos), pos == 0}, kAll, scratch) + 1;
    pos = match.start + specials_.tokens()[match.index].first.size();
  }
  return total + count_until({text.substr(pos), pos == 0}, kAll, scratch);
}

bool Words::fits(std::string_view text, size_t limit, Scratch& scratch) const {
  return within(text, limit, scratch).has_value();
}

void Words::encode_prefix(std::string_view text, size_t max_ids, Scratch& scratch,
                          IdSink& out) const {
  encode_section({text}, max_ids, scratch, out);
}

std::optional<size_t> Words::within(std::string_view text, size_t limit, Scratch& scratch) const {
  const size_t total = count_until({text}, limit, scratch);
  return total <= limit ? std::optional(total) : std::nullopt;
}

void Words::split(std::string_view text, size_t bytes, std::vector<size_t>& ends) const {
  for (size_t start = 0; text.size() - start > 2 * bytes;) {
    start = split_after(text, start + bytes);
    if (start == std::string_view::npos) break;
    ends.push_back(start);
  }
  ends.push_back(text.size());
}

}  // namespace tokenkit
