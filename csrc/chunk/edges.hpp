// Prefix sums of tokens at borders, so that the count of any slice between two borders is one
// subtraction (csrc/README.md, "Chunks").
//
// Call measure() once, then ask. Borrows the text, valid UTF-8 of less than 2**32 - 2**16 bytes,
// and the scratch of the call; belongs to one thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "chunk/border_types.hpp"
#include "encode/encoder.hpp"

namespace tokenkit {

// For an unaligned border: a slice that starts there has the pieces of the whole text from `sync`
// on; one that ends there has those of the whole text up to `settled`.
struct Edge {
  uint32_t border;  // its index
  uint32_t settled;
  uint32_t sync;
};

// Prefix sums start here, and not at zero: text that starts inside a word may have a few tokens
// more than the whole text up to the same offset.
constexpr uint32_t kZeroTokens = 1u << 16;

constexpr size_t kEdgeView = 4096 + 384;  // bytes

// How a text is read that starts at some offset.
struct Start {
  uint32_t from;  // so that a slice from there to a border has border.upto - from tokens
  uint32_t sync;  // if that border's pieces are settled from here on
};

// Measures borders of one text.
class EdgeCounter {
 public:
  // `headless`: unknown text comes before this one.
  EdgeCounter(const Encoder& encoder, std::string_view text, bool headless, Scratch& scratch);

  // Fills in from, upto and unaligned of all borders, which ascend; with `trim` a chunk starts
  // behind the white space that follows a border and ends before the white space that it follows.
  // The last border must be the end of the text. The first one is not measured if it is inside
  // the text. Borders that would take too long to measure are removed; which ones depends on
  // kEdgeView bytes of text before and behind them only. Returns the edges of the unaligned ones,
  // in order.
  std::vector<Edge> measure(std::vector<Border>& borders, bool trim);

  // Bytes behind a piece that say where it ends, whatever comes then.
  size_t look_ahead() const { return look_ahead_; }

  // The prefix sum at the end of the text, once measured.
  size_t total() const { return total_; }

  // How text that follows `prefix` from `pos` on is read, with the space that may be put before
  // both. `known` is a piece start of the whole
  // text, at or after `pos`, and `total` the tokens before it. Takes time in proportion to the text
  // up to where both readings meet.
  Start start_at(std::string_view own_prefix, size_t pos, size_t known, size_t total) const;

  // Tokens of the text from `pos` to `sync`, a piece start of the text that is read from `pos` on,
  // with the space that may be put before it.
  // (By itself the slice could have other pieces at its end.)
  size_t tokens_to(size_t pos, size_t sync) const;

 private:
  struct Past {
    size_t start;
    size_t total;
  };
  class Run;
  void remember(Past piece) { past_[past_count_++ % kPast] = piece; }
  bool anchored(size_t pos);
  bool measure_end(size_t pos, size_t* upto, size_t* settled);
  bool leads(size_t pos) const { return encoder_.leads(text_.substr(pos)); }
  bool is_anchor(size_t pos) const;
  size_t scan(std::string_view text, size_t pos, size_t* ends, size_t capacity) const;
  size_t scan_segments(std::string_view text, size_t pos, size_t stop, size_t* ends,
                       size_t capacity) const;
  size_t next_piece(std::string_view text, size_t pos) const;

  const Encoder& encoder_;
  std::string_view text_;
  bool headless_;
  Scratch& scratch_;
  const size_t look_ahead_;
  bool segmented_;  // pieces end wherever no token crosses
  // The last pieces before the offset that is being measured: their starts, tokens before them.
  static constexpr size_t kPast = 32;
  Past past_[kPast];
  size_t past_count_ = 0;
  size_t total_ = 0;
  static constexpr size_t kNone = static_cast<size_t>(-1);
  size_t anchor_ = kNone;  // the last anchor before asked_, if there is one near
  size_t asked_ = 0;
};

}  // namespace tokenkit
