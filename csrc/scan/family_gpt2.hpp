// The gpt2 family, one alternative after the other:
//   '(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s
#pragma once

#include "scan/family.hpp"
#include "scan/scan_util.hpp"
#include "scan/word_borders.hpp"

namespace tokenkit {
namespace {

struct Gpt2Family : WordBorders {
  static constexpr Family kFamily = Family::kGpt2;
  static constexpr size_t kLookAhead = kPatternLookAhead;

  struct Rules {
    static constexpr bool kSplitsCase = false;
    static constexpr bool kSuffixContraction = false;
    static constexpr bool kIgnoreCase = false;
    static constexpr bool kNewlineTail = false;
    static constexpr bool kSlashTail = false;
    static constexpr bool kAnyPrefix = false;
    static constexpr int kDigits = 0;
  };

  template <class Text>
  static size_t piece(const Text& t, size_t i) {
    if (t.s[i] == '\'') {
      if (size_t tail = contraction_tail(t, i, false)) return i + 1 + tail;
    }
    size_t start = i + (t.s[i] == ' ');
    typename Text::Char c = t.at(start);
    for (uint32_t set : {kAnyLetter, bit(kNumber), kSymbol}) {
      if (c.mask & set) return t.run(start + c.length, set);
    }
    return space_before_word(t, i, t.space_run(i));
  }

  // The last of several white space characters is a piece of its own.
  static bool ends_clean(std::string_view text, size_t pos) {
    const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
    return pos >= 2 && byte(pos - 2) < 0x80 && !is_ascii_space(byte(pos - 2)) && byte(pos) < 0x80 &&
           !is_ascii_space(byte(pos));
  }
};

}  // namespace
}  // namespace tokenkit
