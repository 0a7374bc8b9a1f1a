// Up to a thousand pieces at a time: most are in the front table (bpe/front_table.hpp), and those
// that are not are looked up together. A block of neighbours would have too few of them, so that
// what one waits for would not be on its way while the others are looked at.
//
// For encoder.cpp and scratch.cpp only. The memory is a scratch's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "bpe/front_table.hpp"
#include "encode/lookup.hpp"
#include "encode/segments.hpp"
#include "scan/pretokenizer.hpp"

namespace tokenkit {

// Pieces of a text that need not be neighbours.
struct Apart {
  // With so many no more are taken: they wait for each other long enough, and what they need should
  // stay in a first-level cache.
  static constexpr size_t kEnough = 96;
  static constexpr size_t kMost = kEnough + KeyedPieces::kMost;
  size_t starts[kMost], ends[kMost];

  size_t start_of(size_t i) const { return starts[i]; }
  size_t end_of(size_t i) const { return ends[i]; }
};

// The pieces that the front table has not, of up to kRow in a row.
struct FrontBlock : BlockOf<Apart> {
  static constexpr size_t kRow = 1024;
  static constexpr size_t kRun = 32;  // so many of `ids` may be read from any place

  size_t pieces;              // in the row
  uint32_t numbers[kMost];    // of the pieces of this block, in the row
  uint32_t ids[kRow + kRun];  // of those that the front table has, by their numbers

  // Takes the pieces from `pos` on, and returns where they end. scan(text, pos, keyed) is a
  // KeyedScan, find(keyed, n, ids, missed) is what a kernel does; homes are prefetched as
  // BlockOf::load() says.
  template <class Scan, class Find, class Table>
  size_t take(std::string_view whole, size_t pos, const Scan& scan, const Find& find,
              const Table& table, const LongTable& long_table) {
    text = whole;
    size = pieces = 0;
    while (pieces + KeyedPieces::kMost <= kRow && size < kEnough) {
      const size_t n = scan(text, pos, keyed_);
      if (n == 0) break;
      const size_t misses = find(keyed_, n, ids + pieces, missed_);
      for (size_t k = 0; k < misses; ++k) {
        const uint32_t i = missed_[k];
        starts[size] = i == 0 ? pos : keyed_.ends[i - 1];
        ends[size] = keyed_.ends[i];
        numbers[size] = static_cast<uint32_t>(pieces) + i;
        load(size, starts[size], ends[size], table, long_table);
        ++size;
      }
      pieces += n;
      pos = keyed_.ends[n - 1];
    }
    return pos;
  }

  // Puts piece i, which has a key and is one token, into the table: if its place is free, or in any
  // case.
  void put_if_free(FrontTable& front, size_t i, uint32_t id) const {
    if (FrontTable::takes(size_of(i), id)) front.insert_if_free(front_key(keys[i]), id);
  }
  void put(FrontTable& front, size_t i, uint32_t id) const {
    if (FrontTable::takes(size_of(i), id)) front.insert(front_key(keys[i]), id);
  }

 private:
  KeyedPieces keyed_;
  uint32_t missed_[KeyedPieces::kMost + 7];
};

// What a call needs for it. Of the pieces that are in other tables but not in front, one in eight
// takes the place of what is there: which one, goes around.
struct FrontRoom {
  static constexpr size_t kPromoted = 8;
  FrontBlock block;
  KeyedSegments segments;
  Entries<Apart::kMost> entries;
  Counts<Apart::kMost> counts;
  size_t turn = 0;
};

}  // namespace tokenkit
