// Where pieces start in a block of 64 bytes.
//
// A block is loaded at a known piece start, so nothing is carried from one block to the next. Each
// class of characters becomes a 64-bit mask (bit i: byte i of the block), and the offsets where
// pieces start follow from the masks by shifts and additions: a start is decided by the character,
// the one before it, and for white space by its run. ASCII is classified with SIMD; a longer
// character is looked up, and all its bytes get the bits of its class, so "the bit before" is still
// the character before. Where a start depends on more than that (numbers and white space beyond
// ASCII, a run that reaches the end of the block), the offsets from there on are left to the next
// block or to the scalar scanner, against which every block rule is tested.
//
// For the kernel files only. Functions without state: any thread may call them.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "scan/scan_util.hpp"
#include "scan/wide_chars.hpp"

namespace tokenkit {
namespace {  // one copy per source file: they are compiled for different processors

struct BlockMasks {
  uint64_t upper, lower, digit;
  uint64_t blank;        // U+0020
  uint64_t newline;      // CR, LF
  uint64_t other_space;  // tab, vertical tab, form feed
  uint64_t apostrophe, slash, greater;
  uint64_t visible;  // U+0021 to U+007E
  uint64_t non_ascii;
};

// A family's Rules say how it differs from others on ASCII:
//   kSplitsCase         aB is two pieces;
//   kHanApart           with it: Han characters are in no word;
//   kMarksInWords       marks are letters;
//   kContractions       's is something else than a symbol before a word;
//   kSuffixContraction  it belongs to the word before it;
//   kIgnoreCase         of contractions;
//   kNewlineTail        line ends after symbols belong to them;
//   kSlashTail          so do slashes after these line ends;
//   kAnyPrefix          any symbol or space may precede a word; without it only U+0020 may, also
//                       before digits;
//   kDigits             so many make a piece; 0 if runs of digits are not split;
//   kDigitsFirst        digits are split off first: white space before them is not split;
//   kAsciiPrefix        with kAnyPrefix: symbols are [\p{P}\p{S}], and only one of ASCII may
//   precede a
//                       word, of ASCII letters; kana and Han characters are for the scalar scanner.
// Rules with kUnsplit have nothing else.

// What characters beyond ASCII add to a block.
struct Wide {
  unsigned end;    // bit of the first that is not for blocks to decide
  uint64_t both;   // letters without case and, after letters, marks
  uint64_t inner;  // bytes after the first of a character
};

constexpr uint64_t below(unsigned bit) {
  return bit >= 64 ? ~uint64_t{0} : (uint64_t{1} << bit) - 1;
}

template <class Rules>
constexpr bool kHanApart = requires { requires Rules::kHanApart; };
template <class Rules>
constexpr bool kAsciiPrefix = requires { requires Rules::kAsciiPrefix; };
template <class Rules>
constexpr bool kUnsplitRules = requires { requires Rules::kUnsplit; };

// Is a character beyond ASCII not for blocks to decide?
template <class Rules>
inline bool is_left(uint32_t cp, uint8_t traits) {
  constexpr uint32_t kLeave = bit(kNumber) | bit(kSpace);
  if (((1u << (traits & 7)) & kLeave) != 0) return true;
  if constexpr (kHanApart<Rules>) return (traits & kHan) != 0;
  if constexpr (kAsciiPrefix<Rules>) {
    return traits == kOther || (cp >= 0x3040 && cp <= 0x9FFF);
  }
  return false;
}

// Adds the characters beyond ASCII to the masks of their classes.
template <class Rules, class Simd>
[[gnu::always_inline]] inline Wide add_wide(const Scan<>& t, size_t pos, const uint8_t* block,
                                            unsigned size, BlockMasks& m) {
  uint64_t by_class[8] = {};
  constexpr bool kOneByOne = kHanApart<Rules> || kAsciiPrefix<Rules>;
  uint64_t first = 0;
  if constexpr (!kOneByOne) first = add_wide_chars<Simd>(block, by_class);
  unsigned end = size;
  uint64_t left = m.non_ascii;
  for (const uint64_t bits : by_class) left &= ~bits;
  while (left != 0) {
    const unsigned i = static_cast<unsigned>(std::countr_zero(left));
    uint32_t cp;
    const unsigned length = static_cast<unsigned>(decode(t.s + pos + i, t.s + t.n, &cp));
    const uint8_t traits = char_traits(cp);
    const auto c = static_cast<CharClass>(traits & 7);
    if (i + length > 64 || is_left<Rules>(cp, traits)) {
      end = i;
      break;
    }
    const uint64_t bits = ((uint64_t{1} << length) - 1) << i;
    by_class[c] |= bits;
    first |= uint64_t{1} << i;
    left &= ~bits;
  }
  uint64_t both = by_class[kLetter];
  m.upper |= by_class[kUpper];
  m.lower |= by_class[kLower];
  if constexpr (Rules::kMarksInWords) both |= by_class[kMark];
  if constexpr (Rules::kSplitsCase) {
    const uint64_t marks = by_class[kMark];
    both |= marks;
    // A mark that follows no letter may be the prefix of a word, a word, or a symbol.
    const uint64_t lone = marks & ~((m.upper | m.lower | both) << 1);
    if (lone != 0) end = std::min(end, static_cast<unsigned>(std::countr_zero(lone)));
    // Whether a capital goes on with the word depends on what follows it.
    const uint64_t capital = m.upper & (both << 1);
    if (capital != 0) end = std::min(end, static_cast<unsigned>(std::countr_zero(capital)));
  }
  return {end, both, m.non_ascii & ~first};
}

// The classes of the characters of a block, as far as blocks decide on them.
struct BlockClasses {
  uint64_t letter, digit, newline, blank, symbol;
  uint64_t space;  // white space that no symbol takes along, line ends included
};

// Adding the first bit of a run to the run carries through it and clears it: the line ends that the
// symbols before them take along. Lowers *certain to a slash that might be taken along, too.
template <class Rules>
inline uint64_t newline_tail(uint64_t newline, uint64_t symbol, uint64_t slash, unsigned* certain) {
  if constexpr (!Rules::kNewlineTail) return 0;
  const uint64_t tail = newline & ~(newline + (newline & (symbol << 1)));
  if constexpr (Rules::kSlashTail) {
    const uint64_t slash_after = slash & symbol & (tail << 1);
    if (slash_after != 0) *certain = static_cast<unsigned>(std::countr_zero(slash_after));
  }
  return tail;
}

// The starts in white space: a run starts a piece; so does its last character, which goes with
// what follows, and what comes after its last line end. Lowers *certain to the start of a run that
// reaches `end`.
template <class Rules>
inline uint64_t space_starts(const BlockClasses& c, unsigned end, unsigned* certain) {
  const uint64_t run_first = c.space & ~(c.space << 1);
  const uint64_t run_last = c.space & ~(c.space >> 1);
  uint64_t starts;
  if constexpr (Rules::kAnyPrefix) {
    const uint64_t plain = c.space & ~c.newline;
    const uint64_t after_newline = plain & ((c.newline & c.space) << 1);
    // The bit behind each run of plain space that follows a line end: if another line end is
    // there, the run goes on, and no piece starts in it.
    const uint64_t last = Rules::kDigitsFirst ? run_last & ~(c.digit >> 1) : run_last;
    starts = run_first | (last & plain) | after_newline;
    uint64_t again = (plain + after_newline) & ~plain & c.newline & c.space;
    for (; again != 0; again &= again - 1) {
      const uint64_t before = after_newline & below(static_cast<unsigned>(std::countr_zero(again)));
      starts &= ~std::bit_floor(before);
    }
  } else {
    starts = run_first | (Rules::kDigitsFirst ? run_last & ~(c.digit >> 1) : run_last);
  }
  if (end != 0 && (c.space >> (end - 1) & 1) != 0) {
    const unsigned first = 64 - static_cast<unsigned>(std::countl_zero(run_first));
    if (first < *certain) *certain = first;
  }
  return starts;
}

// The starts at digits: each run, and every third of a run if numbers have at most three; or all.
template <class Rules>
inline uint64_t digit_starts(const BlockClasses& c) {
  if constexpr (Rules::kDigits == 1) return c.digit;
  if constexpr (Rules::kDigitsFirst && Rules::kDigits == 0) return c.digit & ~(c.digit << 1);
  if constexpr (!Rules::kAnyPrefix) return c.digit & ~(c.digit << 1) & ~(c.blank << 1);
  uint64_t starts = c.digit & ~(c.digit << 1);
  const uint64_t threes = c.digit & (c.digit << 1) & (c.digit << 2);
  if ((threes & (c.digit << 3)) != 0) {
    for (uint64_t group = starts; (group = (group << 3) & threes) != 0;) starts |= group;
  }
  return starts;
}

struct Contractions {
  uint64_t after;   // bits behind them, where a piece starts
  uint64_t inside;  // bits in them, where none does
};

// The contractions, one by one: they are rare, and one decides about the next. Where they belong to
// the word before them, their apostrophes leave *symbol_start.
template <class Rules>
inline Contractions contractions(const Scan<>& t, size_t pos, uint64_t apostrophe,
                                 const BlockClasses& c, uint64_t* symbol_start) {
  Contractions out{0, 0};
  if constexpr (!Rules::kContractions) return out;
  const uint64_t candidates = Rules::kSuffixContraction ? (c.letter << 1) : *symbol_start;
  for (uint64_t left = apostrophe & c.symbol & candidates; left != 0; left &= left - 1) {
    const unsigned i = static_cast<unsigned>(std::countr_zero(left));
    if (Rules::kSuffixContraction && (out.after >> i & 1) != 0) continue;
    const unsigned length =
        static_cast<unsigned>(contraction_tail(t, pos + i, Rules::kIgnoreCase)) + 1;
    if (length == 1) continue;
    out.inside |= below(i + length) & ~below(i + 1);
    if constexpr (Rules::kSuffixContraction) *symbol_start &= ~(uint64_t{1} << i);
    if (i + length < 64) out.after |= uint64_t{1} << (i + length);
  }
  return out;
}

// The starts at letters, where no contraction is. A letter after a symbol starts a piece unless the
// symbol is its prefix.
template <class Rules>
inline uint64_t letter_starts(const BlockClasses& c, const BlockMasks& m, const Wide& wide,
                              uint64_t symbol_start) {
  if constexpr (!Rules::kAnyPrefix) {
    const uint64_t first = c.letter & ~(c.letter << 1) & ~(c.blank << 1) & ~(c.symbol << 1);
    return first | (c.letter & (c.symbol << 1));
  }
  uint64_t starts = c.letter & ((c.newline << 1) | (c.digit << 1));
  if constexpr (Rules::kSplitsCase) starts |= m.upper & (m.lower << 1);
  if constexpr (kAsciiPrefix<Rules>) {
    const uint64_t ascii = c.letter & ~m.non_ascii;
    const uint64_t joined = ascii & ((symbol_start & ~m.non_ascii) << 1);
    // Behind the letters of ASCII that follow such a prefix another word begins.
    const uint64_t behind = (ascii + joined) & ~ascii & c.letter;
    return starts | (c.letter & (c.symbol << 1) & ~joined) | behind;
  }
  // The prefix with all its bytes, if it has several.
  const uint64_t inner = wide.inner & ~(wide.inner + (wide.inner & (symbol_start << 1)));
  return starts | (c.letter & (c.symbol << 1) & ~((symbol_start | inner) << 1));
}

// Piece starts in a block: those below bit `certain`. Bit 0, where the block begins, is not among
// them.
struct BlockStarts {
  uint64_t bits;
  unsigned certain;
};

// The piece starts of block_starts(), of a pattern.
template <class Rules, class Simd>
[[gnu::always_inline]] inline BlockStarts pattern_starts(const Scan<>& t, size_t pos,
                                                         const uint8_t* block, unsigned size,
                                                         BlockMasks m) {
  Wide wide = m.non_ascii == 0 ? Wide{size, 0, 0} : add_wide<Rules, Simd>(t, pos, block, size, m);
  if constexpr (kAsciiPrefix<Rules>) {
    const uint64_t known = m.visible | m.blank | m.newline | m.other_space | m.non_ascii;
    const uint64_t controls = ~known & below(wide.end);
    if (controls != 0) wide.end = static_cast<unsigned>(std::countr_zero(controls));
  }
  const uint64_t seen = below(wide.end);
  unsigned certain = wide.end;  // starts below this bit are certain
  BlockClasses c;
  c.letter = (m.upper | m.lower | wide.both) & seen;
  c.digit = m.digit & seen;
  c.newline = m.newline & seen;
  c.blank = m.blank & seen;
  c.symbol = seen & ~(c.letter | c.digit | c.newline | c.blank | m.other_space);
  const uint64_t tail = newline_tail<Rules>(c.newline, c.symbol, m.slash, &certain);
  c.space = (c.newline & ~tail) | c.blank | (m.other_space & seen);
  uint64_t starts = space_starts<Rules>(c, wide.end, &certain) | digit_starts<Rules>(c);
  uint64_t symbol_start = c.symbol & ~(c.symbol << 1) & ~(c.blank << 1);
  const Contractions parts = contractions<Rules>(t, pos, m.apostrophe, c, &symbol_start);
  const uint64_t letter_start = letter_starts<Rules>(c, m, wide, symbol_start);
  starts |= symbol_start | (letter_start & ~parts.inside) | parts.after;
  return {starts & below(certain) & ~uint64_t{1}, certain};
}

// The piece starts in the block at t.s[pos], itself a piece start, as far as they are certain. The
// block holds `size` bytes of the text, then zeros.
template <class Rules, class Simd>
[[gnu::always_inline]] inline BlockStarts block_starts(const Scan<>& t, size_t pos,
                                                       const uint8_t* block, unsigned size,
                                                       BlockMasks m) {
  if constexpr (kUnsplitRules<Rules>) {
    return {m.blank & ~((m.blank | m.greater) << 1) & ~uint64_t{1}, size};
  } else {
    return pattern_starts<Rules, Simd>(t, pos, block, size, m);
  }
}

}  // namespace
}  // namespace tokenkit
