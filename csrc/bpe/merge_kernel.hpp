// Merging of up to 64 bytes with SIMD: the ranks of all pairs stay in a few vectors, which are
// searched for the lowest at once; tokens form a linked list, so nothing moves.
//
// For the kernel files only; merge.hpp is the way in. Functions without state.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bpe/merge.hpp"

namespace tokenkit {
namespace {  // one copy per source file: they are compiled for different processors

// `Simd` has lowest(ranks, blocks): the index of the first lowest of 16 * blocks ranks, and
// find(entries, key): the index of the pair entry with this key among eight, or 8.
template <class Simd>
inline uint32_t find_pair(const Vocab::Pairs& pairs, uint32_t left, uint32_t right) {
  const uint64_t key = Vocab::Pairs::key(left, right);
  if (!pairs.may_hold(key)) return kNone;
  const uint32_t home = pairs.home(key);
  for (uint32_t b = home;;) {
    const uint64_t* entries = pairs.entries + size_t{8} * b;
    const unsigned k = Simd::find(entries, key);
    if (k < 8) return Vocab::Pairs::rank_of(entries[k]);
    if (entries[7] == Vocab::Pairs::kEmpty) return kNone;
    if (++b == pairs.buckets) b = 0;
    if (b == home) return kNone;
  }
}

// A merge under way.
template <size_t Max>
struct MergeState {
  alignas(64) uint32_t ranks[Max];
  uint32_t token[Max];
  uint8_t next[Max + 1];
  uint8_t previous[Max + 1];
  size_t n, blocks;
  size_t at, after;  // the token made last, and the one behind it

  void start(const Vocab& vocab, const uint8_t* p, size_t size) {
    n = size < Max ? size : Max;
    if (vocab.characters()) return start_characters(vocab, p);
    blocks = (n + 15) / 16;
    for (size_t i = 0; i < n; ++i) {
      token[i] = vocab.byte_rank(p[i]);
      ranks[i] = i + 1 < n ? vocab.byte_pair(p[i], p[i + 1]) : kNone;
      next[i] = static_cast<uint8_t>(i + 1);
      previous[i + 1] = static_cast<uint8_t>(i);
    }
    for (size_t i = n; i < 16 * blocks; ++i) ranks[i] = kNone;
  }

  void start_characters(const Vocab& vocab, const uint8_t* p) {
    n = start_ranks(vocab, p, n, token);
    blocks = (n + 15) / 16;
    for (size_t i = 0; i < n; ++i) {
      ranks[i] = i + 1 < n ? start_pair(vocab, token[i], token[i + 1]) : kNone;
      next[i] = static_cast<uint8_t>(i + 1);
      previous[i + 1] = static_cast<uint8_t>(i);
    }
    for (size_t i = n; i < 16 * blocks; ++i) ranks[i] = kNone;
  }

  // Merges the lowest pair; false if there is none. The pairs that it makes are to be looked up.
  template <class Simd>
  bool merge_lowest() {
    at = Simd::lowest(ranks, blocks);
    if (ranks[at] == kNone) return false;
    token[at] = ranks[at];
    const size_t gone = next[at];
    after = next[gone];
    next[at] = static_cast<uint8_t>(after);
    previous[after] = static_cast<uint8_t>(at);
    ranks[gone] = kNone;
    return true;
  }

  template <class Simd>
  void look_up(const Vocab::Pairs& pairs) {
    ranks[at] = after < n ? find_pair<Simd>(pairs, token[at], token[after]) : kNone;
    if (at > 0) {
      ranks[previous[at]] = find_pair<Simd>(pairs, token[previous[at]], token[at]);
    }
  }

  size_t finish(uint32_t* ids) const {
    size_t count = 0;
    for (size_t i = 0; i < n; i = next[i]) ids[count++] = token[i];
    return count;
  }
};

template <class Simd>
size_t merge_with(const Vocab& vocab, const uint8_t* p, size_t n, uint32_t* ids) {
  const Vocab::Pairs pairs = vocab.pairs();
  MergeState<kMergeKernelMax> state;
  state.start(vocab, p, n);
  while (state.template merge_lowest<Simd>()) state.template look_up<Simd>(pairs);
  return state.finish(ids);
}

// Merges several pieces in turn, so that the lookups of one run while the others wait for memory.
template <class Simd>
void merge_batch_with(const Vocab& vocab, ShortPiece* pieces, size_t count) {
  const Vocab::Pairs pairs = vocab.pairs();
  MergeState<16> states[kMergeBatch];
  size_t active[kMergeBatch];
  size_t left = 0;
  for (size_t k = 0; k < count; ++k) {
    states[k].start(vocab, pieces[k].bytes, pieces[k].size);
    active[left++] = k;
  }
  while (left != 0) {
    size_t still = 0;
    for (size_t j = 0; j < left; ++j) {
      MergeState<16>& state = states[active[j]];
      if (!state.template merge_lowest<Simd>()) continue;
      active[still++] = active[j];
    }
    left = still;
    for (size_t j = 0; j < left; ++j) states[active[j]].template look_up<Simd>(pairs);
  }
  for (size_t k = 0; k < count; ++k) {
    pieces[k].count = static_cast<uint32_t>(states[k].finish(pieces[k].ids));
  }
}

}  // namespace
}  // namespace tokenkit
