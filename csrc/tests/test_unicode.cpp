// Character classes, and UTF-8 against slow twins that follow its definition.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "tests/check.hpp"
#include "tests/text_helpers.hpp"
#include "text/unicode.hpp"
#include "text/utf8.hpp"

namespace tokenkit::test {
namespace {

constexpr uint32_t kCodePoints = 0x110000;

// ---------------------------------------------------------------------------- character classes

void test_class_counts() {
  std::array<long, 8> counts{};
  for (uint32_t cp = 0; cp < kCodePoints; ++cp) ++counts[char_class(cp)];
  CHECK_EQ(counts[kUpper], 1858 + 31);
  CHECK_EQ(counts[kLower], 2258);
  CHECK_EQ(counts[kLetter], 404 + 136477);
  CHECK_EQ(counts[kUpper] + counts[kLower] + counts[kLetter], 141028);
  CHECK_EQ(counts[kMark], 2501);
  CHECK_EQ(counts[kNumber], 1911);
  CHECK_EQ(counts[kSpace], 23);
  CHECK_EQ(counts[kNewline], 2);
}

void test_class_samples() {
  const auto is = [](uint32_t cp, CharClass expected) {
    CHECK_EQ(int{char_class(cp)}, int{expected});
  };
  is('A', kUpper);
  is(0x01C5, kUpper);    // Lt
  is(0x017F, kLower);    // long s: also a case-insensitive 's'
  is(0x00AA, kLetter);   // Lo
  is(0x02B0, kLetter);   // Lm
  is(0x4E2D, kLetter);   // CJK
  is(0x323AF, kLetter);  // CJK, the end of the last extension
  is(0x0301, kMark);
  is(0xE0100, kMark);  // variation selector, in the high stretch of the table
  is(0xE01EF, kMark);
  is(0xE01F0, kOther);
  is(0x00BD, kNumber);
  is(0x2167, kNumber);  // Nl
  is(0x1680, kSpace);
  is(0x0085, kSpace);  // a control, but White_Space
  is(0x200B, kOther);  // zero width space is not White_Space
  is('\n', kNewline);
  is('\r', kNewline);
  is('_', kOther);
  is(0x1C89, kUpper);    // new in Unicode 16.0
  is(0x1ACF, kOther);    // new in Unicode 17.0
  is(0xD800, kOther);    // surrogate
  is(0x40000, kOther);   // just behind the low stretch
  is(0xDFFFF, kOther);   // just before the high stretch
  is(0xE1000, kOther);   // just behind it
  is(0x110000, kOther);  // no code points from here
  is(0xFFFFFFFF, kOther);
}

void test_class_helpers() {
  for (uint32_t cp = 0; cp < 128; ++cp) CHECK_EQ(int{kAsciiTraits[cp]}, int{char_traits(cp)});
  long letters = 0;
  long spaces = 0;
  long signs = 0;
  long han = 0;
  for (uint32_t cp = 0; cp < kCodePoints; ++cp) {
    letters += is_letter(char_class(cp));
    spaces += is_space(char_class(cp));
    signs += (char_traits(cp) & kSign) != 0;
    han += (char_traits(cp) & kHan) != 0;
  }
  CHECK_EQ(letters, 141028);
  CHECK_EQ(spaces, 25);
  CHECK_EQ(signs, 855 + 8514);
  CHECK_EQ(han, 99030);
  CHECK_EQ(int{char_traits(0x3007)}, kNumber | kHan);         // a zero
  CHECK_EQ(int{char_traits(0x2E80)}, kOther | kSign | kHan);  // a radical
  CHECK_EQ(int{char_traits(0x3041)}, int{kLetter});           // kana
  CHECK_EQ(int{char_traits(0x200D)}, int{kOther});
}

// ---------------------------------------------------------------------------------------- UTF-8

// Reads one character as its definition says; 0 if there is none, else its length.
size_t naive_character(std::string_view text) {
  const auto byte = [&text](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  const size_t length = lead < 0x80 ? 1 : lead < 0xC0 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (length == 0 || lead >= 0xF8 || text.size() < length) return 0;
  uint32_t cp = length == 1 ? lead : lead & (0x7Fu >> length);
  for (size_t i = 1; i < length; ++i) {
    if (byte(i) >> 6 != 2) return 0;
    cp = cp << 6 | (byte(i) & 0x3Fu);
  }
  if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF)) return 0;
  std::string shortest;
  append_utf8(cp, &shortest);
  return shortest.size() == length ? length : 0;
}

size_t naive_first_invalid(std::string_view text) {
  for (size_t pos = 0; pos < text.size();) {
    const size_t length = naive_character(text.substr(pos));
    if (length == 0) return pos;
    pos += length;
  }
  return std::string_view::npos;
}

// The bytes at which the rules change.
constexpr uint8_t kEdges[] = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF};

void test_validator_on_short_strings() {
  long differences = 0;
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      for (uint8_t third : kEdges) {
        for (uint8_t fourth : kEdges) {
          const char bytes[] = {static_cast<char>(first), static_cast<char>(second),
                                static_cast<char>(third), static_cast<char>(fourth)};
          for (size_t size = 1; size <= 4; ++size) {
            if (size < 4 && fourth != kEdges[0]) continue;
            const std::string_view text(bytes, size);
            differences += first_invalid(text) != naive_first_invalid(text);
          }
        }
      }
    }
  }
  CHECK_EQ(differences, 0);
}

void test_validator_on_random_strings() {
  Random random(1);
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    const uint32_t size = random.below(80);
    while (text.size() < size) {
      if (random.below(3) == 0) text += std::string(random.below(40), 'x');
      append_utf8(random.code_point(), &text);
    }
    CHECK_EQ(first_invalid(text), std::string_view::npos);
    if (text.empty()) continue;
    text[random.below(static_cast<uint32_t>(text.size()))] = static_cast<char>(random.below(256));
    CHECK_EQ(first_invalid(text), naive_first_invalid(text));
    text.resize(random.below(static_cast<uint32_t>(text.size()) + 1));
    CHECK_EQ(first_invalid(text), naive_first_invalid(text));
  }
}

void test_validator_at_every_offset() {
  for (size_t size = 1; size < 100; ++size) {
    for (size_t at = 0; at < size; ++at) {
      std::string text(size, 'a');
      text[at] = '\x80';
      CHECK_EQ(first_invalid(text), at);
    }
  }
  CHECK_EQ(first_invalid(std::string_view()), std::string_view::npos);
  CHECK_EQ(first_invalid("ab\xED\xA0\x80"), 2u);      // surrogate
  CHECK_EQ(first_invalid("ab\xC0\xAF"), 2u);          // overlong
  CHECK_EQ(first_invalid("ab\xF4\x90\x80\x80"), 2u);  // above U+10FFFF
  CHECK_EQ(first_invalid("\xC3\xA9\xE2\x82"), 2u);    // cut short
  CHECK_EQ(first_invalid(std::string("a\0b", 3)), std::string_view::npos);
}

void test_decode_every_code_point() {
  long differences = 0;
  for (uint32_t cp = 0; cp < kCodePoints; ++cp) {
    if (cp >= 0xD800 && cp < 0xE000) continue;
    std::string text = "\xC3\xA9";
    append_utf8(cp, &text);
    const auto* begin = reinterpret_cast<const uint8_t*>(text.data());
    const uint8_t* end = begin + text.size();
    uint32_t forward = 0;
    uint32_t backward = 0;
    differences += decode(begin + 2, end, &forward) != text.size() - 2 || forward != cp;
    differences += decode_before(begin, end, &backward) != text.size() - 2 || backward != cp;
  }
  CHECK_EQ(differences, 0);
}

// Whatever the bytes are, decoding stays inside (the sanitizers watch) and moves on.
void test_decode_invalid_text() {
  Random random(2);
  for (int round = 0; round < 20000; ++round) {
    std::vector<uint8_t> bytes(1 + random.below(5));
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random.below(256));
    const uint8_t* begin = bytes.data();
    const uint8_t* end = begin + bytes.size();
    uint32_t cp = 0;
    const size_t forward = decode(begin, end, &cp);
    CHECK(forward >= 1 && forward <= bytes.size());
    const size_t backward = decode_before(begin, end, &cp);
    CHECK(backward >= 1 && backward <= bytes.size());
  }
  const uint8_t cut[] = {0xF0, 0x9F, 0x98};
  uint32_t cp = 0;
  CHECK_EQ(decode(cut, cut + 3, &cp), 3u);
  CHECK_EQ(cp, kReplacementCharacter);
}

// Can more bytes make `start` one character? Tries the bytes at which the rules change.
bool naive_can_be_completed(const std::string& start) {
  if (naive_character(start) != 0 || start.size() == 4) return false;
  for (uint8_t next : kEdges) {
    const std::string longer = start + static_cast<char>(next);
    if (naive_character(longer) == longer.size() || naive_can_be_completed(longer)) return true;
  }
  return false;
}

size_t naive_incomplete_tail(const std::string& text) {
  for (size_t size = std::min<size_t>(3, text.size()); size > 0; --size) {
    const std::string tail = text.substr(text.size() - size);
    if (naive_character(tail) == 0 && naive_can_be_completed(tail)) return size;
  }
  return 0;
}

void test_incomplete_tail() {
  CHECK_EQ(incomplete_tail(""), 0u);
  CHECK_EQ(incomplete_tail("abc"), 0u);
  CHECK_EQ(incomplete_tail("a\xF0\x9F\x98"), 3u);
  CHECK_EQ(incomplete_tail("a\xF0\x9F\x98\x80"), 0u);
  CHECK_EQ(incomplete_tail("\xED\xA0"), 0u);  // would be a surrogate: no bytes can mend it
  Random random(3);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (uint32_t size = random.below(5); text.size() < size;) {
      text.push_back(
          static_cast<char>(random.below(4) == 0 ? random.below(256) : 0x80 + random.below(0x80)));
    }
    CHECK_EQ(incomplete_tail(text), naive_incomplete_tail(text));
  }
}

void check_counts(const std::string& text) {
  size_t chars = 0;
  size_t units = 0;
  for (size_t pos = 0; pos < text.size(); ++chars) {
    const size_t length = naive_character(std::string_view(text).substr(pos));
    units += length == 4 ? 2 : 1;
    pos += length;
  }
  CHECK_EQ(count_chars(text), chars);
  CHECK_EQ(count_utf16_units(text), units);
}

void test_counts() {
  Random random(4);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (uint32_t left = random.below(60); left > 0; --left) {
      append_utf8(random.code_point(), &text);
    }
    check_counts(text);
  }
  // Long enough to fill every lane of the word-wise sums, several times.
  for (const char* unit : {"x", "\xC3\xA9", "\xE4\xB8\xAD", "\xF0\x9F\x98\x80"}) {
    check_counts(repeat(unit, 5001));
  }
  CHECK_EQ(count_chars(std::string_view()), 0u);
}

void test_char_boundaries() {
  Random random(5);
  for (int round = 0; round < 500; ++round) {
    std::string text;
    std::vector<size_t> boundaries = {0};
    for (uint32_t left = random.below(20); left > 0; --left) {
      append_utf8(random.code_point(), &text);
      boundaries.push_back(text.size());
    }
    for (size_t pos = 0; pos <= text.size(); ++pos) {
      const auto next = std::lower_bound(boundaries.begin(), boundaries.end(), pos);
      CHECK_EQ(is_char_boundary(text, pos), *next == pos);
      CHECK_EQ(ceil_char(text, pos), *next);
      CHECK_EQ(floor_char(text, pos), *next == pos ? pos : *(next - 1));
    }
    CHECK(!is_char_boundary(text, text.size() + 1));
    CHECK_EQ(floor_char(text, text.size() + 9), text.size());
    CHECK_EQ(ceil_char(text, text.size() + 9), text.size());
  }
}

}  // namespace
}  // namespace tokenkit::test

int main() {
  using namespace tokenkit::test;
  test_class_counts();
  test_class_samples();
  test_class_helpers();
  test_validator_on_short_strings();
  test_validator_on_random_strings();
  test_validator_at_every_offset();
  test_decode_every_code_point();
  test_decode_invalid_text();
  test_incomplete_tail();
  test_counts();
  test_char_boundaries();
  return report("test_unicode");
}
