// The gpt2 families. The one of gpt2 has these alternatives, one after the other:
//   '(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s
// Others split off each \p{N}, or \p{N}+, first, and match the same pattern in what is between.
#pragma once

#include "scan/family.hpp"
#include "scan/scan_util.hpp"
#include "scan/word_borders.hpp"

namespace tokenkit {
namespace {

// Whether numbers are split off first, and of how many digits; 0: of any number.
template <Family family, bool first, int digits>
struct Gpt2Shape : WordBorders {
  static constexpr Family kFamily = family;
  static constexpr size_t kLookAhead = kPatternLookAhead;

  struct Rules {
    static constexpr bool kSplitsCase = false;
    static constexpr bool kContractions = true;
    static constexpr bool kSuffixContraction = false;
    static constexpr bool kIgnoreCase = false;
    static constexpr bool kMarksInWords = false;
    static constexpr bool kNewlineTail = false;
    static constexpr bool kSlashTail = false;
    static constexpr bool kAnyPrefix = false;
    static constexpr int kDigits = digits;
    static constexpr bool kDigitsFirst = first;
  };

  template <class Text>
  static size_t piece(const Text& t, size_t i) {
    if (t.s[i] == '\'') {
      if (size_t tail = contraction_tail(t, i, false)) return i + 1 + tail;
    }
    if constexpr (first) {
      const typename Text::Char c = t.at(i);
      if (c.mask & bit(kNumber)) {
        return digits == 0 ? t.run(i + c.length, bit(kNumber))
                           : t.up_to_numbers(digits, i, c.length);
      }
    }
    size_t start = i + (t.s[i] == ' ');
    typename Text::Char c = t.at(start);
    for (uint32_t set : {kAnyLetter, bit(kNumber), kSymbol}) {
      if (first && set == bit(kNumber)) continue;
      if (c.mask & set) return t.run(start + c.length, set);
    }
    const RunState r = t.space_run(i);
    // What is between numbers is matched as if it were all of the text.
    if (first && (t.at(r.end).mask & bit(kNumber))) return r.end;
    return space_before_word(t, i, r);
  }

  // The last of several white space characters is a piece of its own.
  static bool ends_clean(std::string_view text, size_t pos) {
    const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
    return pos >= 2 && byte(pos - 2) < 0x80 && !is_ascii_space(byte(pos - 2)) && byte(pos) < 0x80 &&
           !is_ascii_space(byte(pos));
  }
};

using Gpt2Family = Gpt2Shape<Family::kGpt2, false, 0>;
using Gpt21Family = Gpt2Shape<Family::kGpt21, true, 1>;
using Gpt2RunsFamily = Gpt2Shape<Family::kGpt2Runs, true, 0>;

}  // namespace
}  // namespace tokenkit
