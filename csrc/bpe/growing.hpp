// The number of tokens of a piece that grows, in memory that does not.
//
// Not thread safe; one per piece. The caller holds the bytes from from() on.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bpe/merge.hpp"

namespace tokenkit {

class GrowingCount {
 public:
  // So many bytes of the piece are held, about, before those that are certain are dropped.
  explicit GrowingCount(size_t held) : held_(held), next_(held) {}

  struct Result {
    size_t tokens = 0;         // of the whole piece
    uint32_t lacking = kNone;  // a rank of it that stands for a byte without a token
  };
  // Counts the piece, of which p[0..n) is what follows its first from() bytes, n >= 1. As with
  // LongMerger, only its last kMayChange bytes may be others than before.
  Result run(const Vocab& vocab, const uint8_t* p, size_t n);

  // Counts of what is before this offset of the piece no longer need its bytes.
  size_t from() const { return from_; }

  // Moves from() on, if enough is held and it is certain how it is merged; to be called after run()
  // with the same bytes.
  void settle(const Vocab& vocab, const uint8_t* p, size_t n);

 private:
  size_t held_;
  size_t next_;  // settle() does something once so many bytes are held
  size_t from_ = 0;
  Result before_;  // of the bytes before from()
  LongMerger merger_;
};

}  // namespace tokenkit
