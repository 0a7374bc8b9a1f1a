// The family of DeepSeek V3: three patterns, each of which splits the pieces of the one before.
//   \p{N}{1,3}
//   [\u4E00-\u9FA5\u3040-\u30FF]+
//   [!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+
//   | ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
// So kana and Chinese characters are matched by the last pattern as well, but apart from other
// text. What is between matches is a piece, too: no alternative takes a control or format character
// that stands before none of [\p{L}\p{M}].
#pragma once

#include "scan/family.hpp"
#include "scan/scan_util.hpp"
#include "scan/word_borders.hpp"

namespace tokenkit {
namespace {

struct DeepSeekFamily : WordBorders {
  static constexpr Family kFamily = Family::kDeepSeek;
  static constexpr size_t kLookAhead = kPatternLookAhead;

  struct Rules {
    static constexpr bool kSplitsCase = false;
    static constexpr bool kContractions = false;
    static constexpr bool kSuffixContraction = false;
    static constexpr bool kIgnoreCase = false;
    static constexpr bool kMarksInWords = true;
    static constexpr bool kNewlineTail = true;
    static constexpr bool kSlashTail = false;
    static constexpr bool kAnyPrefix = true;
    static constexpr int kDigits = 3;
    static constexpr bool kDigitsFirst = true;
    static constexpr bool kAsciiPrefix = true;
  };

  static constexpr uint32_t kInWords = kAnyLetter | bit(kMark);
  static constexpr uint32_t kInGaps = bit(kOther);  // without kSignBit

  // Hiragana, katakana and most Chinese characters.
  static bool is_kana_or_han(uint32_t cp) {
    return (cp >= 0x4E00 && cp <= 0x9FA5) || (cp >= 0x3040 && cp <= 0x30FF);
  }

  template <class Text>
  static bool in_middle_split(const Text& t, size_t i) {
    if (i >= t.n || t.s[i] < 0xE3 || t.s[i] > 0xE9) return false;
    uint32_t cp;
    decode_at(t.s, i, t.n, &cp);
    return is_kana_or_han(cp);
  }

  // The run of characters of `set` at i, which are all in the middle split, or all outside.
  template <class Text>
  static size_t run(const Text& t, size_t i, uint32_t set, bool inside) {
    return t.run_in(i, kApartLoop | set, [&](typename Text::Char c, size_t at) {
      return (c.mask & set) && in_middle_split(t, at) == inside;
    });
  }

  // Does the text of the last pattern go on at i with one of the set?
  template <class Text>
  static bool goes_on(const Text& t, size_t i, uint32_t set, bool inside) {
    return (t.at(i).mask & set) && in_middle_split(t, i) == inside;
  }

  static bool is_ascii_letter(uint8_t byte) { return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z'; }

  template <class Text>
  static size_t ascii_letters(const Text& t, size_t i) {
    return t.run_in(i, kApartLoop | bit(kUpper), [&](typename Text::Char, size_t at) {
      return at < t.n && is_ascii_letter(t.s[at]);
    });
  }

  template <class Text>
  static size_t piece(const Text& t, size_t i) {
    const typename Text::Char c = t.at(i);
    if (c.mask & bit(kNumber)) return t.up_to_numbers(3, i, c.length);
    const bool inside = in_middle_split(t, i);
    if (c.mask & kInWords) return run(t, i, kInWords, inside);
    const size_t next = i + c.length;
    if (c.mask & kSignBit) {
      if (c.length == 1 && next < t.n && is_ascii_letter(t.s[next])) return ascii_letters(t, next);
      const size_t end = run(t, next, kSignBit, inside);
      return inside ? end : t.run(end, bit(kNewline));
    }
    if (!(c.mask & bit(kNewline)) && goes_on(t, next, kInWords, inside)) {
      return run(t, next, kInWords, inside);
    }
    if (t.s[i] == ' ' && goes_on(t, next, kSignBit, false)) {
      return t.run(run(t, next, kSignBit, false), bit(kNewline));
    }
    if (!(c.mask & kAnySpace)) return gap(t, i, inside);
    const RunState r = t.space_run(i);
    if (r.note) return r.note;
    // What is between two splits is matched as if it were all of the text.
    if ((t.at(r.end).mask & bit(kNumber)) || in_middle_split(t, r.end)) return r.end;
    return space_before_word(t, i, r);
  }

  // Characters that no alternative takes. The last of them belongs to a word behind it.
  template <class Text>
  static size_t gap(const Text& t, size_t i, bool inside) {
    RunState r{i, 0, i};
    t.memo.resume(i, kGapLoop, &r);
    for (;;) {
      const typename Text::Char c = t.at(r.end);
      if (!(c.mask & kInGaps) || (c.mask & kSignBit)) break;
      if (in_middle_split(t, r.end) != inside) break;
      r.last = r.end;
      r.end += c.length;
    }
    t.memo.save(i, kGapLoop, r);
    return r.last > i && goes_on(t, r.end, kInWords, inside) ? r.last : r.end;
  }

  static bool ends_clean(std::string_view text, size_t pos) {
    return static_cast<uint8_t>(text[pos]) < 0x80;
  }
};

}  // namespace
}  // namespace tokenkit
