// Punctuation that ends something: sentences, clauses, quotations and brackets.
//
// One function without state. The lists are ours, from the characters' names and use in Unicode
// 16.0.0.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace tokenkit {

enum class Mark : uint8_t { kNone, kSentence, kClause, kCloser };

constexpr char32_t kSentenceMarks[] = {
    U'.',   U'!',   U'?',
    0x061F,                                  // Arabic question mark
    0x06D4,                                  // Urdu full stop
    0x0964, 0x0965,                          // danda, double danda
    0x0F0D, 0x0F0E,                          // Tibetan shad
    0x104B,                                  // Myanmar
    0x1362, 0x1367,                          // Ethiopic
    0x17D4, 0x17D5,                          // Khmer
    0x2026,                                  // horizontal ellipsis
    0x203C, 0x203D, 0x2047, 0x2048, 0x2049,  // two marks in one
    0x3002,                                  // ideographic full stop
    0xFF01, 0xFF0E, 0xFF1F, 0xFF61,          // full-width and half-width forms
};
constexpr char32_t kClauseMarks[] = {
    U',',   U';',   U':',   0x060C, 0x061B,  // Arabic comma, semicolon
    0x104A,                                  // Myanmar
    0x1363, 0x1364,                          // Ethiopic
    0x2013, 0x2014,                          // dashes
    0x3001,                                  // ideographic comma
    0xFF0C, 0xFF1A, 0xFF1B, 0xFF64,          // full-width and half-width forms
};
constexpr char32_t kClosers[] = {
    U'"',   U'\'',  U')',   U']',   U'}',   U'*',
    U'_',   0x00BB, 0x2019, 0x201D, 0x203A,          // quotation marks
    0x3009, 0x300B, 0x300D, 0x300F, 0x3011, 0x3015,  // CJK brackets
    0xFF09, 0xFF3D, 0xFF5D, 0xFF63,                  // full-width and half-width forms
};

constexpr bool is_wide_mark(char32_t c) { return c >= 128; }

// Calls note(character, mark) for every one of them.
template <class Note>
constexpr void each_mark(const Note& note) {
  for (char32_t c : kSentenceMarks) note(c, Mark::kSentence);
  for (char32_t c : kClauseMarks) note(c, Mark::kClause);
  for (char32_t c : kClosers) note(c, Mark::kCloser);
}

// Those of ASCII, by byte.
inline constexpr auto kAsciiMarks = [] {
  std::array<Mark, 128> marks{};
  each_mark([&](char32_t c, Mark mark) {
    if (!is_wide_mark(c)) marks[c] = mark;
  });
  return marks;
}();

struct WideMark {
  char32_t c;
  Mark mark;
};

inline constexpr size_t kWideMarkCount = [] {
  size_t n = 0;
  each_mark([&](char32_t c, Mark) { n += is_wide_mark(c); });
  return n;
}();

// The others, in order.
inline constexpr auto kWideMarks = [] {
  std::array<WideMark, kWideMarkCount> marks{};
  size_t n = 0;
  each_mark([&](char32_t c, Mark mark) {
    if (is_wide_mark(c)) marks[n++] = {c, mark};
  });
  std::sort(marks.begin(), marks.end(), [](WideMark a, WideMark b) { return a.c < b.c; });
  return marks;
}();

// What the character says about the text before it.
inline Mark mark_of(uint32_t cp) {
  if (cp < 128) return kAsciiMarks[cp];
  const auto at = std::lower_bound(kWideMarks.begin(), kWideMarks.end(), cp,
                                   [](const WideMark& m, uint32_t c) { return m.c < c; });
  return at != kWideMarks.end() && at->c == cp ? at->mark : Mark::kNone;
}

}  // namespace tokenkit
