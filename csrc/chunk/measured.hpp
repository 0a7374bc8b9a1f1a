// A text and all that is measured of it before it is split: its borders and their prefix sums.
//
// Measure once, then ask. Nothing changes after construction, but counting uses the scratch of the
// call, so an object belongs to one thread. Borrows everything it is given. Offsets are in bytes;
// a border is named by its index: 0 is the start, last() the end of the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "chunk/borders.hpp"
#include "chunk/chunk_types.hpp"
#include "chunk/edges.hpp"
#include "encode/encoder.hpp"
#include "scan/families.hpp"

namespace tokenkit {

// A chunk about to start.
struct Opening {
  size_t start;    // its first byte
  uint32_t from;   // see Border
  uint32_t sync;   // see Edge
  uint32_t reach;  // it may end at a border whose upto is at most this
};

class MeasuredText {
 public:
  // Takes text of at least one byte behind options.from.start. With the strategy "token" the only
  // borders are the two ends, and there are no prefix sums: do not ask for the openings below.
  MeasuredText(const Encoder& encoder, std::string_view text, const ChunkOptions& options,
               Scratch& scratch);

  const Encoder& encoder() const { return encoder_; }
  std::string_view text() const { return text_; }
  const ChunkOptions& options() const { return options_; }
  Scratch& scratch() const { return scratch_; }
  const std::vector<Border>& borders() const { return borders_; }
  const std::vector<Heading>& headings() const { return headings_; }
  uint32_t last() const { return static_cast<uint32_t>(borders_.size() - 1); }

  // Where a chunk starts or ends that is split at `pos`: with `trim`, white space is left out.
  size_t trimmed_start(size_t pos) const {
    return options_.trim ? tokenkit::trimmed_start(text_, pos) : pos;
  }
  size_t trimmed_end(size_t pos) const {
    return options_.trim ? tokenkit::trimmed_end(text_, pos) : pos;
  }

  // The tokens of text[start, end) alone; 0 if it is empty.
  size_t count(size_t start, size_t end) const {
    return start >= end ? 0 : encoder_.count(text_.substr(start, end - start), nullptr, scratch_);
  }

  // The cost of ending a chunk at the border, where one more chunk costs 1.
  // As the twin calculates it, step by step, so that both see the same ties.
  double penalty(uint32_t border) const {
    return options_.weight * (borders_[border].penalty / 10.0);
  }

  // The first border behind `pos`, the last one if there is none.
  uint32_t first_after(size_t pos) const;

  // The chunk that starts at a border, or anywhere else.
  Opening opening_at(uint32_t border) const;
  Opening opening_inside(size_t pos) const;

  // Is the number of tokens from `a` to the border the difference of their prefix sums?
  bool sums_hold(const Opening& a, uint32_t border) const {
    const Border& b = borders_[border];
    const size_t settled = b.unaligned ? edge(border).settled : b.pos;
    return a.sync == a.start && options_.prefix.empty()
               ? a.sync <= settled
               : a.sync + edge_counter_.look_ahead() <= settled;
  }

 private:
  void find();
  const Edge& edge(uint32_t border) const;
  uint32_t sync_of(uint32_t border) const {
    return borders_[border].unaligned ? edge(border).sync : borders_[border].pos;
  }
  Opening opened(size_t pos, Start at) const;

  const Encoder& encoder_;
  const std::string_view text_;
  const ChunkOptions& options_;
  Scratch& scratch_;
  EdgeCounter edge_counter_;
  std::vector<Border> borders_;
  std::vector<Edge> edges_;  // of the unaligned borders
  std::vector<Heading> headings_;
};

}  // namespace tokenkit
