// UTF-8: validation, decoding one character, counting, character boundaries.
//
// Text enters the library through first_invalid() once; every other function here expects valid
// UTF-8. Given anything else they return unspecified values but never read outside the text.
// All functions are pure and safe to call from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tokenkit {

inline constexpr uint32_t kReplacementCharacter = 0xFFFD;

inline bool is_continuation(uint8_t byte) { return (byte & 0xC0) == 0x80; }

// Reads the character that starts at p into *cp and returns its length in bytes (1 to 4).
// Requires p < end. A character that `end` cuts short reads as U+FFFD and reaches to `end`.
inline size_t decode(const uint8_t* p, const uint8_t* end, uint32_t* cp) {
  const uint32_t lead = p[0];
  if (lead < 0x80) {
    *cp = lead;
    return 1;
  }
  const size_t left = static_cast<size_t>(end - p);
  if (lead < 0xE0) {
    if (left >= 2) {
      *cp = (lead & 0x1F) << 6 | (p[1] & 0x3Fu);
      return 2;
    }
  } else if (lead < 0xF0) {
    if (left >= 3) {
      *cp = (lead & 0x0F) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
      return 3;
    }
  } else if (left >= 4) {
    *cp = (lead & 0x07) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu);
    return 4;
  }
  *cp = kReplacementCharacter;
  return left;
}

// Reads the character that ends at p into *cp and returns its length in bytes.
// Requires begin < p. Looks back at most 4 bytes.
inline size_t decode_before(const uint8_t* begin, const uint8_t* p, uint32_t* cp) {
  const uint8_t* start = p - 1;
  while (start > begin && p - start < 4 && is_continuation(*start)) --start;
  decode(start, p, cp);
  return static_cast<size_t>(p - start);
}

// Offset of the first byte that starts no valid character, or npos if the text is valid.
// As strict as Python's utf-8 codec, and with the same offset as UnicodeDecodeError.start: rejects
// overlong forms, surrogates (U+D800..U+DFFF), values above U+10FFFF and incomplete characters.
size_t first_invalid(std::string_view text);

// Number of bytes at the end of `text` (0 to 3) that are the start of a character whose remaining
// bytes are missing, so that more input could complete it. Needs no valid text; looks at 3 bytes.
size_t incomplete_tail(std::string_view text);

// Number of characters (code points).
size_t count_chars(std::string_view text);

// Number of UTF-16 code units: characters above U+FFFF take two.
size_t count_utf16_units(std::string_view text);

// Is `pos` the start of a character, or the end of the text? False beyond the end.
inline bool is_char_boundary(std::string_view text, size_t pos) {
  if (pos >= text.size()) return pos == text.size();
  return !is_continuation(static_cast<uint8_t>(text[pos]));
}

// The last character boundary at or before `pos` / the first at or after it.
// A `pos` beyond the end is taken as the end.
size_t floor_char(std::string_view text, size_t pos);
size_t ceil_char(std::string_view text, size_t pos);

}  // namespace tokenkit
