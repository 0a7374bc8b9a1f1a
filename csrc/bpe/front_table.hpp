// A small table in front of the others: pieces of at most 13 bytes that are one token. Most pieces
// of most texts are, and eight are looked up at once where a level has vectors for it.
//
// Direct mapped: a piece has one place. The table starts empty, never changes a result, and belongs
// to one scratch. A kernel has no state.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/pages.hpp"
#include "base/simd.hpp"
#include "scan/keyed_pieces.hpp"

namespace tokenkit {

class FrontTable {
 public:
  // A key, and the id above it; all zero when free, as a piece has a length.
  using Entry = FrontKey;
  static constexpr uint64_t kKeyMask = (uint64_t{1} << kFrontKeyBits) - 1;
  static constexpr uint32_t kIdEnd = 1u << (64 - kFrontKeyBits);  // ids below fit

  // 2**bits places; 3 <= bits.
  explicit FrontTable(unsigned bits) : shift_(64 - bits), pages_(sizeof(Entry) << bits) {}

  static bool takes(size_t piece_size, uint32_t id) {
    return piece_size <= kFrontMax && id < kIdEnd;
  }

  // For a piece that takes() says fits.
  void insert(FrontKey key, uint32_t id) {
    entries()[place(key)] = {key.lo, key.hi | uint64_t{id} << kFrontKeyBits};
  }
  void insert_if_free(FrontKey key, uint32_t id) {
    if (entries()[place(key)].hi == 0) insert(key, id);
  }

  // Whether the table has the piece, and its id then. What kernels do.
  bool find(FrontKey key, uint32_t* id) const {
    const Entry& e = entries()[place(key)];
    *id = static_cast<uint32_t>(e.hi >> kFrontKeyBits);
    return ((e.lo ^ key.lo) | ((e.hi ^ key.hi) & kKeyMask)) == 0;
  }

  // The place of a key is the top of mix(lo, hi), shifted down by shift().
  static constexpr unsigned kRotation = 25;
  unsigned shift() const { return shift_; }
  Entry* entries() const { return static_cast<Entry*>(pages_.data()); }

 private:
  size_t place(FrontKey key) const {
    const uint64_t rotated = key.hi << kRotation | key.hi >> (64 - kRotation);
    return ((key.lo ^ rotated) * kHashA) >> shift_;
  }

  unsigned shift_;
  Pages pages_;
};

// FrontTable::find of n pieces: writes the ids of those that are there, in their places, and the
// numbers of those that are not to `missed`; returns how many these are. Up to seven items more are
// overwritten in both. missed() writes no ids.
struct FrontKernel {
  size_t (*ids)(const FrontTable& table, const KeyedPieces& pieces, size_t n, uint32_t* ids,
                uint32_t* missed);
  size_t (*missed)(const FrontTable& table, const KeyedPieces& pieces, size_t n, uint32_t* missed);
};
extern const FrontKernel kFrontAvx512;

// The kernel of a level that runs here; nullptr if it has none: then the front table does not pay.
inline const FrontKernel* front_kernel(SimdLevel level) {
#if defined(__x86_64__) || defined(_M_X64)
  if (level == SimdLevel::kAvx512) return &kFrontAvx512;
#endif
  (void)level;
  return nullptr;
}

}  // namespace tokenkit
