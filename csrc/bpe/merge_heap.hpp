// BPE with a heap of candidate merges, for pieces that are too long for merge_small: O(n log n).
// For merge.cpp and for building vocabularies. Functions without state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <queue>
#include <utility>
#include <vector>

#include "bpe/vocab.hpp"

namespace tokenkit {

// Merges `parts` in place. pair(left, right) gives the merged part, which is its rank, or kNone.
// Parts form a linked list over their first places; a candidate is stale when its left part has
// since been merged away or has another partner.
template <class Pair>
void merge_heap(std::vector<uint32_t>& parts, const Pair& pair) {
  struct Node {
    uint32_t part, previous, next;
    uint32_t rank;  // of the merge with `next`
  };
  struct Candidate {
    uint32_t rank, start;
    bool operator<(const Candidate& other) const {  // std::priority_queue takes the largest
      return rank != other.rank ? rank > other.rank : start > other.start;
    }
  };
  const uint32_t size = static_cast<uint32_t>(parts.size());
  std::vector<Node> nodes(parts.size());
  std::vector<Candidate> initial;
  for (uint32_t i = 0; i < size; ++i) {
    const uint32_t rank = i + 1 < size ? pair(parts[i], parts[i + 1]) : kNone;
    nodes[i] = {parts[i], i - 1, i + 1, rank};
    if (rank != kNone) initial.push_back({rank, i});
  }
  std::priority_queue<Candidate> heap({}, std::move(initial));
  auto update = [&](uint32_t start) {
    Node& node = nodes[start];
    node.rank = node.next < size ? pair(node.part, nodes[node.next].part) : kNone;
    if (node.rank != kNone) heap.push({node.rank, start});
  };
  while (!heap.empty()) {
    const Candidate best = heap.top();
    heap.pop();
    Node& left = nodes[best.start];
    if (left.rank != best.rank) continue;
    Node& right = nodes[left.next];
    left.part = left.rank;
    left.next = right.next;
    right.rank = kNone;  // its candidates are stale now
    if (left.next < size) nodes[left.next].previous = best.start;
    update(best.start);
    if (best.start > 0) update(left.previous);
  }
  size_t count = 0;
  for (uint32_t i = 0; i < size; i = nodes[i].next) parts[count++] = nodes[i].part;
  parts.resize(count);
}

}  // namespace tokenkit
