// The cl100k families. The one of cl100k_base has these alternatives, one after the other:
//   '(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+
//   |\s++$|\s*[\r\n]|\s+(?!\S)|\s
// The spelling of Llama 3 and GLM 4, as well as Qwen's, which has \p{N} for \p{N}{1,3}, lack the
// alternative \s++$:
//   (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*
//   |\s*[\r\n]+|\s+(?!\S)|\s+
// Qwen 3.5 has [\p{L}\p{M}]+ for \p{L}+ and [^\s\p{L}\p{M}\p{N}]+ for [^\s\p{L}\p{N}]+: marks are
// letters there. (One before a word may be its prefix, too, which comes to the same.)
#pragma once

#include "scan/family.hpp"
#include "scan/scan_util.hpp"
#include "scan/word_borders.hpp"

namespace tokenkit {
namespace {

// `digits` of a number make a piece; `whole_end`: white space at the end of the text is one piece;
// `marks`: they are letters.
template <Family family, int digits, bool whole_end, bool marks = false>
struct Cl100kShape : WordBorders {
  static constexpr Family kFamily = family;
  static constexpr size_t kLookAhead = kPatternLookAhead;
  static constexpr uint32_t kInWords = kAnyLetter | (marks ? bit(kMark) : 0);
  static constexpr uint32_t kSymbols = bit(kOther) | (marks ? 0 : bit(kMark));

  struct Rules {
    static constexpr bool kSplitsCase = false;
    static constexpr bool kContractions = true;
    static constexpr bool kSuffixContraction = false;
    static constexpr bool kIgnoreCase = true;
    static constexpr bool kMarksInWords = marks;
    static constexpr bool kNewlineTail = true;
    static constexpr bool kSlashTail = false;
    static constexpr bool kAnyPrefix = true;
    static constexpr int kDigits = digits;
    static constexpr bool kDigitsFirst = false;
  };

  template <class Text>
  static size_t piece(const Text& t, size_t i) {
    typename Text::Char c = t.at(i);
    if (c.mask & kInWords) return t.run(i + c.length, kInWords);
    if (c.mask & bit(kNumber)) return t.up_to_numbers(digits, i, c.length);
    if (t.s[i] == '\'') {
      if (size_t tail = contraction_tail(t, i, true)) return i + 1 + tail;
    }
    typename Text::Char next = t.at(i + c.length);
    if (!(c.mask & bit(kNewline)) && (next.mask & kInWords)) {
      return t.run(i + c.length + next.length, kInWords);
    }
    if ((c.mask & kSymbols) || (t.s[i] == ' ' && (next.mask & kSymbols))) {
      return t.run(t.run(i + c.length, kSymbols), bit(kNewline));
    }
    RunState r = t.space_run(i);
    if (whole_end && r.end == t.n) return r.end;
    if (r.note) return r.note;
    return space_before_word(t, i, r);
  }

  static bool ends_clean(std::string_view text, size_t pos) {
    return static_cast<uint8_t>(text[pos]) < 0x80;
  }
};

using Cl100kFamily = Cl100kShape<Family::kCl100k, 3, true>;
using Cl100k1Family = Cl100kShape<Family::kCl100k1, 1, false>;
using Cl100k3Family = Cl100kShape<Family::kCl100k3, 3, false>;
using MarksFamily = Cl100kShape<Family::kMarks, 1, false, true>;

}  // namespace
}  // namespace tokenkit
