#include "text/grapheme.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "text/unicode.hpp"
#include "text/utf8.hpp"

namespace tokenkit {
namespace {

using G = GraphemeClass;
using FlagRun = GraphemeBoundaries::FlagRun;

// What the characters on both sides of a position say about it.
enum class Verdict : uint8_t {
  kBreak,
  kJoin,
  kJoinInConjunct,  // join if a linker comes before
  kJoinInEmoji,     // join if an emoji comes before
  kJoinInFlag,      // join if an odd number of regional indicators comes before
};

constexpr bool is_control(G c) { return c == G::kCr || c == G::kLf || c == G::kControl; }

constexpr bool is_extend(G c) {
  return c == G::kExtend || c == G::kNonConjunctExtend || c == G::kLinker;
}

constexpr bool is_linker(G c) { return c == G::kLinker || c == G::kOtherLinker; }

// InCB=Extend
constexpr bool continues_conjunct(G c) { return c == G::kExtend || c == G::kZwj; }

// GB6, GB7, GB8
constexpr bool joins_hangul(G before, G after) {
  switch (before) {
    case G::kHangulL:
      return after == G::kHangulL || after == G::kHangulV || after == G::kHangulLv ||
             after == G::kHangulLvt;
    case G::kHangulLv:
    case G::kHangulV:
      return after == G::kHangulV || after == G::kHangulT;
    case G::kHangulLvt:
    case G::kHangulT:
      return after == G::kHangulT;
    default:
      return false;
  }
}

// The rules in their order: the first that applies decides.
constexpr Verdict judge(G before, G after) {
  if (before == G::kCr && after == G::kLf) return Verdict::kJoin;                // GB3
  if (is_control(before) || is_control(after)) return Verdict::kBreak;           // GB4, GB5
  if (joins_hangul(before, after)) return Verdict::kJoin;                        // GB6 to GB8
  if (is_extend(after) || after == G::kZwj) return Verdict::kJoin;               // GB9
  if (after == G::kSpacingMark || before == G::kPrepend) return Verdict::kJoin;  // GB9a, GB9b
  if (is_linker(before) && after == G::kConsonant) return Verdict::kJoin;        // GB9c
  if (continues_conjunct(before) && after == G::kConsonant) return Verdict::kJoinInConjunct;
  if (before == G::kZwj && after == G::kPictographic) return Verdict::kJoinInEmoji;  // GB11
  if (before == G::kRegionalIndicator && after == G::kRegionalIndicator) {
    return Verdict::kJoinInFlag;  // GB12, GB13
  }
  return Verdict::kBreak;  // GB999
}

using VerdictTable = std::array<std::array<Verdict, kGraphemeClassCount>, kGraphemeClassCount>;

constexpr VerdictTable make_verdicts() {
  VerdictTable table{};
  for (size_t before = 0; before < kGraphemeClassCount; ++before) {
    for (size_t after = 0; after < kGraphemeClassCount; ++after) {
      table[before][after] = judge(static_cast<G>(before), static_cast<G>(after));
    }
  }
  return table;
}

constexpr VerdictTable kVerdicts = make_verdicts();

const uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

// Class of the character at *pos; moves *pos behind it.
G take_forward(std::string_view text, size_t* pos) {
  uint32_t cp;
  *pos += decode(bytes_of(text) + *pos, bytes_of(text) + text.size(), &cp);
  return grapheme_class(cp);
}

// Class of the character that ends at *pos; moves *pos to its start.
G take_backward(std::string_view text, size_t* pos) {
  uint32_t cp;
  *pos -= decode_before(bytes_of(text), bytes_of(text) + *pos, &cp);
  return grapheme_class(cp);
}

// Does text[from, pos) end with a linker, then extenders? (GB9c)
bool ends_with_linker(std::string_view text, size_t from, size_t pos) {
  while (pos > from) {
    const G c = take_backward(text, &pos);
    if (!continues_conjunct(c)) return is_linker(c);
  }
  return false;
}

// Does text[from, pos), which ends with U+200D, end with an emoji before that? (GB11)
bool ends_with_joining_emoji(std::string_view text, size_t from, size_t pos) {
  take_backward(text, &pos);
  while (pos > from) {
    const G c = take_backward(text, &pos);
    if (!is_extend(c)) return c == G::kPictographic;
  }
  return false;
}

constexpr size_t kFlagSize = 4;  // bytes of a regional indicator

// Start of the run of regional indicators in text[from, pos) that ends at `pos`. Remembers it in
// *run, and uses what it finds there.
size_t flag_run_start(std::string_view text, size_t from, size_t pos, FlagRun* run) {
  size_t start = pos;
  size_t end = pos;
  while (start >= from + kFlagSize) {
    if (start >= run->start && start <= run->end) {
      start = run->start;
      end = std::max(end, run->end);
      break;
    }
    size_t previous = start;
    if (take_backward(text, &previous) != G::kRegionalIndicator) break;
    start = previous;
  }
  *run = {start, end};
  return start;
}

// Is there a boundary between a character `before` that ends at `pos` and `after`, which follows?
// `from` is a boundary before `pos`; nothing in front of it is looked at.
bool is_boundary(std::string_view text, size_t from, size_t pos, G before, G after, FlagRun* run) {
  switch (kVerdicts[static_cast<size_t>(before)][static_cast<size_t>(after)]) {
    case Verdict::kBreak:
      return true;
    case Verdict::kJoin:
      return false;
    case Verdict::kJoinInConjunct:
      return !ends_with_linker(text, from, pos);
    case Verdict::kJoinInEmoji:
      return !ends_with_joining_emoji(text, from, pos);
    case Verdict::kJoinInFlag:
      return (pos - flag_run_start(text, from, pos, run)) / kFlagSize % 2 == 0;
  }
  return true;
}

// Both sides ASCII: everything breaks but CR LF.
bool is_ascii_pair(std::string_view text, size_t pos) {
  return (static_cast<uint8_t>(text[pos - 1]) | static_cast<uint8_t>(text[pos])) < 0x80;
}

bool is_ascii_boundary(std::string_view text, size_t pos) {
  return text[pos - 1] != '\r' || text[pos] != '\n';
}

}  // namespace

size_t next_grapheme(std::string_view text, size_t pos) {
  if (pos >= text.size()) return text.size();
  const size_t from = pos;
  if (pos + 1 < text.size() && is_ascii_pair(text, pos + 1) && is_ascii_boundary(text, pos + 1)) {
    return pos + 1;
  }
  G before = take_forward(text, &pos);
  while (pos < text.size()) {
    size_t end = pos;
    const G after = take_forward(text, &end);
    FlagRun run;  // a cluster holds two regional indicators at most: nothing to remember
    if (is_boundary(text, from, pos, before, after, &run)) return pos;
    before = after;
    pos = end;
  }
  return pos;
}

bool GraphemeBoundaries::at(size_t pos) {
  if (pos == 0 || pos >= text_.size()) return pos == 0 || pos == text_.size();
  if (is_ascii_pair(text_, pos)) return is_ascii_boundary(text_, pos);
  if (!is_char_boundary(text_, pos)) return false;
  size_t start = pos;
  size_t end = pos;
  const G before = take_backward(text_, &start);
  const G after = take_forward(text_, &end);
  return is_boundary(text_, 0, pos, before, after, &run_);
}

bool is_grapheme_boundary(std::string_view text, size_t pos) {
  return GraphemeBoundaries(text).at(pos);
}

size_t floor_grapheme(std::string_view text, size_t pos) {
  GraphemeBoundaries boundaries(text);
  while (!boundaries.at(pos)) pos = floor_char(text, pos - 1);
  return pos;
}

size_t ceil_grapheme(std::string_view text, size_t pos) {
  GraphemeBoundaries boundaries(text);
  while (!boundaries.at(pos)) pos = ceil_char(text, pos + 1);
  return pos;
}

}  // namespace tokenkit
