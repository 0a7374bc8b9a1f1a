// What a line of Markdown may be the start of, by CommonMark 0.31.2 (https://spec.commonmark.org).
//
// Functions without state, and a cursor. A line has no line end; `words` is a line without the
// white space at its start. Block structure is the caller's (markdown.cpp).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tokenkit::markdown {

// A line that is read from left to right, in columns: a tab goes to the next multiple of four.
class Cursor {
 public:
  explicit Cursor(std::string_view line) : line_(line) { look(); }

  size_t indent() const { return indent_; }  // columns of white space at hand
  bool is_blank() const { return start_ == line_.size(); }
  std::string_view words() const { return line_.substr(start_); }

  // Takes columns of white space, at most as many as there are.
  void take_columns(size_t n) {
    column_ += std::min(n, indent_);
    indent_ -= std::min(n, indent_);
  }
  // Takes the white space at hand and `n` characters behind it.
  void take_marks(size_t n) {
    column_ += indent_ + n;
    at_ = start_ + n;
    look();
  }

 private:
  void look() {
    size_t column = column_;
    start_ = at_;
    while (start_ < line_.size() && (line_[start_] == ' ' || line_[start_] == '\t')) {
      column = line_[start_] == '\t' ? (column / 4 + 1) * 4 : column + 1;
      ++start_;
    }
    indent_ = column - column_;
  }

  std::string_view line_;
  size_t at_ = 0;      // where the white space at hand began
  size_t column_ = 0;  // what was taken
  size_t start_ = 0;   // of the words
  size_t indent_ = 0;
};

// Without the spaces and tabs at both ends.
std::string_view trimmed(std::string_view line);
// How many of `c` the text starts with.
size_t run_of(std::string_view text, char c);

// 1 to 6 for "# Heading" to "###### Heading", else 0 (4.2).
size_t atx_depth(std::string_view words);
// The words of an ATX heading, without the number signs on both sides.
std::string_view atx_words(std::string_view words, size_t depth);

// 1 or 2 for a run of = or - alone on its line, else 0 (4.3).
size_t setext_depth(std::string_view words);

// Three or more of *, - or _ alone on a line (4.1).
bool is_thematic_break(std::string_view words);

// How many marks open a fenced code block, 0 if none is opened (4.5).
size_t fence_size(std::string_view words);
// Does the line close a fence of so many marks?
bool closes_fence(std::string_view words, char mark, size_t size);

// Which of the seven kinds of HTML block the line starts, 0 if none (4.6).
uint32_t html_kind(std::string_view words);
// Does a block of the kinds 1 to 5 end in `text`? What ends before `from` does not count.
bool ends_html(std::string_view text, size_t from, uint32_t kind);

// The marker of a list item: its length, 0 if there is none (5.2).
struct ListMarker {
  size_t size = 0;
  bool interrupts = false;  // so may it end a paragraph, unless it is empty
};
ListMarker list_marker(std::string_view words);

// Is the line a link reference definition (4.7)? Those of several lines are not known.
bool is_definition(std::string_view words);

}  // namespace tokenkit::markdown
