#include "bpe/merge.hpp"

#include <algorithm>
#include <atomic>

#include "bpe/merge_heap.hpp"
#include "text/utf8.hpp"

namespace tokenkit {
namespace {

constexpr size_t kWindow = 64;

// BPE of a window that is too long for merge_small.
void merge_with_heap(const Vocab& vocab, const uint8_t* p, size_t n, std::vector<uint32_t>& ids) {
  ids.resize(n);
  ids.resize(start_ranks(vocab, p, n, ids.data()));
  merge_heap(ids, [&](uint32_t a, uint32_t b) { return vocab.pair(a, b); });
}

// The first token of BPE over p[0..n).
uint32_t first_token(const Vocab& vocab, const uint8_t* p, size_t n, std::vector<uint32_t>& ids) {
  if (n > kMergeSmallMax) {
    merge_with_heap(vocab, p, n, ids);
  } else {
    ids.resize(n);
    merge_bytes(vocab, p, n, ids.data());
  }
  return ids[0];
}

size_t merge_scalar(const Vocab& vocab, const uint8_t* p, size_t n, uint32_t* ids) {
  uint32_t ranks[kMergeSmallMax];
  const size_t count = start_ranks(vocab, p, n, ids);
  if (vocab.characters()) {
    for (size_t i = 0; i + 1 < count; ++i) ranks[i] = start_pair(vocab, ids[i], ids[i + 1]);
  } else {
    for (size_t i = 0; i + 1 < n; ++i) ranks[i] = vocab.byte_pair(p[i], p[i + 1]);
  }
  return merge_small(ids, ranks, count, [&](uint32_t a, uint32_t b) { return vocab.pair(a, b); });
}

void merge_batch_scalar(const Vocab& vocab, ShortPiece* pieces, size_t count) {
  for (size_t k = 0; k < count; ++k) {
    ShortPiece& piece = pieces[k];
    piece.count = static_cast<uint32_t>(merge_scalar(vocab, piece.bytes, piece.size, piece.ids));
  }
}

constexpr MergeKernel kMergeScalar = {merge_scalar, merge_batch_scalar};

const MergeKernel& kernel() {
  // Without the guard of a static object, as in simd_level().
  static std::atomic<const MergeKernel*> known{nullptr};
  const MergeKernel* kernel = known.load(std::memory_order_relaxed);
  if (kernel == nullptr) {
    kernel = &merge_kernel(simd_level());
    known.store(kernel, std::memory_order_relaxed);
  }
  return *kernel;
}

}  // namespace

const MergeKernel& merge_kernel(SimdLevel level) {
#if defined(__x86_64__) || defined(_M_X64)
  // Ranks are searched right after some were written, which wider vectors wait longer for.
  if (level == SimdLevel::kAvx512 || level == SimdLevel::kAvx2) return kMergeAvx2;
#elif defined(__wasm_simd128__)
  if (level == SimdLevel::kWasm) return kMergeWasm;
#endif
  (void)level;
  return kMergeScalar;
}

size_t start_ranks(const Vocab& vocab, const uint8_t* p, size_t n, uint32_t* ranks) {
  if (!vocab.characters()) {
    for (size_t i = 0; i < n; ++i) ranks[i] = vocab.byte_rank(p[i]);
    return n;
  }
  // A character is a chain of merges, from its first byte on; nothing else merges its bytes.
  size_t count = 0;
  for (size_t i = 0; i < n;) {
    uint32_t rank = vocab.byte_rank(p[i++]);
    while (i < n && is_continuation(p[i])) {
      const uint32_t longer = start_pair(vocab, rank, vocab.byte_rank(p[i]));
      if (longer == kNone) break;
      rank = longer;
      ++i;
    }
    ranks[count++] = rank;
  }
  return count;
}

size_t merge_bytes(const Vocab& vocab, const uint8_t* p, size_t n, uint32_t* ids) {
  return n <= kMergeKernelMax ? kernel().one(vocab, p, n, ids) : merge_scalar(vocab, p, n, ids);
}

void merge_batch(const Vocab& vocab, ShortPiece* pieces, size_t count) {
  kernel().batch(vocab, pieces, count);
}

void LongMerger::clear() {
  settled_.clear();
  tail_.clear();
  joint_ = 0;
  width_ = narrowest_ = kWindow;
  narrow_after_ = 0;
}

// Merges the window at the joint into window_. A window with the same bytes as the one before has
// the same tokens; runs of one character consist of little else.
size_t LongMerger::merge_window(const Vocab& vocab, const uint8_t* p, size_t width) {
  if (width == merged_width_ && std::memcmp(p + joint_, p + merged_at_, width) == 0) {
    return window_.size();
  }
  merged_at_ = joint_;
  merged_width_ = width;
  if (width <= kMergeSmallMax) {
    window_.resize(width);
    window_.resize(merge_bytes(vocab, p + joint_, width, window_.data()));
  } else {
    merge_with_heap(vocab, p + joint_, width, window_);
  }
  return window_.size();
}

LongMerger::Border LongMerger::certain_border(const Vocab& vocab, const uint8_t* p,
                                              size_t n) const {
  const size_t longest = vocab.max_token_size();
  if (settled_.empty() || n < kMayChange + longest) return {};
  const size_t fixed = n - kMayChange;
  const size_t first = fixed + 1 - longest;  // a token that is not certain starts here or later
  std::vector<uint32_t> ids;
  size_t k = settled_.size() - 1;
  size_t start = joint_;  // of token k
  for (size_t back = kWindow; back <= kWindow + 16 * longest; back *= 2) {
    while (k > 0 && start + vocab.size_of(settled_[k]) + back > first) {
      start -= vocab.size_of(settled_[--k]);
    }
    if (k == 0) return {};
    bool same = true;
    for (size_t end = first; same && end <= fixed; ++end) {
      same = first_token(vocab, p + start, end - start, ids) == settled_[k];
    }
    if (same) return {start, k};
  }
  return {};
}

// Gives back settled tokens of at least `bytes` bytes before the joint, so that the next window
// starts further left.
void LongMerger::back_up(const Vocab& vocab, size_t bytes) {
  size_t target = joint_ > bytes ? joint_ - bytes : 0;
  settled_.pop_back();
  while (!settled_.empty()) {
    joint_ -= vocab.size_of(settled_.back());
    if (joint_ <= target) return;
    settled_.pop_back();
  }
  joint_ = 0;
}

size_t LongMerger::run(const Vocab& vocab, const uint8_t* p, size_t n) {
  // It shrank: what is settled must end before the bytes that may change, as it does below. Tokens
  // before that are those of what they cover, whatever follows, and the joint is tested again.
  while (!settled_.empty() && joint_ + vocab.size_of(settled_.back()) + kMayChange > n) {
    settled_.pop_back();
    joint_ -= settled_.empty() ? joint_ : vocab.size_of(settled_.back());
  }
  merged_width_ = 0;  // the bytes may have changed since
  for (;;) {
    size_t width = std::min(width_, n - joint_);
    size_t count = merge_window(vocab, p, width);
    size_t first = settled_.empty() ? 0 : 1;
    if (first == 1 && window_[0] != settled_.back()) {
      // With more text in view BPE has another token here: settle it again, with wider windows
      // until all that was in view now is settled. So every failure lies further on than the last.
      narrow_after_ = std::max(narrow_after_, joint_ + width);  // long tokens back up further
      back_up(vocab, width_);
      width_ *= 2;
      continue;
    }
    if (joint_ + width == n) {
      tail_.assign(window_.begin() + static_cast<ptrdiff_t>(first), window_.end());
      return settled_.size() + tail_.size();
    }
    // The last quarter of the window may still change with what follows; if it does, the next
    // window disagrees at the joint and the case above mends it.
    size_t end = 0;
    size_t kept = 0;
    while (kept < count) {
      size_t size = vocab.size_of(window_[kept]);
      if (end + size > width - width / 4) break;
      end += size;
      ++kept;
    }
    if (kept <= first) {  // tokens as long as windows: there will be more of them
      width_ *= 2;
      narrowest_ = width_;
      continue;
    }
    settled_.insert(settled_.end(), window_.begin() + static_cast<ptrdiff_t>(first),
                    window_.begin() + static_cast<ptrdiff_t>(kept));
    joint_ += end - vocab.size_of(settled_.back());
    if (joint_ >= narrow_after_) width_ = narrowest_;
  }
}

}  // namespace tokenkit
