// Byte-pair merging of one piece.
//
// BPE merges the adjacent pair of lowest rank, the leftmost of equals, until no pair is a token.
// `merge_small` does just that. Longer pieces go window by window: BPE is local (theorem 2 in
// csrc/README.md), so windows that overlap by one token and agree on it can be joined exactly.
//
// The functions have no state. A LongMerger belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/simd.hpp"
#include "bpe/vocab.hpp"

namespace tokenkit {

constexpr size_t kMergeSmallMax = 128;

// Merges ids[0..n) in place and returns how many are left. pair(left, right) gives the merged id,
// which is its rank, or kNone; ranks[i] is pair(ids[i], ids[i + 1]). Quadratic: for n up to
// kMergeSmallMax.
template <class Pair>
size_t merge_small(uint32_t* ids, uint32_t* ranks, size_t n, const Pair& pair) {
  while (n > 1) {
    size_t best = 0;
    for (size_t i = 1; i + 1 < n; ++i) {
      if (ranks[i] < ranks[best]) best = i;
    }
    if (ranks[best] == kNone) break;
    ids[best] = ranks[best];
    --n;
    std::memmove(ids + best + 1, ids + best + 2, (n - best - 1) * sizeof(uint32_t));
    std::memmove(ranks + best + 1, ranks + best + 2, (n - best - 1) * sizeof(uint32_t));
    if (best > 0) ranks[best - 1] = pair(ids[best - 1], ids[best]);
    if (best + 1 < n) ranks[best] = pair(ids[best], ids[best + 1]);
  }
  return n;
}

// Writes the ranks that merging of p[0..n) starts from, and returns how many there are: those of
// the bytes, or of characters, which are put together first where the vocabulary says so.
size_t start_ranks(const Vocab& vocab, const uint8_t* p, size_t n, uint32_t* ranks);

// vocab.pair() of ranks that start_ranks() gave, of which many are bytes. For characters() only.
inline uint32_t start_pair(const Vocab& vocab, uint32_t left, uint32_t right) {
  if ((left | right) >= 256) return vocab.pair(left, right);
  return vocab.byte_pair(static_cast<uint8_t>(left), static_cast<uint8_t>(right));
}

// Merges p[0..n), 1 <= n <= kMergeSmallMax, into ids and returns how many there are; up to
// kMergeKernelMax bytes with the instruction set in use, otherwise with merge_small.
constexpr size_t kMergeKernelMax = 64;
size_t merge_bytes(const Vocab& vocab, const uint8_t* p, size_t n, uint32_t* ids);

// A piece of up to 15 bytes and what it is merged into.
struct ShortPiece {
  const uint8_t* bytes;
  uint32_t size;
  uint32_t count;
  uint32_t ids[kShortMax + 1];
};

// Merges up to kMergeBatch short pieces; in turns, where the level has a kernel for it.
constexpr size_t kMergeBatch = 8;
void merge_batch(const Vocab& vocab, ShortPiece* pieces, size_t count);

// Both for one instruction set that runs here.
struct MergeKernel {
  size_t (*one)(const Vocab& vocab, const uint8_t* p, size_t n, uint32_t* ids);
  void (*batch)(const Vocab& vocab, ShortPiece* pieces, size_t count);
};
const MergeKernel& merge_kernel(SimdLevel level);

// Those of the levels above scalar, each in a source file of its own.
extern const MergeKernel kMergeAvx2;
extern const MergeKernel kMergeWasm;

// Merges a piece that is long or still growing. Between calls of `run` the piece may grow or shrink
// at its end, and its last kMayChange bytes may change; what was settled before that is kept, so a
// piece that arrives in many parts costs near-linear time in all. Not thread safe; one per piece.
constexpr size_t kMayChange = 16;
class LongMerger {
 public:
  LongMerger() { clear(); }

  // Merges p[0..n), n >= 1, as a whole piece and returns the number of its tokens.
  size_t run(const Vocab& vocab, const uint8_t* p, size_t n);

  // The ids of the last run: the settled ones, then those of its last window.
  const std::vector<uint32_t>& settled() const { return settled_; }
  const std::vector<uint32_t>& tail() const { return tail_; }

  // Where a token starts, and how many are before it, whatever comes for the last kMayChange bytes
  // and behind them (theorem 4 in csrc/README.md); the start of the piece if that is not seen.
  struct Border {
    size_t offset = 0;
    size_t tokens = 0;
  };
  // To be called after run() with the same bytes.
  Border certain_border(const Vocab& vocab, const uint8_t* p, size_t n) const;

  void clear();

 private:
  size_t merge_window(const Vocab& vocab, const uint8_t* p, size_t width);
  void back_up(const Vocab& vocab, size_t bytes);

  std::vector<uint32_t> settled_;
  std::vector<uint32_t> tail_;
  std::vector<uint32_t> window_;
  size_t merged_at_ = 0;  // what window_ holds the tokens of, during one run
  size_t merged_width_ = 0;
  size_t joint_ = 0;         // where the last settled token starts: the next window starts there
  size_t width_;             // bytes of the next window
  size_t narrowest_;         // bytes of a window where nothing asks for more
  size_t narrow_after_ = 0;  // windows stay wide until the joint has passed this place
};

}  // namespace tokenkit
