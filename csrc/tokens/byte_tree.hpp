// A tree of byte strings, each with a number: what do texts begin with?
//
// The children of a node are neighbours, and nodes are numbered level by level, so a node needs
// only the place of its first child, and the byte that leads to it. A ByteTree borrows its memory
// and does not change; threads may share it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tokens/sealed.hpp"

namespace tokenkit {

class ByteTree {
 public:
  static constexpr uint32_t kNone = 0xFFFFFFFFu;
  static constexpr uint32_t kRoot = 0;
  using Entry = std::pair<std::string, uint32_t>;

  // Writes the tree of some strings; of one that is there twice, the last number counts.
  static void write(std::vector<Entry> entries, SealedWriter& out);

  // What write() wrote; says in *sound whether it is a tree.
  ByteTree(SealedReader& in, bool* sound);

  uint32_t node_count() const { return node_count_; }
  // Where the children of a node begin; of the first node of a level, where the next level begins.
  uint32_t first_child(uint32_t node) const { return first_[node]; }
  // The node one byte further, kNone if no string goes on like that.
  uint32_t child(uint32_t node, uint8_t byte) const {
    const char* from = labels_ + first_[node];
    const void* at = std::memchr(from, byte, first_[node + 1] - first_[node]);
    if (at == nullptr) return kNone;
    return static_cast<uint32_t>(static_cast<const char*>(at) - labels_);
  }
  // The number of the string that ends at a node, kNone if none does.
  uint32_t number(uint32_t node) const { return numbers_[node]; }
  // The node of a text, kNone if no string begins with it.
  uint32_t node_of(std::string_view text) const;
  // The number of a whole string, kNone if it is not there.
  uint32_t find(std::string_view text) const;

 private:
  uint32_t node_count_;
  const uint32_t* first_;    // of each node: its first child; and the end
  const uint32_t* numbers_;  // of each node
  const char* labels_;       // of each node: the byte that leads to it
};

}  // namespace tokenkit
