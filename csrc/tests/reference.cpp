#include "tests/reference.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "text/unicode.hpp"
#include "text/utf8.hpp"

namespace tokenkit::test {
namespace {

// ------------------------------------------------------------------------------------- patterns

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

}  // namespace

namespace {

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

// ----------------------------------------------------------------------------------------- merges

std::vector<std::string> reference_merge(const Ranks& ranks, std::string_view piece) {
  constexpr uint64_t kNoToken = ~uint64_t{0};
  std::vector<std::string_view> parts;
  for (size_t i = 0; i < piece.size(); ++i) parts.push_back(piece.substr(i, 1));
  const auto joined = [&](size_t i) {  // part i and the next one, which stand side by side
    return std::string_view(parts[i].data(), parts[i].size() + parts[i + 1].size());
  };
  // rank_of[i]: the rank of joined(i). Kept, because looking up all of them for every merge would
  // take the twin too long for pieces of some thousand bytes.
  std::vector<uint64_t> rank_of(parts.size(), kNoToken);
  const auto look_up = [&](size_t i) {
    rank_of[i] = kNoToken;
    if (i + 1 >= parts.size()) return;
    const auto found = ranks.find(std::string(joined(i)));
    if (found != ranks.end()) rank_of[i] = found->second;
  };
  for (size_t i = 0; i < parts.size(); ++i) look_up(i);
  while (!parts.empty()) {
    const auto lowest = std::min_element(rank_of.begin(), rank_of.end());  // the first of equals
    if (*lowest == kNoToken) break;
    const auto best = lowest - rank_of.begin();
    const size_t index = static_cast<size_t>(best);
    parts[index] = joined(index);
    parts.erase(parts.begin() + best + 1);
    rank_of.erase(rank_of.begin() + best + 1);
    look_up(index);
    if (index > 0) look_up(index - 1);
  }
  return {parts.begin(), parts.end()};
}

void reference_encode_piece(const Ranks& ranks, std::string_view piece, ReferenceIds* out) {
  const auto whole = ranks.find(std::string(piece));
  if (whole != ranks.end()) return out->ids.push_back(whole->second);
  for (const std::string& part : reference_merge(ranks, piece)) {
    const auto found = ranks.find(part);
    if (found == ranks.end()) {
      out->complete = false;
    } else {
      out->ids.push_back(found->second);
    }
  }
}

PieceRule rank_rule(const Ranks& ranks) {
  return [&ranks](std::string_view piece, ReferenceIds* out) {
    reference_encode_piece(ranks, piece, out);
  };
}

namespace {

// A list of merges, made ready to be looked up.
struct ListTwin {
  ListTwin(const Tokens& tokens, const MergeList& merge_list) : list(merge_list) {
    std::unordered_map<uint32_t, std::string> bytes;
    for (const auto& [token, id] : tokens) bytes.emplace(id, token);
    for (const auto& [token, id] : tokens) {
      if (!is_byte_token(token, id)) ids.emplace(token, id);  // the first of equals
    }
    for (size_t i = 0; i < list.merges.size(); ++i) {
      const auto [left, right] = list.merges[i];
      const uint32_t result = ids.at(bytes.at(left) + bytes.at(right));
      places[list.merges[i]] = {i, result};  // the last of equals
    }
  }

  bool is_byte_token(const std::string& token, uint32_t id) const {
    return token.size() == 1 && !list.byte_ids.empty() &&
           list.byte_ids[static_cast<uint8_t>(token[0])] == id;
  }

  // The ids of a character, or of a byte, before anything is merged.
  void start(std::string_view character, ReferenceIds* out) const {
    const auto found = ids.find(std::string(character));
    if (found != ids.end()) return out->ids.push_back(found->second);
    if (list.byte_ids.empty()) out->complete = false;
    for (size_t i = 0; out->complete && i < character.size(); ++i) {
      out->ids.push_back(list.byte_ids[static_cast<uint8_t>(character[i])]);
    }
  }

  void encode(std::string_view piece, ReferenceIds* out) const {
    const auto whole = ids.find(std::string(piece));
    if (list.whole_pieces && whole != ids.end()) return out->ids.push_back(whole->second);
    for (size_t i = 0; i < piece.size();) {
      const size_t end = list.characters ? ceil_char(piece, i + 1) : i + 1;
      start(piece.substr(i, end - i), out);
      i = end;
    }
    if (out->complete) merge(out->ids);
  }

  void merge(std::vector<uint32_t>& parts) const {
    constexpr std::pair<size_t, uint32_t> kNever{~size_t{0}, 0};
    std::vector<std::pair<size_t, uint32_t>> next;  // of part i and the one behind it
    const auto look_up = [&](size_t i) {
      const auto found =
          i + 1 < parts.size() ? places.find({parts[i], parts[i + 1]}) : places.end();
      return found == places.end() ? kNever : found->second;
    };
    for (size_t i = 0; i < parts.size(); ++i) next.push_back(look_up(i));
    while (!parts.empty()) {
      const auto best = std::min_element(next.begin(), next.end());  // the first of equals
      if (*best == kNever) break;
      const auto i = best - next.begin();
      const auto index = static_cast<size_t>(i);
      parts[index] = best->second;
      parts.erase(parts.begin() + i + 1);
      next.erase(next.begin() + i + 1);
      next[index] = look_up(index);
      if (index > 0) next[index - 1] = look_up(index - 1);
    }
  }

  MergeList list;
  std::unordered_map<std::string, uint32_t> ids;
  std::map<std::pair<uint32_t, uint32_t>, std::pair<size_t, uint32_t>> places;
};

}  // namespace

PieceRule list_rule(const Tokens& tokens, const MergeList& list) {
  return [twin = ListTwin(tokens, list)](std::string_view piece, ReferenceIds* out) {
    twin.encode(piece, out);
  };
}

ReferenceIds reference_encode(const PieceRule& rule, Family family, std::string_view text,
                              const SpecialTokens& specials, const SpecialSet* allowed,
                              ReferencePieces* known) {
  ReferenceIds out;
  ReferencePieces pieces;
  if (known == nullptr) known = &pieces;
  const auto add = [&](std::string_view piece) {
    const auto [found, is_new] = known->try_emplace(std::string(piece));
    if (is_new) rule(piece, &found->second);
    const ReferenceIds& ids = found->second;
    out.ids.insert(out.ids.end(), ids.ids.begin(), ids.ids.end());
    out.complete = out.complete && ids.complete;
  };
  for (size_t pos = 0; pos < text.size();) {
    SpecialTokens::Match match;
    if (allowed != nullptr) match = reference_find_special(specials, text, pos, *allowed);
    const std::string_view ordinary = text.substr(pos, match.found() ? match.start - pos : kMany);
    size_t start = 0;
    for (size_t end : reference_piece_ends(family, ordinary)) {
      add(ordinary.substr(start, end - start));
      start = end;
    }
    if (!match.found()) break;
    out.ids.push_back(specials.tokens()[match.index].second);
    pos = match.start + specials.tokens()[match.index].first.size();
  }
  return out;
}

std::string reference_lead(Lead lead, std::string_view text) {
  if (lead == Lead::kNowhere || text.empty()) return {};
  return lead == Lead::kUnlessSpace && text.front() == ' ' ? "" : " ";
}

ReferenceIds reference_read(const PieceRule& rule, Family family, std::string_view text,
                            const Reading& reading, const SpecialTokens& added,
                            const SpecialTokens& specials, const SpecialSet* allowed,
                            ReferencePieces* known) {
  const SpecialSet all(added.tokens().size(), true);
  const std::string led = reference_lead(reading.lead, text) + std::string(text);
  if (allowed == nullptr) return reference_encode(rule, family, led, added, &all, known);
  ReferenceIds out;
  for (size_t pos = 0; pos < led.size();) {
    const SpecialTokens::Match match = reference_find_special(specials, led, pos, *allowed);
    const ReferenceIds section = reference_encode(
        rule, family, std::string_view(led).substr(pos, match.start - pos), added, &all, known);
    out.ids.insert(out.ids.end(), section.ids.begin(), section.ids.end());
    out.complete = out.complete && section.complete;
    if (!match.found()) break;
    out.ids.push_back(specials.tokens()[match.index].second);
    pos = match.start + specials.tokens()[match.index].first.size();
  }
  return out;
}

// ------------------------------------------------------------------------------ specials and spans

SpecialTokens::Match reference_find_special(const SpecialTokens& specials, std::string_view text,
                                            size_t pos, const SpecialSet& among) {
  for (; pos < text.size(); ++pos) {
    SpecialTokens::Match best;
    size_t longest = 0;
    for (size_t i = 0; i < specials.tokens().size(); ++i) {
      const std::string& token = specials.tokens()[i].first;
      if (among[i] && token.size() > longest && text.substr(pos, token.size()) == token) {
        best = {pos, i};
        longest = token.size();
      }
    }
    if (best.found()) return best;
  }
  return {};
}

std::vector<int64_t> reference_spans(const std::vector<std::string>& tokens, SpanUnit unit) {
  std::string text;
  for (const std::string& token : tokens) text += token;
  // Units before each byte of the text and, for the bytes of one character, after it.
  std::vector<int64_t> first, last;
  int64_t units = 0;
  for (size_t i = 0; i < text.size();) {
    const uint8_t byte = static_cast<uint8_t>(text[i]);
    const size_t length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    const int64_t width = unit == SpanUnit::kUtf16 && length == 4 ? 2 : 1;
    for (size_t k = 0; k < length; ++k) {
      const bool bytes = unit == SpanUnit::kByte;
      first.push_back(bytes ? static_cast<int64_t>(i + k) : units);
      last.push_back(bytes ? static_cast<int64_t>(i + k + 1) : units + width);
    }
    units += width;
    i += length;
  }
  std::vector<int64_t> spans;
  size_t start = 0;
  for (const std::string& token : tokens) {
    // Of a space before the text, the first token, nothing is left.
    spans.push_back(token.empty() ? 0 : first[start]);
    spans.push_back(token.empty() ? 0 : last[start + token.size() - 1]);
    start += token.size();
  }
  return spans;
}

}  // namespace tokenkit::test
