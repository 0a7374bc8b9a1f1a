// Chunks as users get them: in characters, with their words and the headings above them.
//
// tokenkit/chunking/results.py has the readable twin, chunks_of(). Borrows text and chunks; one
// thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "chunk/chunk_types.hpp"
#include "chunk/heading_path.hpp"

namespace tokenkit {

struct PlacedChunk {
  int32_t index = 0;           // from 0 on
  int64_t start = 0, end = 0;  // characters of the text
  int32_t tokens = 0;
  std::string_view words;
  const std::vector<std::string>* headings = nullptr;
};

// Goes through what chunk_text gave for a text. Takes time in proportion to text and chunks.
class PlacedChunks {
 public:
  PlacedChunks(std::string_view text, const Chunks& chunks) : text_(text), chunks_(&chunks) {}

  bool ended() const { return next_ == chunks_->spans.size(); }
  // The next chunk; it lives until the next call. Requires that there is one.
  PlacedChunk next();

 private:
  std::string_view text_;
  const Chunks* chunks_;
  size_t next_ = 0;
  size_t at_ = 0;       // start of the last chunk in bytes
  int64_t chars_ = 0;   // and in characters
  size_t entered_ = 0;  // headings
  HeadingPath path_;
};

}  // namespace tokenkit
