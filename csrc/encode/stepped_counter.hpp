// The counter of a text that comes in parts, for a SteppedEncoder.
//
// Of the text it holds what more text may still change: from the last safe character on (see
// text/normal.hpp), and the bytes that may begin a token. So memory is bounded, but for combining
// marks in a row: they are held until something follows, and put in order for each total.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "encode/counter.hpp"
#include "encode/stepped.hpp"

namespace tokenkit {

// Copies are independent counters of the same text so far. Not thread safe.
class SteppedCounter {
 public:
  // `coder` must outlive the counter.
  explicit SteppedCounter(const SteppedEncoder& coder)
      : coder_(&coder), counter_(coder.encoder()) {}

  // Takes the next part: whole characters of valid UTF-8.
  void update(std::string_view part);

  // The count of all parts joined; `more` follows them for this question only.
  size_t total(std::string_view more = {});

 private:
  void take(bool last);
  void feed(std::string_view text);
  void end_sections(bool last);

  const SteppedEncoder* coder_;
  StreamCounter counter_;  // of the section that is open
  size_t ended_ = 0;       // tokens before it
  std::string open_;       // its text that the counter has not had
  size_t searched_ = 0;    // no token starts before this offset of it
  size_t marks_ = 0;       // no safe character starts in it before this offset, but for the first
};

}  // namespace tokenkit
