// Pieces that a scanner gives out together with their bytes, for the front table
// (bpe/front_table.hpp): with vectors, keys come from the block that was scanned, without loading
// any piece once more.
//
// Plain data and pure functions: any thread may use them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"

namespace tokenkit {

// Up to 13 bytes, zero padded, and their number in bits 40 to 43 of the upper half: equal keys are
// equal pieces. A longer piece has 14 or 15 there, and any bytes. The bits above are zero.
constexpr size_t kFrontMax = 13;
constexpr unsigned kFrontKeyBits = 44;  // of the upper half
struct FrontKey {
  uint64_t lo, hi;
};

// The front key of a piece that has a key.
constexpr FrontKey front_key(Key key) {
  constexpr uint64_t kBytes = (uint64_t{1} << 40) - 1;
  return {key.lo, (key.hi & kBytes) | (key.hi >> 56) << 40};
}

// The front key of text[start..end).
inline FrontKey front_key(std::string_view text, size_t start, size_t end) {
  const size_t n = end - start;
  if (n > kFrontMax) return {0, uint64_t{15} << 40};
  const auto* p = reinterpret_cast<const uint8_t*>(text.data()) + start;
  return front_key(text.size() - start >= 16 ? make_key_from_16(p, n) : make_key(p, n));
}

// Pieces in a row.
struct KeyedPieces {
  static constexpr size_t kMost = 256;
  alignas(64) uint64_t lo[kMost], hi[kMost];
  size_t ends[kMost];
};

// As ScanFunction (scan/pretokenizer.hpp), with keys.
using KeyedScan = size_t (*)(std::string_view text, size_t pos, KeyedPieces& out);

}  // namespace tokenkit
