// What a caller asks of the chunker, and what it gets.
//
// Plain values; `prefix` is borrowed. The numbers of Strategy cross the seam to Python: they never
// change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "chunk/border_types.hpp"

namespace tokenkit {

enum class Strategy : uint8_t {
  kOptimal = 0,  // least number of chunks + weight * penalties of their ends
  kGreedy = 1,   // chunk by chunk, each the best by itself
  kToken = 2,    // as many tokens as fit, wherever they end
};

// Where the chunks of a text that comes in parts were left. The text before `start` is done, and is
// only looked at.
struct Resume {
  size_t start = 0;       // of the next chunk, or where it may start behind white space
  size_t cut = 0;         // where the chunk before it ended; behind `start` if they overlap
  bool inside = false;    // that cut is not a border
  bool headless = false;  // there was text before the context
  LineState lines;        // at `start`
  size_t context = 0;     // result only: text before this is no longer needed
  size_t headings = 0;    // result only: number of headings up to `start`
};

inline const Separators kNoSeparators;

struct ChunkOptions {
  Format format = Format::kText;
  Strategy strategy = Strategy::kOptimal;
  uint32_t limit = 0;       // tokens of a chunk's text, at least 1
  uint32_t room = 0;        // tokens of prefix and text together
  uint32_t overlap = 0;     // tokens that a chunk may repeat; below limit
  uint32_t min_tokens = 0;  // chunks below this are merged or filled up where that is possible
  double weight = 0.15;     // of a penalty of 1 against one more chunk
  bool trim = false;        // leave out white space at both ends, by whole clusters
  const Separators* separators = nullptr;  // none
  std::string_view prefix;                 // comes before each chunk when it is used; valid UTF-8
  Resume from;                             // to go on where an earlier call stopped
  // The text goes on behind its end. Only chunks that no further text changes are given out: by
  // "greedy" and "token" for certain; "optimal" gives out those that start `ahead` bytes before the
  // end.
  bool more = false;
  size_t ahead = 0;

  const Separators& own_separators() const {
    return separators == nullptr ? kNoSeparators : *separators;
  }
};

struct ChunkSpan {
  size_t start, end;  // bytes of the text, context included
  uint32_t tokens;    // of text[start, end)
  uint32_t overlap;   // of text[next.start, end)
  Level level;        // of the border at the end
  uint32_t headings;  // number of headings before the chunk's first word, or its end
};

struct Chunks {
  std::vector<ChunkSpan> spans;
  std::vector<Heading> headings;  // those behind Resume::start
  // A character that is more than the limit, if there is one: then there are no spans.
  size_t failed_at = static_cast<size_t>(-1);
  size_t needed = 0;
  Resume rest;  // with `more`: where to go on
};

}  // namespace tokenkit
