#include "text/utf8.hpp"

#include <algorithm>
#include <cstring>

namespace tokenkit {
namespace {

constexpr uint64_t kEachByte = 0x0101010101010101;
constexpr uint64_t kHighBits = 0x80 * kEachByte;

// Eight bytes as one word. The uses below do not depend on byte order.
uint64_t load_word(const uint8_t* p) {
  uint64_t word;
  std::memcpy(&word, p, sizeof word);
  return word;
}

// Sum of the eight byte lanes of `word`. Pairs are added first, since the total may pass 255.
uint64_t sum_bytes(uint64_t word) {
  constexpr uint64_t kEvenBytes = 0x00FF00FF00FF00FF;
  constexpr uint64_t kEachPair = 0x0001000100010001;
  const uint64_t pairs = (word & kEvenBytes) + (word >> 8 & kEvenBytes);
  return pairs * kEachPair >> 48;
}

// How many of `size` bytes have the property that `mark` computes for eight at once: it returns a
// word whose byte lanes are 1 where the property holds, else 0. Word arithmetic and not a plain
// loop, because compilers do not vectorise that at -O2.
template <typename Mark>
size_t count_marked(const uint8_t* p, size_t size, Mark mark) {
  constexpr size_t kMostWords = 255;  // lanes are bytes: so many additions cannot overflow
  size_t total = 0;
  while (size >= 8) {
    const size_t words = std::min(size / 8, kMostWords);
    uint64_t lanes = 0;
    for (size_t i = 0; i < words; ++i) lanes += mark(load_word(p + 8 * i));
    total += static_cast<size_t>(sum_bytes(lanes));
    p += 8 * words;
    size -= 8 * words;
  }
  uint8_t rest[8] = {};  // zero bytes have neither of the properties asked for
  if (size > 0) std::memcpy(rest, p, size);
  return total + static_cast<size_t>(sum_bytes(mark(load_word(rest))));
}

const uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

size_t count_continuations(std::string_view text) {  // bytes 10xxxxxx
  return count_marked(bytes_of(text), text.size(),
                      [](uint64_t w) { return (w >> 7) & ~(w >> 6) & kEachByte; });
}

size_t count_four_byte_leads(std::string_view text) {  // bytes 1111xxxx
  return count_marked(bytes_of(text), text.size(), [](uint64_t w) {
    return (w >> 7) & (w >> 6) & (w >> 5) & (w >> 4) & kEachByte;
  });
}

bool in_range(uint8_t byte, uint8_t low, uint8_t high) { return byte >= low && byte <= high; }

// What may follow a lead byte: the length of the character and the range of its second byte, which
// alone decides about overlong forms, surrogates and the upper limit (The Unicode Standard 16.0,
// table 3-7 "Well-Formed UTF-8 Byte Sequences"). Length 0: no character starts so.
struct Form {
  uint8_t length, low, high;
};

Form form_of(uint8_t lead) {
  if (lead < 0x80) return {1, 0, 0};
  if (lead < 0xC2) return {0, 0, 0};
  if (lead < 0xE0) return {2, 0x80, 0xBF};
  if (lead == 0xE0) return {3, 0xA0, 0xBF};
  if (lead == 0xED) return {3, 0x80, 0x9F};
  if (lead < 0xF0) return {3, 0x80, 0xBF};
  if (lead == 0xF0) return {4, 0x90, 0xBF};
  if (lead < 0xF4) return {4, 0x80, 0xBF};
  if (lead == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

// How many bytes of the character at p are there and well-formed; *length is what it should have.
size_t well_formed(const uint8_t* p, const uint8_t* end, size_t* length) {
  const Form form = form_of(p[0]);
  *length = form.length;
  if (form.length == 0) return 0;
  const size_t present = std::min<size_t>(form.length, static_cast<size_t>(end - p));
  if (present < 2) return present;
  if (!in_range(p[1], form.low, form.high)) return 1;
  for (size_t i = 2; i < present; ++i) {
    if (!is_continuation(p[i])) return i;
  }
  return present;
}

// Skips ASCII 32 bytes at a time, then by bytes; stops at the first other byte or at `end`.
const uint8_t* skip_ascii(const uint8_t* p, const uint8_t* end) {
  while (end - p >= 32) {
    const uint64_t word = load_word(p) | load_word(p + 8) | load_word(p + 16) | load_word(p + 24);
    if (word & kHighBits) break;
    p += 32;
  }
  while (end - p >= 8 && !(load_word(p) & kHighBits)) p += 8;
  while (p < end && *p < 0x80) ++p;
  return p;
}

}  // namespace

size_t first_invalid(std::string_view text) {
  const uint8_t* const begin = bytes_of(text);
  const uint8_t* const end = begin + text.size();
  const uint8_t* p = begin;
  while (p < end) {
    if (*p < 0x80) {
      p = skip_ascii(p, end);
      continue;
    }
    // The two- and three-byte forms whose second byte is unrestricted hold nearly all other text.
    if (in_range(*p, 0xC2, 0xDF) && end - p >= 2 && is_continuation(p[1])) {
      p += 2;
      continue;
    }
    if (*p > 0xE0 && *p < 0xF0 && *p != 0xED && end - p >= 3 && is_continuation(p[1]) &&
        is_continuation(p[2])) {
      p += 3;
      continue;
    }
    size_t length;
    if (well_formed(p, end, &length) != length || length == 0) {
      return static_cast<size_t>(p - begin);
    }
    p += length;
  }
  return std::string_view::npos;
}

size_t incomplete_tail(std::string_view text) {
  const uint8_t* const begin = bytes_of(text);
  const uint8_t* const end = begin + text.size();
  const size_t most = std::min<size_t>(3, text.size());
  for (size_t back = 1; back <= most; ++back) {
    const uint8_t* const p = end - back;
    if (is_continuation(*p)) continue;
    size_t length;
    const size_t present = well_formed(p, end, &length);
    return present == back && present < length ? back : 0;
  }
  return 0;
}

size_t count_chars(std::string_view text) { return text.size() - count_continuations(text); }

size_t count_utf16_units(std::string_view text) {
  return count_chars(text) + count_four_byte_leads(text);
}

size_t floor_char(std::string_view text, size_t pos) {
  if (pos >= text.size()) return text.size();
  while (pos > 0 && is_continuation(static_cast<uint8_t>(text[pos]))) --pos;
  return pos;
}

size_t ceil_char(std::string_view text, size_t pos) {
  if (pos >= text.size()) return text.size();
  while (pos < text.size() && is_continuation(static_cast<uint8_t>(text[pos]))) ++pos;
  return pos;
}

}  // namespace tokenkit
