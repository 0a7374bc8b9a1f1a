#include "encode/split.hpp"

#include <algorithm>
#include <optional>

#include "scan/families.hpp"
#include "text/unicode.hpp"
#include "text/utf8.hpp"

namespace tokenkit {
namespace {

// A place at or after `from` where a piece starts, whatever stands around it, and where the text
// before it has the same pieces when it ends there; nothing if there is none.
template <class F>
std::optional<size_t> certain_start(std::string_view text, size_t from) {
  const auto* s = reinterpret_cast<const uint8_t*>(text.data());
  const uint8_t* end = s + text.size();
  size_t i = ceil_char(text, from);
  Seen before{' ', kSpace};
  while (i < text.size()) {
    Seen after;
    const size_t length = decode(s + i, end, &after.cp);
    after.kind = char_class(after.cp);
    if (F::splits_at(before, after)) return i;
    before = after;
    i += length;
  }
  return std::nullopt;
}

std::optional<size_t> certain_start(Family family, std::string_view text, size_t from) {
  return visit(family, [&](auto f) { return certain_start<decltype(f)>(text, from); });
}

}  // namespace

void split_text(Family family, std::string_view text, size_t bytes, std::vector<size_t>& ends) {
  size_t start = 0;
  while (text.size() - start > 2 * bytes) {
    const std::optional<size_t> cut = certain_start(family, text, start + bytes);
    if (!cut) break;
    ends.push_back(*cut);
    start = *cut;
  }
  ends.push_back(text.size());
}

size_t settled_prefix(Family family, std::string_view text) {
  for (size_t back = size_t{1} << 12; text.size() > 1; back *= 8) {
    const size_t from = text.size() - std::min(back, text.size());
    const std::optional<size_t> cut = certain_start(family, text, from);
    if (cut) return *cut;
    if (from == 0) break;
  }
  return 0;
}

}  // namespace tokenkit
