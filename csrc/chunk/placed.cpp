#include "chunk/placed.hpp"

#include "text/utf8.hpp"

namespace tokenkit {

PlacedChunk PlacedChunks::next() {
  const ChunkSpan& span = chunks_->spans[next_];
  for (; entered_ < span.headings; ++entered_) {
    const Heading& heading = chunks_->headings[entered_];
    path_.enter(heading.depth, text_.substr(heading.start, heading.end - heading.start));
  }
  PlacedChunk out;
  out.index = static_cast<int32_t>(next_++);
  chars_ += static_cast<int64_t>(count_chars(text_.substr(at_, span.start - at_)));
  at_ = span.start;
  out.words = text_.substr(span.start, span.end - span.start);
  out.start = chars_;
  out.end = chars_ + static_cast<int64_t>(count_chars(out.words));
  out.tokens = static_cast<int32_t>(span.tokens);
  out.headings = &path_.words();
  return out;
}

}  // namespace tokenkit
