// The patterns of the families, matched with backtracking.
#include <map>
#include <optional>

#include "tests/reference.hpp"
#include "text/unicode.hpp"

namespace tokenkit::test {
namespace {

using Set = bool (*)(uint32_t cp);

constexpr size_t kMany = static_cast<size_t>(-1);

// One item of a pattern. A set takes min to max characters, as many as it can; it gives them back
// one by one, unless it is possessive. Words are tried in order, ignoring case if so asked.
struct Item {
  enum Kind { kSet, kWords, kNoNonSpaceFollows, kEndOfText } kind;
  Set set = nullptr;
  size_t min = 1;
  size_t max = 1;
  bool possessive = false;
  bool ignore_case = false;
};

using Alternative = std::vector<Item>;
using Pattern = std::vector<Alternative>;

Item take(Set set, size_t min, size_t max) { return {Item::kSet, set, min, max, false, false}; }
Item keep(Set set, size_t min, size_t max) { return {Item::kSet, set, min, max, true, false}; }
Item contraction(size_t min, bool ignore_case) {
  return {Item::kWords, nullptr, min, 1, false, ignore_case};
}
const Item kNoNonSpace{Item::kNoNonSpaceFollows};  // (?!\S)
const Item kEnd{Item::kEndOfText};                 // $

bool space(uint32_t cp) { return is_space(char_class(cp)); }                   // \s
bool letter(uint32_t cp) { return is_letter(char_class(cp)); }                 // \p{L}
bool number(uint32_t cp) { return char_class(cp) == kNumber; }                 // \p{N}
bool newline(uint32_t cp) { return cp == '\r' || cp == '\n'; }                 // [\r\n]
bool newline_or_slash(uint32_t cp) { return newline(cp) || cp == '/'; }        // [\r\n/]
bool blank(uint32_t cp) { return cp == ' '; }                                  // a space
bool symbol(uint32_t cp) { return !space(cp) && !letter(cp) && !number(cp); }  // [^\s\p{L}\p{N}]
bool lead(uint32_t cp) { return !newline(cp) && !letter(cp) && !number(cp); }  // [^\r\n\p{L}\p{N}]
bool mark(uint32_t cp) { return char_class(cp) == kMark; }                     // \p{M}
bool sign(uint32_t cp) { return (char_traits(cp) & kSign) != 0; }              // [\p{P}\p{S}]
bool han(uint32_t cp) { return (char_traits(cp) & kHan) != 0; }                // \p{Han}
bool letter_or_mark(uint32_t cp) { return letter(cp) || mark(cp); }            // [\p{L}\p{M}]
bool plain_symbol(uint32_t cp) { return symbol(cp) && !mark(cp); }  // [^\s\p{L}\p{M}\p{N}]
bool upper(uint32_t cp) {  // [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]
  return char_class(cp) == kUpper || char_class(cp) == kLetter || char_class(cp) == kMark;
}
bool lower(uint32_t cp) {  // [\p{Ll}\p{Lm}\p{Lo}\p{M}]
  return char_class(cp) == kLower || char_class(cp) == kLetter || char_class(cp) == kMark;
}

// '(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s
const Pattern& gpt2() {
  static const Pattern pattern = {
      {contraction(1, false)},
      {take(blank, 0, 1), keep(letter, 1, kMany)},
      {take(blank, 0, 1), keep(number, 1, kMany)},
      {take(blank, 0, 1), keep(symbol, 1, kMany)},
      {keep(space, 1, kMany), kEnd},
      {take(space, 1, kMany), kNoNonSpace},
      {take(space, 1, 1)},
  };
  return pattern;
}

// '(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+
// |\s++$|\s*[\r\n]|\s+(?!\S)|\s
const Pattern& cl100k() {
  static const Pattern pattern = {
      {contraction(1, true)},
      {keep(lead, 0, 1), keep(letter, 1, kMany)},
      {keep(number, 1, 3)},
      {take(blank, 0, 1), keep(symbol, 1, kMany), keep(newline, 0, kMany)},
      {keep(space, 1, kMany), kEnd},
      {take(space, 0, kMany), take(newline, 1, 1)},
      {take(space, 1, kMany), kNoNonSpace},
      {take(space, 1, 1)},
  };
  return pattern;
}

// (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,digits}
// | ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
// with other sets for \p{L} and [^\s\p{L}\p{N}]
Pattern open_cl100k(size_t digits, Set in_words, Set symbols) {
  return {
      {contraction(1, true)},
      {take(lead, 0, 1), take(in_words, 1, kMany)},
      {take(number, 1, digits)},
      {take(blank, 0, 1), take(symbols, 1, kMany), take(newline, 0, kMany)},
      {take(space, 0, kMany), take(newline, 1, kMany)},
      {take(space, 1, kMany), kNoNonSpace},
      {take(space, 1, kMany)},
  };
}

// [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|...)?
// |[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|...)?
// |\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+
// with other digits, and a set for [\r\n/]; with contractions only if so asked
Pattern by_case(Set uppers, Set lowers, bool contractions, size_t digits, Set tail) {
  Pattern pattern = {
      {take(lead, 0, 1), take(uppers, 0, kMany), take(lowers, 1, kMany)},
      {take(lead, 0, 1), take(uppers, 1, kMany), take(lowers, 0, kMany)},
      {take(number, 1, digits)},
      {take(blank, 0, 1), take(symbol, 1, kMany), take(tail, 0, kMany)},
      {take(space, 0, kMany), take(newline, 1, kMany)},
      {take(space, 1, kMany), kNoNonSpace},
      {take(space, 1, kMany)},
  };
  if (contractions) pattern[0].push_back(contraction(0, true));
  if (contractions) pattern[1].push_back(contraction(0, true));
  return pattern;
}

// The same after \p{Han}+, and without Han characters in words.
Pattern kimi() {
  const Set uppers = [](uint32_t cp) { return upper(cp) && !han(cp); };
  const Set lowers = [](uint32_t cp) { return lower(cp) && !han(cp); };
  Pattern pattern = by_case(uppers, lowers, true, 3, newline);
  pattern.insert(pattern.begin(), Alternative{take(han, 1, kMany)});
  return pattern;
}

// [!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+
// | ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
Pattern last_of_deepseek() {
  const Set ascii_sign = [](uint32_t cp) { return cp < 0x80 && sign(cp); };
  const Set ascii_letter = [](uint32_t cp) { return cp < 0x80 && letter(cp); };
  const Set prefix = [](uint32_t cp) { return !newline(cp) && !letter(cp) && !sign(cp); };
  return {
      {take(ascii_sign, 1, 1), take(ascii_letter, 1, kMany)},
      {take(prefix, 0, 1), take(letter_or_mark, 1, kMany)},
      {take(blank, 0, 1), take(sign, 1, kMany), take(newline, 0, kMany)},
      {take(space, 0, kMany), take(newline, 1, kMany)},
      {take(space, 1, kMany), kNoNonSpace},
      {take(space, 1, kMany)},
  };
}

// [\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]
bool kana_or_han(uint32_t cp) {
  return (cp >= 0x4E00 && cp <= 0x9FA5) || (cp >= 0x3040 && cp <= 0x309F) ||
         (cp >= 0x30A0 && cp <= 0x30FF);
}

// The patterns of a family, each of which splits the pieces of the one before.
std::vector<Pattern> made_splits(Family family) {
  const Pattern numbers_of_3 = {{take(number, 1, 3)}};
  switch (family) {
    case Family::kGpt2:
      return {gpt2()};
    case Family::kCl100k:
      return {cl100k()};
    case Family::kO200k:
      return {by_case(upper, lower, true, 3, newline_or_slash)};
    case Family::kCl100k1:
      return {open_cl100k(1, letter, symbol)};
    case Family::kCl100k3:
      return {open_cl100k(3, letter, symbol)};
    case Family::kMarks:
      return {open_cl100k(1, letter_or_mark, plain_symbol)};
    case Family::kTekken:
      return {by_case(upper, lower, false, 1, newline_or_slash)};
    case Family::kGpt21:
      return {{{take(number, 1, 1)}}, gpt2()};
    case Family::kGpt2Runs:
      return {{{take(number, 1, kMany)}}, gpt2()};
    case Family::kKimi:
      return {kimi()};
    case Family::kDeepSeek:
      return {numbers_of_3, {{take(kana_or_han, 1, kMany)}}, last_of_deepseek()};
    default:
      return {};
  }
}

const std::vector<Pattern>& splits_of(Family family) {
  static std::map<Family, std::vector<Pattern>> made;
  const auto [found, is_new] = made.try_emplace(family);
  if (is_new) found->second = made_splits(family);
  return found->second;
}

// Simple case folding, as far as the contractions can tell: A to Z, and the long s.
uint32_t folded(uint32_t cp) {
  if (cp >= 'A' && cp <= 'Z') return cp + ('a' - 'A');
  return cp == 0x17F ? 's' : cp;
}

class Matcher {
 public:
  explicit Matcher(std::vector<uint32_t> text) : text_(std::move(text)) {}

  size_t size() const { return text_.size(); }

  // Where the first alternative that matches at `start` ends.
  std::optional<size_t> match(const Pattern& pattern, size_t start) const {
    for (const Alternative& alternative : pattern) {
      if (auto end = match_from(alternative, 0, start)) return end;
    }
    return std::nullopt;
  }

 private:
  // Matches the items from `index` on at `pos`; the end of the match, if there is one.
  std::optional<size_t> match_from(const Alternative& items, size_t index, size_t pos) const {
    if (index == items.size()) return pos;
    const Item& item = items[index];
    switch (item.kind) {
      case Item::kSet:
        return match_set(items, index, pos);
      case Item::kWords:
        return match_words(items, index, pos);
      case Item::kNoNonSpaceFollows:
        if (pos < text_.size() && !space(text_[pos])) return std::nullopt;
        break;
      case Item::kEndOfText:
        if (pos < text_.size()) return std::nullopt;
        break;
    }
    return match_from(items, index + 1, pos);
  }

  std::optional<size_t> match_set(const Alternative& items, size_t index, size_t pos) const {
    const Item& item = items[index];
    size_t most = 0;
    while (most < item.max && pos + most < text_.size() && item.set(text_[pos + most])) ++most;
    for (size_t taken = most + 1; taken-- > item.min;) {
      if (auto end = match_from(items, index + 1, pos + taken)) return end;
      if (item.possessive) break;
    }
    return std::nullopt;
  }

  std::optional<size_t> match_words(const Alternative& items, size_t index, size_t pos) const {
    const Item& item = items[index];
    for (std::string_view word : {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"}) {
      if (!word_at(word, pos, item.ignore_case)) continue;
      if (auto end = match_from(items, index + 1, pos + word.size())) return end;
    }
    return item.min == 0 ? match_from(items, index + 1, pos) : std::nullopt;
  }

  bool word_at(std::string_view word, size_t pos, bool ignore_case) const {
    if (text_.size() - pos < word.size()) return false;
    for (size_t i = 0; i < word.size(); ++i) {
      const uint32_t cp = text_[pos + i];
      if ((ignore_case ? folded(cp) : cp) != static_cast<uint8_t>(word[i])) return false;
    }
    return true;
  }

  std::vector<uint32_t> text_;
};

// Decodes valid UTF-8 by its definition; offsets[i] is where character i starts.
std::vector<uint32_t> decoded(std::string_view text, std::vector<size_t>* offsets) {
  std::vector<uint32_t> out;
  for (size_t i = 0; i < text.size(); ++i) {
    const uint32_t byte = static_cast<uint8_t>(text[i]);
    if ((byte & 0xC0) == 0x80) {
      out.back() = out.back() << 6 | (byte & 0x3F);
      continue;
    }
    offsets->push_back(i);
    out.push_back(byte < 0x80   ? byte
                  : byte < 0xE0 ? byte & 0x1F
                  : byte < 0xF0 ? byte & 0x0F
                                : byte & 7);
  }
  offsets->push_back(text.size());
  return out;
}

// Splits each part at the matches of a pattern; what is between them is a part, too.
std::vector<size_t> split_again(const std::vector<uint32_t>& text, const std::vector<size_t>& parts,
                                const Pattern& pattern) {
  std::vector<size_t> ends;
  size_t start = 0;
  for (size_t stop : parts) {
    const auto first = text.begin() + static_cast<ptrdiff_t>(start);
    const Matcher matcher({first, text.begin() + static_cast<ptrdiff_t>(stop)});
    size_t between = 0;  // where what is not matched begins
    for (size_t pos = 0; pos < matcher.size();) {
      const std::optional<size_t> end = matcher.match(pattern, pos);
      if (!end) {
        ++pos;
        continue;
      }
      if (between < pos) ends.push_back(start + pos);
      ends.push_back(start + *end);
      pos = between = *end;
    }
    if (between < matcher.size()) ends.push_back(stop);
    start = stop;
  }
  return ends;
}

// The places where a space follows neither a space nor '>', and the end.
std::vector<size_t> ends_before_spaces(std::string_view text) {
  std::vector<size_t> ends;
  for (size_t i = 1; i < text.size(); ++i) {
    const std::string_view two = text.substr(i - 1, 2);
    if (two[1] == ' ' && two != "  " && two != "> ") ends.push_back(i);
  }
  if (!text.empty()) ends.push_back(text.size());
  return ends;
}

}  // namespace

std::vector<size_t> reference_piece_ends(Family family, std::string_view text) {
  if (family == Family::kSpaces) return ends_before_spaces(text);
  if (family == Family::kWhole)
    return text.empty() ? std::vector<size_t>() : std::vector{text.size()};
  std::vector<size_t> offsets;
  const std::vector<uint32_t> characters = decoded(text, &offsets);
  std::vector<size_t> ends;  // in characters
  if (!characters.empty()) ends.push_back(characters.size());
  for (const Pattern& pattern : splits_of(family)) ends = split_again(characters, ends, pattern);
  for (size_t& end : ends) end = offsets[end];
  return ends;
}

}  // namespace tokenkit::test
