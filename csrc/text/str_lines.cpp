#include "text/str_lines.hpp"

#include <algorithm>

#include "text/unicode.hpp"
#include "text/utf8.hpp"

namespace tokenkit {
namespace {

const uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

// The bytes of the line end at `i`, 0 if there is none: LF, VT, FF, CR, CR LF, FS, GS, RS, NEL, LS
// or PS.
size_t line_end_at(std::string_view text, size_t i) {
  const uint8_t* s = bytes_of(text);
  if (s[i] > 0x1E && s[i] < 0xC2) return 0;
  const size_t left = text.size() - i;
  switch (s[i]) {
    case '\r':
      return left > 1 && s[i + 1] == '\n' ? 2 : 1;
    case '\n':
    case '\v':
    case '\f':
    case 0x1C:
    case 0x1D:
    case 0x1E:
      return 1;
    case 0xC2:
      return left > 1 && s[i + 1] == 0x85 ? 2 : 0;
    case 0xE2:
      return left > 2 && s[i + 1] == 0x80 && (s[i + 2] == 0xA8 || s[i + 2] == 0xA9) ? 3 : 0;
    default:
      return 0;
  }
}

}  // namespace

bool is_str_space(uint32_t cp) { return is_space(char_class(cp)) || (cp >= 0x1C && cp <= 0x1F); }

size_t skip_str_space(std::string_view text, size_t pos) {
  const uint8_t* s = bytes_of(text);
  while (pos < text.size()) {
    uint32_t cp;
    const size_t length = decode(s + pos, s + text.size(), &cp);
    if (!is_str_space(cp)) break;
    pos += length;
  }
  return pos;
}

std::string_view stripped(std::string_view text) {
  return stripped_end(text.substr(skip_str_space(text, 0)));
}

std::string_view stripped_end(std::string_view text) {
  const uint8_t* s = bytes_of(text);
  size_t end = text.size();
  while (end > 0) {
    uint32_t cp;
    const size_t length = decode_before(s, s + end, &cp);
    if (!is_str_space(cp)) break;
    end -= length;
  }
  return text.substr(0, end);
}

std::string_view take_str_line(std::string_view* text) {
  size_t i = 0;
  while (i < text->size() && line_end_at(*text, i) == 0) ++i;
  const std::string_view line = text->substr(0, i);
  const size_t end = i < text->size() ? line_end_at(*text, i) : 0;
  text->remove_prefix(i + end);
  return line;
}

}  // namespace tokenkit
