#include "chunk/borders.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "base/bytes.hpp"
#include "chunk/abbreviations.hpp"
#include "chunk/lines.hpp"
#include "chunk/markdown.hpp"
#include "chunk/marks.hpp"
#include "chunk/records.hpp"
#include "chunk/separators.hpp"
#include "text/grapheme.hpp"
#include "text/unicode.hpp"
#include "text/utf8.hpp"

namespace tokenkit {
namespace {

// What a byte may be the start of.
enum ByteKind : uint8_t {
  kPlain = 0,
  kBlank,       // ASCII white space
  kWide,        // the first byte of characters among which there is punctuation or white space
  kWide3,       // the same, if the second byte is 0x80 (U+3000..)
  kWideDouble,  // the same, if the second byte is 0xBC or 0xBD (full-width forms)
};

constexpr std::array<uint8_t, 256> make_kinds() {
  std::array<uint8_t, 256> kinds{};
  for (unsigned c : {9u, 10u, 11u, 12u, 13u, 32u}) kinds[c] = kBlank;
  for (unsigned c : {0xC2u, 0xD8u, 0xDBu, 0xE0u, 0xE1u, 0xE2u}) kinds[c] = kWide;
  kinds[0xE3] = kWide3;
  kinds[0xEF] = kWideDouble;
  return kinds;
}
constexpr std::array<uint8_t, 256> kKinds = make_kinds();

// In a run of white space or of marks that is longer than this, what is behind it plays no part.
constexpr size_t kSpaceView = 1024;  // bytes
constexpr size_t kMarkView = 64;     // characters

// A paragraph that is wrapped at some width has longer lines than this, in bytes. To cut at the end
// of one that ends no sentence costs a little more than between other lines.
constexpr size_t kWrapWidth = 50;
constexpr uint8_t kWrapped = 13;

// No-break spaces hold words together.
bool is_breaking_space(uint32_t cp) {
  return is_space(char_class(cp)) && cp != 0xA0 && cp != 0x202F && cp != 0x2007;
}

class Search {
 public:
  Search(std::string_view text, std::vector<Border>& out)
      : text_(text),
        s_(reinterpret_cast<const uint8_t*>(text.data())),
        n_(text.size()),
        graphemes_(text),
        out_(out) {}

  void run() {
    size_t i = 0;
    while (i < n_ && breaks(&i)) {
    }
    for (size_t block = i & ~size_t{63}; block < n_; block += 64) {
      for (uint64_t marked = marked_bytes(block); marked != 0; marked &= marked - 1) {
        const size_t at = block + static_cast<size_t>(std::countr_zero(marked));
        if (at >= i) i = look(at);
      }
    }
  }

 private:
  // Which of the 64 bytes from `block` on may be other than plain: bit i says so of byte i. They
  // are those up to U+0020 and the first ones of longer characters, and some behind them by chance.
  uint64_t marked_bytes(size_t block) const {
    uint8_t rest[64];
    const uint8_t* p = s_ + block;
    if (n_ - block < 64) {
      std::fill_n(rest, 64, uint8_t{'a'});
      std::copy_n(p, n_ - block, rest);
      p = rest;
    }
    constexpr uint64_t kOnes = 0x0101010101010101;
    uint64_t bits = 0;
    for (size_t k = 0; k < 64; k += 8) {
      const uint64_t eight = load64(p + k);
      const uint64_t low = (eight - 0x21 * kOnes) & ~eight;
      const uint64_t lead = eight & eight << 1;
      bits |= (((low | lead) >> 7 & kOnes) * 0x0102040810204080 >> 56) << k;
    }
    return bits;
  }

  // The character at i: adds a border, if there is one, and returns where to go on.
  size_t look(size_t i) {
    switch (kKinds[s_[i]]) {
      case kPlain:
        return i + 1;
      case kBlank:
        return space_run(i);
      case kWide3:
        return i + 1 < n_ && s_[i + 1] != 0x80 ? i + 3 : wide(i);
      case kWideDouble:
        return i + 1 < n_ && s_[i + 1] != 0xBC && s_[i + 1] != 0xBD ? i + 3 : wide(i);
      default:
        return wide(i);
    }
  }

  // Moves *i past the white space there, if there is any.
  bool breaks(size_t* i) const {
    uint32_t cp;
    const size_t length = decode(s_ + *i, s_ + n_, &cp);
    if (!is_breaking_space(cp)) return false;
    *i += length;
    return true;
  }

  void add(size_t pos, Level level, uint8_t penalty) {
    if (pos == 0 || pos >= n_ || !graphemes_.at(pos)) return;
    push(pos, level, penalty);
  }

  void push(size_t pos, Level level, uint8_t penalty) {
    if (out_.size() == out_.capacity()) grow(pos);
    Border b;
    b.pos = static_cast<uint32_t>(pos);
    b.level = level;
    b.penalty = penalty;
    out_.push_back(b);
  }

  // Room for what the rest of the text will need if it is like the text up to `pos`. Doubling would
  // hold twice what is needed, and for a moment the old room besides.
  void grow(size_t pos) {
    const double share = static_cast<double>(out_.size() + 1) / static_cast<double>(pos + 1);
    const double more = 1.05 * share * static_cast<double>(n_ - pos);
    out_.reserve(out_.size() + out_.size() / 16 + static_cast<size_t>(more) + 16);
  }

  // Letters and digits end nothing; most words end with one.
  static bool ends_word(uint8_t c) {
    const uint8_t folded = c | 0x20;
    return (folded >= 'a' && folded <= 'z') || (c >= '0' && c <= '9');
  }

  // The run of white space at i, which something stands before; returns its end.
  size_t space_run(size_t i) {
    // One blank between two words is by far the most frequent.
    if (s_[i] == ' ' && i + 1 < n_ && kKinds[s_[i + 1]] == kPlain) {
      if (s_[i + 1] < 0x80 && ends_word(s_[i - 1])) {
        push(i, Level::kWord, 40);  // all ASCII: this is between two clusters
      } else {
        add_word(i, i + 1);
      }
      return i + 1;
    }
    size_t after_newline = 0;
    size_t after_page = 0;
    unsigned newlines = 0;
    size_t end = i;
    while (end < n_) {
      if (s_[end] < 0x80) {
        if (kKinds[s_[end]] != kBlank) break;
        if (s_[end] == '\n' || s_[end] == '\r') {
          if (s_[end] == '\r' && end + 1 < n_ && s_[end + 1] == '\n') ++end;
          if (end < i + kSpaceView) {
            ++newlines;
            after_newline = end + 1;
          }
        } else if (s_[end] == '\f' && end < i + kSpaceView) {
          after_page = end + 1;
        }
        ++end;
      } else {
        uint32_t cp;
        const size_t length = decode(s_ + end, s_ + n_, &cp);
        if (!is_breaking_space(cp)) break;
        end += length;
      }
    }
    if (end == n_ && end - i <= kSpaceView) return end;
    if (after_page != 0) {
      add(std::max(after_newline, after_page), Level::kParagraph, 0);
    } else if (newlines == 0) {
      add_word(i, end);
    } else if (newlines == 1) {
      add(after_newline, Level::kLine, wraps(i, after_newline) ? kWrapped : 10);
    } else {
      add(after_newline, Level::kParagraph, 0);
    }
    return end;
  }

  // A border before white space [i, end) without a line end.
  void add_word(size_t i, size_t end) {
    if (ends_word(s_[i - 1])) return add(i, Level::kWord, 40);
    const Mark mark = mark_before(i);
    if (mark == Mark::kSentence && ends_sentence(i, end)) return add(i, Level::kSentence, 20);
    if (mark == Mark::kSentence && is_abbreviated(i, end)) return add(i, Level::kWord, 45);
    if (mark != Mark::kNone) return add(i, Level::kClause, 30);
    add(i, Level::kWord, 40);
  }

  // Does a sentence go on from the line that ends at i to the one at `next`?
  bool wraps(size_t i, size_t next) const {
    uint32_t cp;
    decode(s_ + next, s_ + n_, &cp);
    if (!is_letter(char_class(cp)) || i < kWrapWidth) return false;
    const std::string_view end = text_.substr(i - kWrapWidth, kWrapWidth);
    return end.find('\n') == std::string_view::npos && mark_before(i) != Mark::kSentence;
  }

  // What the punctuation that ends at i says, behind closing quotes and brackets.
  Mark mark_before(size_t i) const {
    for (int k = 0; k < 8 && i > 0; ++k) {
      uint32_t cp;
      i -= decode_before(s_, s_ + i, &cp);
      const Mark mark = mark_of(cp);
      if (mark != Mark::kCloser) return mark;
    }
    return Mark::kNone;
  }

  // A full stop before white space [i, end) is none if a small letter follows, or if it belongs to
  // an initial ("J. Doe") or to the number of an item ("12. An item").
  bool ends_sentence(size_t i, size_t end) const {
    if (end - i > kSpaceView) return true;
    uint32_t next;
    decode(s_ + end, s_ + n_, &next);
    if (char_class(next) == kLower || is_abbreviated(i, end)) return false;
    if (s_[i - 1] != '.' || i < 2) return true;
    size_t word = i - 1;
    while (word > 0 && i - word < 6 && s_[word - 1] >= '0' && s_[word - 1] <= '9') --word;
    if (word < i - 1) return word > 0 && s_[word - 1] != '\n' && s_[word - 1] != '\r';
    return !(s_[i - 2] >= 'A' && s_[i - 2] <= 'Z' &&
             (i == 2 || kKinds[s_[i - 3]] == kBlank || s_[i - 3] == '.'));
  }

  // Does the full stop before white space [i, end) belong to an abbreviation?
  bool is_abbreviated(size_t i, size_t end) const {
    if (s_[i - 1] != '.') return false;
    size_t word = i - 1;
    const auto belongs = [](uint8_t c) { return ends_word(c) || c == '.' || c >= 0x80; };
    while (word > 0 && i - word < kLongestAbbreviation + 3 && belongs(s_[word - 1])) --word;
    const bool number = end < n_ && s_[end] >= '0' && s_[end] <= '9';
    return is_abbreviation(text_.substr(word, i - 1 - word), number);
  }

  // A character beyond ASCII at i; returns its end.
  size_t wide(size_t i) {
    uint32_t cp;
    size_t end = i + decode(s_ + i, s_ + n_, &cp);
    if (is_breaking_space(cp)) return i > 0 ? space_run(i) : end;
    Mark mark = mark_of(cp);
    if (mark != Mark::kSentence && mark != Mark::kClause) return end;
    // Closing marks, and more of the same, belong to it.
    size_t marks = 1;
    for (; end < n_; ++marks) {
      uint32_t next;
      const size_t length = decode(s_ + end, s_ + n_, &next);
      const Mark more = mark_of(next);
      if (more == Mark::kNone) break;
      if (more == Mark::kSentence) mark = Mark::kSentence;
      end += length;
    }
    if (end == n_ || marks > kMarkView) return end;
    uint32_t next;
    decode(s_ + end, s_ + n_, &next);
    if (is_space(char_class(next))) return end;  // the border is at the white space, if any
    if (mark == Mark::kSentence) {
      add(end, Level::kSentence, 20);
    } else {
      add(end, Level::kClause, 30);
    }
    return end;
  }

  std::string_view text_;
  const uint8_t* s_;
  size_t n_;
  GraphemeBoundaries graphemes_;
  std::vector<Border>& out_;
};

}  // namespace

size_t skip_space(std::string_view text, size_t pos) {
  const auto* s = reinterpret_cast<const uint8_t*>(text.data());
  while (pos < text.size()) {
    uint32_t cp;
    const size_t length = decode(s + pos, s + text.size(), &cp);
    if (!is_space(char_class(cp))) break;
    pos += length;
  }
  return pos;
}

size_t skip_space_back(std::string_view text, size_t pos) {
  const auto* s = reinterpret_cast<const uint8_t*>(text.data());
  while (pos > 0) {
    uint32_t cp;
    const size_t length = decode_before(s, s + pos, &cp);
    if (!is_space(char_class(cp))) break;
    pos -= length;
  }
  return pos;
}

// A mark behind white space joins it.
size_t trimmed_start(std::string_view text, size_t pos) {
  size_t start = skip_space(text, pos);
  while (start > pos && !is_grapheme_boundary(text, start)) start = floor_char(text, start - 1);
  return start;
}

// White space joins a character that is prepended to what follows, as U+0605 is.
size_t trimmed_end(std::string_view text, size_t pos) {
  size_t end = skip_space_back(text, pos);
  while (end < pos && !is_grapheme_boundary(text, end)) end = ceil_char(text, end + 1);
  return end;
}

bool is_word_border(std::string_view text, size_t pos) {
  if (pos == 0 || pos >= text.size()) return false;
  const auto* s = reinterpret_cast<const uint8_t*>(text.data());
  uint32_t before, after;
  decode_before(s, s + pos, &before);
  decode(s + pos, s + text.size(), &after);
  return !is_space(char_class(before)) && is_breaking_space(after) &&
         is_grapheme_boundary(text, pos);
}

void find_borders(std::string_view text, Format format, const Separators& separators, size_t from,
                  size_t upto, LineState& lines, std::vector<Border>& borders,
                  std::vector<Heading>& headings) {
  const size_t first = borders.size();
  Search(text, borders).run();
  if (from != 0) {
    const auto before = [&](const Border& b) { return b.pos <= from; };
    const auto start = borders.begin() + static_cast<ptrdiff_t>(first);
    borders.erase(start, std::find_if_not(start, borders.end(), before));
  }
  while (borders.size() > first && borders.back().pos > upto) borders.pop_back();
  Border* found = borders.data() + first;
  const size_t n = borders.size() - first;
  if (format == Format::kMarkdown) judge_markdown(text, from, upto, lines, found, n, headings);
  if (format == Format::kCode) judge_code(text, from, lines, found, n);
  if (format == Format::kJson) judge_json(text, from, upto, lines, borders, first);
  if (format == Format::kMarkup) judge_markup(text, from, upto, lines, borders, first);
  if (!separators.empty()) prefer_separators(text, separators, from, upto, borders, first);
}

}  // namespace tokenkit
