// What is known of a text's borders: the offsets at which it may be split into chunks.
//
// Plain values. The numbers of Format and Level cross the seam to Python: they never change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tokenkit {

enum class Format : uint8_t { kText = 0, kMarkdown = 1, kCode = 2, kJson = 3, kMarkup = 4 };

// Strings of the user's own at whose ends a text is best split, the best first.
using Separators = std::vector<std::string_view>;
constexpr size_t kLongestSeparator = 1024;  // bytes

// Bytes behind a border on which it may depend.
constexpr size_t kBorderView = 3072;

// What comes before a border, the best border to split at first.
enum class Level : uint8_t {
  kHeading = 0,    // a heading follows
  kFence = 1,      // before or after a fenced block or a table
  kBlock = 2,      // a top-level block of code follows, or before: a record, a separator
  kParagraph = 3,  // a blank line
  kLine = 4,
  kSentence = 5,
  kClause = 6,
  kWord = 7,
  kCharacter = 8,
  kEnd = 9,  // the end of the text
};

// What it costs to split where there is no border, in tenths: a line costs 1.
constexpr uint8_t kCharacterPenalty = 160;

// A border and, once measured (see edges.hpp), its prefix sums of tokens.
struct Border {
  uint32_t pos = 0;   // bytes
  uint32_t from = 0;  // tokens of the text before it, as a chunk that starts here sees it
  uint32_t upto = 0;  // the same, as a chunk that ends here sees it
  Level level = Level::kEnd;
  uint8_t penalty = 0;     // tenths
  bool unaligned = false;  // `from` or `upto` was counted again around the border
};

// A heading of markdown: its depth and the bytes of its words.
struct Heading {
  uint32_t pos;  // where its line starts
  uint32_t depth;
  uint32_t start, end;
};

constexpr size_t kMostContainers = 12;

// What is known of a text at some offset, for the lines behind it.
struct LineState {
  uint32_t fence = 0;       // markdown.cpp: the mark of the open fence
  uint32_t fence_size = 0;  // how many of them opened it
  uint32_t previous = 0;    // markdown.cpp: what the last line was
  uint32_t inside = 0;      // what it costs more to split inside the last line
  uint32_t indent = 0;      // of the last line
  uint32_t mode = 0;        // records.cpp: what the text is inside of
  uint32_t depth = 0;       // records.cpp: open brackets
  uint32_t records = 0;     // records.cpp: open brackets around a record; 0 if not known
  uint32_t last = 0;        // records.cpp: what was there last, white space aside
  uint32_t leaf = 0;        // markdown.cpp: the kind of the open block
  uint32_t html = 0;        // markdown.cpp: the kind of the open HTML block
  uint32_t blank = 0;       // markdown.cpp: whether the last line was blank
  uint32_t containers = 0;  // markdown.cpp: how many quotes and items of lists are open
  uint16_t container[kMostContainers] = {};
};

}  // namespace tokenkit
