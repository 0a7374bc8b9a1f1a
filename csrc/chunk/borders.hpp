// Where a text may be cut: places between lines, sentences, clauses and words.
//
// The search knows nothing of tokens. It looks at characters only, and only nearby, so the borders
// of a part of a text are those of the whole, but for the ends of the part.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tokenkit {

enum class Format : uint8_t { kText = 0, kMarkdown = 1, kCode = 2 };

// What stands before a border, the best place to cut first.
enum class Level : uint8_t {
  kHeading = 0,    // a heading follows
  kFence = 1,      // before or after a fenced block or a table
  kBlock = 2,      // a top-level block of code follows
  kParagraph = 3,  // a blank line
  kLine = 4,
  kSentence = 5,
  kClause = 6,
  kWord = 7,
  kCharacter = 8,
  kEnd = 9,  // the end of the text
};

// What it costs to cut at a place, in tenths: a line costs 1.
constexpr uint8_t kCharacterPenalty = 160;

// A border and, once measured (see edges.hpp), its prefix sums of tokens.
struct Border {
  uint32_t pos = 0;   // bytes
  uint32_t from = 0;  // tokens of the text before it, as a chunk that starts here sees it
  uint32_t upto = 0;  // the same, as a chunk that ends here sees it
  Level level = Level::kEnd;
  uint8_t penalty = 0;     // tenths
  bool unaligned = false;  // `from` or `upto` was counted anew around the border
};

// A heading of markdown: its depth and the bytes of its words.
struct Heading {
  uint32_t pos;  // where its line starts
  uint32_t depth;
  uint32_t start, end;
};

// What is known of a text at some place, for the lines behind it.
struct LineState {
  uint32_t fence = 0;       // the mark of the open fence
  uint32_t fence_size = 0;  // how many of them opened it
  uint32_t previous = 0;    // what the last line was (lines.cpp)
  uint32_t inside = 0;      // what it costs more to cut inside the last line
  uint32_t indent = 0;      // of the last line
};

// Appends the borders of text in (from, upto], in order, and what headings there are. Each stands
// between two grapheme clusters, at most one in a run of white space; none at the ends of the text,
// nor at the ends of its white space. What stands before `from` is only looked at: some thousand
// bytes of it are enough. `lines` is what is known at `from`; it becomes what is known at `upto`.
// A border depends on no more than kBorderView bytes behind it. Requires text.size() < 2**32.
void find_borders(std::string_view text, Format format, size_t from, size_t upto, LineState& lines,
                  std::vector<Border>& borders, std::vector<Heading>& headings);

constexpr size_t kBorderView = 3072;

// Is there a word border before the white space at `pos`, as find_borders sees it?
bool is_word_border(std::string_view text, size_t pos);

// The first place at or after `pos` that is not white space, and the last such end at or before it.
size_t skip_space(std::string_view text, size_t pos);
size_t skip_space_back(std::string_view text, size_t pos);

}  // namespace tokenkit
