// The o200k families, which split words by their case. That of o200k_base has these alternatives,
// one after the other; U is [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}], L is [\p{Ll}\p{Lm}\p{Lo}\p{M}] and 'x
// is
// (?i:'s|'t|'re|'ve|'m|'ll|'d):
//   [^\r\n\p{L}\p{N}]?U*L+('x)?|[^\r\n\p{L}\p{N}]?U+L*('x)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*
//   |\s*[\r\n]+|\s+(?!\S)|\s+
// That of Mistral (tekken) lacks the contractions 'x, and has \p{N} for \p{N}{1,3}. That of Kimi K2
// begins with \p{Han}+, has no Han characters in U and L, and [\r\n]* for [\r\n/]*.
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

template <Family family, int digits, bool contractions, bool slashes, bool han>
struct O200kShape : WordBorders {
  static constexpr Family kFamily = family;
  static constexpr size_t kLookAhead = kPatternLookAhead;
  static constexpr uint32_t kApart = han ? kHanBit : 0;  // no part of words

  struct Rules {
    static constexpr bool kSplitsCase = true;
    static constexpr bool kContractions = contractions;
    static constexpr bool kSuffixContraction = true;
    static constexpr bool kIgnoreCase = true;
    static constexpr bool kMarksInWords = false;
    static constexpr bool kNewlineTail = true;
    static constexpr bool kSlashTail = slashes;
    static constexpr bool kAnyPrefix = true;
    static constexpr int kDigits = digits;
    static constexpr bool kDigitsFirst = false;
    static constexpr bool kHanApart = han;
  };

  // U* takes all it can. If a lower-case letter follows, L+ takes over there; else U* gives back
  // characters until L+ finds one that is in both sets, and that one is then the last of the word.
  template <class Text>
  static Word match_word(const Text& t, size_t i) {
    RunState r = t.noted_run(i, kWordLoop, kUpperSet, kBoth, kApart);
    typename Text::Char c = t.at(r.end);
    if (c.mask & bit(kLower)) {
      return {t.run_in(r.end + c.length, kApartLoop | kLowerSet,
                       [](typename Text::Char next) {
                         return (next.mask & kLowerSet) && !(next.mask & kApart);
                       }),
              0};
    }
    if (r.note) return {r.note, 0};
    return {0, r.end > i ? r.end : 0};
  }

  template <class Text>
  static size_t with_contraction(const Text& t, size_t end) {
    if (contractions && end < t.n && t.s[end] == '\'') {
      if (size_t tail = contraction_tail(t, end, true)) return end + 1 + tail;
    }
    return end;
  }

  template <class Text>
  static size_t piece(const Text& t, size_t i) {
    typename Text::Char c = t.at(i);
    if (han && (c.mask & kHanBit)) return t.run(i + c.length, kHanBit);
    if (c.mask & kAnyLetter) {
      Word w = match_word(t, i);
      return with_contraction(t, w.lower_end ? w.lower_end : w.upper_end);
    }
    if (c.mask & bit(kNumber)) return t.up_to_numbers(digits, i, c.length);
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
      const size_t end = t.run(i + c.length, kSymbol);
      return slashes ? t.slash_run(end) : t.run(end, bit(kNewline));
    }
    RunState r = t.space_run(i);
    return r.note ? r.note : space_before_word(t, i, r);
  }

  static bool splits_at(Seen before, Seen after) {
    return WordBorders::splits_at(before, after) && !in_one_run(before, after);
  }
  static bool anchors_at(Seen before, Seen after) {
    return WordBorders::anchors_at(before, after) && !in_one_run(before, after);
  }
  // Radicals are symbols, and yet in a run of Han characters.
  static bool in_one_run(Seen before, Seen after) {
    return han && (char_traits(before.cp) & char_traits(after.cp) & kHan) != 0;
  }

  static bool ends_clean(std::string_view text, size_t pos) {
    return !(slashes && text[pos] == '/') && static_cast<uint8_t>(text[pos]) < 0x80;
  }
};

using O200kFamily = O200kShape<Family::kO200k, 3, true, true, false>;
using TekkenFamily = O200kShape<Family::kTekken, 1, false, true, false>;
using KimiFamily = O200kShape<Family::kKimi, 3, true, false, true>;

}  // namespace
}  // namespace tokenkit
