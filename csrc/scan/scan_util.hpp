// What the scalar scanners share: a cursor over classified characters, and the rules of white
// space.
//
// A Scan borrows its text, valid UTF-8, and belongs to one call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "base/bytes.hpp"
#include "text/unicode.hpp"
#include "text/utf8.hpp"

namespace tokenkit {

// What a long loop of the scanners knows when it stops: how far it came, and what it noted.
struct RunState {
  size_t end;
  size_t note;  // words: end of the last letter of both sets; white space: end of the last newline
  size_t last;  // white space: start of the last character; a loop to a cut: the last byte
};

namespace {  // one copy per source file: some are compiled for newer processors

// A set of character classes as a bit mask.
constexpr uint32_t bit(CharClass c) { return 1u << c; }
constexpr uint32_t kAnyLetter = bit(kUpper) | bit(kLower) | bit(kLetter);
constexpr uint32_t kAnySpace = bit(kSpace) | bit(kNewline);
constexpr uint32_t kSymbol = bit(kOther) | bit(kMark);  // [^\s\p{L}\p{N}]
constexpr uint32_t kNothing = 1u << 8;                  // stands for the end of the text
constexpr uint32_t kSignBit = 1u << 9;                  // [\p{P}\p{S}], beside the class
constexpr uint32_t kHanBit = 1u << 10;                  // \p{Han}, beside the class

// The bits of a character of these traits (unicode.hpp).
constexpr uint32_t mask_of(uint8_t traits) {
  static_assert(kSign == 8 && kHan == 16);
  return 1u << (traits & 7) | static_cast<uint32_t>(traits >> 3) << 9;
}

// What `piece` looks at past the end of the next piece, at most, in the patterns so far: a run of
// white space belongs to two pieces and one character, a word of capitals that turns out to be a
// second piece is followed by one character, and a contraction needs three bytes.
constexpr size_t kPatternLookAhead = 8;

constexpr bool is_ascii_space(uint8_t c) { return c == ' ' || (c >= 9 && c <= 13); }

// Loops that differ by more than the set of classes they accept.
constexpr uint32_t kWordLoop = 1u << 16;
constexpr uint32_t kSpaceLoop = 1u << 17;
constexpr uint32_t kSlashLoop = 1u << 18;
constexpr uint32_t kCutLoop = 1u << 19;
constexpr uint32_t kGapLoop = 1u << 20;
constexpr uint32_t kApartLoop = 1u << 21;  // with a set: as that, but for some characters

// Scanning a text at hand needs no memory of earlier loops; counter.cpp has one that does.
struct NoMemo {
  bool resume(size_t, uint32_t, RunState*) const { return false; }
  void save(size_t, uint32_t, const RunState&) const {}
};

// Reads the character at i of bytes that go on to n.
inline size_t decode_at(const uint8_t* s, size_t i, size_t n, uint32_t* cp) {
  return decode(s + i, s + n, cp);
}

// A read-only view of valid UTF-8 that answers "which class is the character at i". `Bytes` may be
// anything with operator[] and decode_at: a stream counter does not hold all of its text.
template <class Memo = NoMemo, class Bytes = const uint8_t*>
struct Scan {
  Bytes s;
  size_t n;
  Memo memo;

  explicit Scan(std::string_view text, Memo kept = Memo())
      : Scan(reinterpret_cast<const uint8_t*>(text.data()), text.size(), kept) {}
  Scan(Bytes bytes, size_t size, Memo kept) : s(bytes), n(size), memo(kept) {}

  struct Char {
    uint32_t mask;    // one class bit and those beside it, or kNothing at the end
    uint32_t length;  // bytes
  };

  [[gnu::always_inline]] Char at(size_t i) const {
    if (i >= n) return {kNothing, 0};
    if (s[i] < 0x80) return {mask_of(kAsciiTraits[s[i]]), 1};
    uint32_t cp;
    uint32_t length = static_cast<uint32_t>(decode_at(s, i, n, &cp));
    return {mask_of(char_traits(cp)), length};
  }

  // End of the run of characters of the classes in `set` that starts at i.
  size_t run(size_t i, uint32_t set) const {
    return run_in(i, set, [set](Char c) { return (c.mask & set) != 0; });
  }

  // End of the run of characters that starts at i, for which in(character) or in(character, its
  // offset) is true. `loop` tells such runs from all others.
  template <class In>
  size_t run_in(size_t i, uint32_t loop, const In& in) const {
    constexpr bool kAnywhere = std::is_invocable_v<const In&, Char>;
    RunState r{i, 0, 0};
    memo.resume(i, loop, &r);
    for (;;) {
      Char c = at(r.end);
      if constexpr (kAnywhere) {
        if (!in(c)) break;
      } else {
        if (!in(c, r.end)) break;
      }
      r.end += c.length;
      if constexpr (kAnywhere) r.end = after_same(r.end, c.length);
    }
    memo.save(i, loop, r);
    return r.end;
  }

  // End of [\r\n/]* at i.
  size_t slash_run(size_t i) const {
    RunState r{i, 0, 0};
    memo.resume(i, kSlashLoop, &r);
    while (r.end < n && (s[r.end] == '\r' || s[r.end] == '\n' || s[r.end] == '/')) ++r.end;
    memo.save(i, kSlashLoop, r);
    return r.end;
  }

  // The first byte behind i that is to be cut from the one before it, or n.
  template <class Cuts>
  size_t run_to(size_t i, const Cuts& cuts) const {
    RunState r{i + 1, 0, s[i]};
    memo.resume(i, kCutLoop, &r);
    while (r.end < n) {
      const uint8_t byte = s[r.end];
      if (cuts(static_cast<uint8_t>(r.last), byte)) break;
      r.last = byte;
      ++r.end;
    }
    memo.save(i, kCutLoop, r);
    return r.end;
  }

  // The run of characters of `set` at i, but of none of `unless`, and where its last character of
  // `noted` ends (0 if none).
  RunState noted_run(size_t i, uint32_t loop, uint32_t set, uint32_t noted,
                     uint32_t unless = 0) const {
    RunState r{i, 0, i};
    memo.resume(i, loop, &r);
    for (;;) {
      Char c = at(r.end);
      if (!(c.mask & set) || (c.mask & unless)) break;
      r.last = r.end;
      r.end += c.length;
      const size_t end = after_same(r.end, c.length);
      r.last += end - r.end;
      r.end = end;
      if (c.mask & noted) r.note = r.end;
    }
    memo.save(i, loop, r);
    return r;
  }

  // The white space at i; `note` is the end of its last CR or LF.
  RunState space_run(size_t i) const { return noted_run(i, kSpaceLoop, kAnySpace, bit(kNewline)); }

  // An offset in the run of the character of `length` bytes before i, or i: long runs are often of
  // one character.
  size_t after_same(size_t i, size_t length) const {
    if constexpr (std::is_pointer_v<Bytes>) {
      const size_t step = length == 3 ? 6 : 8;  // whole characters
      while (n - i >= 8 && load64(s + i) == load64(s + i - length)) i += step;
    }
    return i;
  }

  // \p{N}{1,most}, the first number being already seen at i with `length` bytes.
  size_t up_to_numbers(int most, size_t i, uint32_t length) const {
    size_t end = i + length;
    for (int k = 1; k < most; ++k) {
      Char c = at(end);
      if (!(c.mask & bit(kNumber))) break;
      end += c.length;
    }
    return end;
  }
};

// \s+(?!\S)|\s : all of the run at the end of the text, else all but its last character, which
// belongs to what follows; a run of one character stands alone.
template <class Text>
size_t space_before_word(const Text& t, size_t i, const RunState& r) {
  return r.end == t.n || r.last == i ? r.end : r.last;
}

// Bytes of the letters of 's 't 'd 'm 'll 've 're after an apostrophe at i, 0 if there is none.
// Under (?i), U+017F (long s) folds to s; no other character folds to one of these letters.
template <class Text>
size_t contraction_tail(const Text& t, size_t i, bool ignore_case) {
  auto letter = [&](size_t k) -> uint8_t {
    if (k >= t.n) return 0;
    uint8_t c = t.s[k];
    return ignore_case && c >= 'A' && c <= 'Z' ? c | 0x20 : c;
  };
  uint8_t a = letter(i + 1);
  if (a == 's' || a == 't' || a == 'd' || a == 'm') return 1;
  uint8_t b = letter(i + 2);
  if ((a == 'l' && b == 'l') || ((a == 'v' || a == 'r') && b == 'e')) return 2;
  if (ignore_case && a == 0xC5 && i + 2 < t.n && t.s[i + 2] == 0xBF) return 2;
  return 0;
}

// Drives a family's Next, whose piece(t, i) is the end of the piece that starts at i.
template <class Next>
size_t scan_with(std::string_view text, size_t pos, size_t* ends, size_t capacity) {
  Scan<> t(text);
  size_t count = 0;
  while (count < capacity && pos < t.n) {
    pos = Next::piece(t, pos);
    ends[count++] = pos;
  }
  return count;
}

}  // namespace
}  // namespace tokenkit
