// The steps before a Unigram model: what they make of a section of text.
//
// Lines belong to one thread; functions have no state. Texts are valid UTF-8, borrowed for the
// call.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "unigram/charsmap.hpp"
#include "unigram/image.hpp"

namespace tokenkit::unigram {

// A text on its way through the steps, and, if it is traced, where each of its bytes comes from.
class Line {
 public:
  // Bytes of the raw text.
  struct Source {
    size_t start, end;
  };

  void start(std::string_view raw, bool traced);
  std::string_view text() const { return text_; }
  // Of each byte of text().
  const std::vector<Source>& sources() const { return sources_; }

  // Empties the line, for what a step makes of another one.
  void follow(const Line& other);
  // Appends from[start..end) as it is.
  void copy(const Line& from, size_t start, size_t end);
  // Appends a text that stands for from[start..end), which may be empty.
  void put(std::string_view text, const Line& from, size_t start, size_t end);

 private:
  std::string text_;
  std::vector<Source> sources_;
  bool traced_ = false;
};

// Two lines that take turns: what a step reads, and what it writes.
struct Lines {
  Line now, next;
};

// Applies one step to lines.now.
void apply(const Step& step, const CharsMap& map, Lines& lines);

// Splits lines.now, which signs are put into, in the pieces that the model is given, and appends
// the end of each. `first` says that the text begins with this section.
void split_pieces(const Splits& splits, bool first, Lines& lines, std::vector<size_t>& ends);

}  // namespace tokenkit::unigram
