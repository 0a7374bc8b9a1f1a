// One word of a raw text, normalized as BertNormalizer does it.
//
// Push the characters of the word in order, finish() it, then read it; clear() starts the next
// one. A word that is longer than it may be stops growing, so memory is bounded. Characters that
// separate words must not be pushed, but a word may be one of them. Belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wordpiece/chars.hpp"

namespace tokenkit::bert {

class NormalWord {
 public:
  // The bytes of the raw text that a character comes from.
  struct Source {
    size_t start, end;
  };

  // Words of more than `max_chars` characters are too long.
  NormalWord(const Options& options, size_t max_chars) : options_(options), max_chars_(max_chars) {}

  void clear();
  // Takes the next character of the raw word; with a source, sources() are kept.
  void push(uint32_t cp);
  void push(uint32_t cp, Source source) {
    source_ = source;
    traced_ = true;
    push(cp);
  }
  // Takes all characters of a raw word.
  void push_all(std::string_view raw);
  // Says that no character follows.
  void finish() { release(); }

  // Once too long, text() means nothing.
  bool too_long() const { return chars_ > max_chars_; }
  std::string_view text() const { return text_; }
  // Of each character of text().
  const std::vector<Source>& sources() const { return sources_; }

 private:
  struct Waiting {
    uint32_t cp;
    uint8_t order;
    bool first;    // of what its raw character becomes
    bool dropped;  // kept only where sources are
    Source source;
  };

  void strip(uint32_t cp);
  void emit(uint32_t cp, Source source);
  void append(uint32_t cp, Source source);
  void release();

  Options options_;
  size_t max_chars_;
  size_t chars_ = 0;  // of text_ and waiting_
  std::string text_;
  std::vector<Waiting> waiting_;  // combining marks that are still to be put in order
  std::vector<Source> sources_;
  Source source_{0, 0};
  Source before_{0, 0};  // of the character before those that wait
  bool traced_ = false;
};

// A whole text, valid UTF-8, as BertNormalizer makes it.
std::string normalized(const Options& options, std::string_view text);

}  // namespace tokenkit::bert
