// Extended grapheme clusters: what a reader takes for one character.
//
// The rules are those of UAX #29 for Unicode 18.0.0, https://www.unicode.org/reports/tr29/ with
// GB9c (Indic conjuncts: a linker, extenders, a consonant) and GB11 (emoji joined by U+200D).
//
// Text must be valid UTF-8; a position is a byte offset. To go through a text:
//     for (size_t pos = 0; pos < text.size(); pos = next_grapheme(text, pos)) ...
//
// Only GraphemeBoundaries keeps state; any thread may call the functions.
#pragma once

#include <cstddef>
#include <string_view>

namespace tokenkit {

// Byte end of the cluster that starts at `pos`, as if the text started there; text.size() if `pos`
// is at or beyond the end. `pos` is a character boundary.
// Time and look-ahead are linear in the length of the cluster, which may be the whole text: go
// from cluster to cluster, do not ask at every character.
size_t next_grapheme(std::string_view text, size_t pos);

// May the text be split at `pos` without splitting a cluster? True at 0 and at text.size(); false
// inside a character and beyond the end.
// Looks at one character on either side. Only three pairs need more, and look back over the run
// before `pos`: combining marks before an Indic consonant (GB9c), combining marks before U+200D and
// an emoji (GB11), regional indicators before a regional indicator (GB12, GB13). Asking at every
// position of a text is linear but for the last: n regional indicators in a row take O(n**2). Use
// GraphemeBoundaries where that can happen.
bool is_grapheme_boundary(std::string_view text, size_t pos);

// The last boundary at or before `pos` / the first at or after it. `pos` is a character boundary of
// the text. Time as next_grapheme().
size_t floor_grapheme(std::string_view text, size_t pos);
size_t ceil_grapheme(std::string_view text, size_t pos);

// Answers is_grapheme_boundary() for many positions of one text. It remembers the last run of
// regional indicators, so that questions in ascending order (or in descending order) take linear
// time in all. It borrows the text, and is not to be shared between threads.
class GraphemeBoundaries {
 public:
  explicit GraphemeBoundaries(std::string_view text) : text_(text) {}

  bool at(size_t pos);

  // A stretch of the text that holds regional indicators only, and has none before it.
  struct FlagRun {
    size_t start = 0;
    size_t end = 0;
  };

 private:
  std::string_view text_;
  FlagRun run_;
};

}  // namespace tokenkit
