// The o200k family, one alternative after the other; U is [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}],
// L is [\p{Ll}\p{Lm}\p{Lo}\p{M}] and 'x is (?i:'s|'t|'re|'ve|'m|'ll|'d):
//   [^\r\n\p{L}\p{N}]?U*L+('x)?|[^\r\n\p{L}\p{N}]?U+L*('x)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*
//   |\s*[\r\n]+|\s+(?!\S)|\s+
#pragma once

#include "scan/family.hpp"
#include "scan/scan_util.hpp"
#include "scan/word_borders.hpp"

namespace tokenkit {
namespace {

inline constexpr uint32_t kBoth = bit(kLetter) | bit(kMark);  // in U and in L
constexpr uint32_t kUpperSet = bit(kUpper) | kBoth;
constexpr uint32_t kLowerSet = bit(kLower) | kBoth;

struct Word {
  size_t lower_end;  // where U*L+ ends, 0 if it does not match
  size_t upper_end;  // where U+L* ends, 0 if it does not match; known only if lower_end is 0
};

// U* takes all it can. If a lower-case letter follows, L+ takes over there; else U* gives back
// characters until L+ finds one that is in both sets, and that one is then the last of the word.
template <class Text>
Word match_word(const Text& t, size_t i) {
  RunState r = t.noted_run(i, kWordLoop, kUpperSet, kBoth);
  typename Text::Char c = t.at(r.end);
  if (c.mask & bit(kLower)) return {t.run(r.end + c.length, kLowerSet), 0};
  if (r.note) return {r.note, 0};
  return {0, r.end > i ? r.end : 0};
}

template <class Text>
size_t with_contraction(const Text& t, size_t end) {
  if (end < t.n && t.s[end] == '\'') {
    if (size_t tail = contraction_tail(t, end, true)) return end + 1 + tail;
  }
  return end;
}

struct O200kFamily : WordBorders {
  static constexpr Family kFamily = Family::kO200k;
  static constexpr size_t kLookAhead = kPatternLookAhead;

  struct Rules {
    static constexpr bool kSplitsCase = true;
    static constexpr bool kSuffixContraction = true;
    static constexpr bool kIgnoreCase = true;
    static constexpr bool kNewlineTail = true;
    static constexpr bool kSlashTail = true;
    static constexpr bool kAnyPrefix = true;
    static constexpr int kDigits = 3;
  };

  template <class Text>
  static size_t piece(const Text& t, size_t i) {
    typename Text::Char c = t.at(i);
    if (c.mask & kAnyLetter) {
      Word w = match_word(t, i);
      return with_contraction(t, w.lower_end ? w.lower_end : w.upper_end);
    }
    if (c.mask & bit(kNumber)) return t.up_to_numbers(3, i, c.length);
    if (!(c.mask & bit(kNewline))) {
      // One character before the word. A mark may also be its first letter: with an upper-case word
      // behind it, the first alternative matches the mark alone before the second one is tried.
      Word w = match_word(t, i + c.length);
      if (w.lower_end) return with_contraction(t, w.lower_end);
      if (c.mask & bit(kMark)) return with_contraction(t, match_word(t, i).lower_end);
      if (w.upper_end) return with_contraction(t, w.upper_end);
    }
    typename Text::Char next = t.s[i] == ' ' ? t.at(i + 1) : c;
    if (next.mask & kSymbol) {
      return t.slash_run(t.run(i + c.length, kSymbol));
    }
    RunState r = t.space_run(i);
    return r.note ? r.note : space_before_word(t, i, r);
  }

  static bool ends_clean(std::string_view text, size_t pos) {
    return text[pos] != '/' && static_cast<uint8_t>(text[pos]) < 0x80;
  }
};

}  // namespace
}  // namespace tokenkit
