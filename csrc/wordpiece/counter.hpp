// Counts a text that comes in parts, with a WordPiece vocabulary.
//
// Holds the open word, normalized and no longer than a word may be; all before it is a number. The
// WordPiece must live as long. A counter belongs to one thread at a time; copies are independent.
#pragma once

#include <cstddef>
#include <string_view>

#include "wordpiece/normalize.hpp"
#include "wordpiece/wordpiece.hpp"

namespace tokenkit {

class WordCounter {
 public:
  explicit WordCounter(const WordPiece& words)
      : words_(&words), open_(words.options(), words.image().max_chars()) {}

  // Takes the next part, valid UTF-8.
  void update(std::string_view part);
  // The number of ids of all parts, and then `more`, joined.
  size_t total(std::string_view more) const;

 private:
  size_t go_on(std::string_view part);
  void close();

  const WordPiece* words_;
  size_t closed_ = 0;      // ids of the words that ended
  bert::NormalWord open_;  // the word at the end; of no ids if it is empty
};

}  // namespace tokenkit
