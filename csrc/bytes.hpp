// Loads, hashes and the 16-byte key of a short piece. Little-endian layout on every machine, so
// that vocabulary images are the same everywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#endif

namespace tokenkit {

inline uint64_t load64(const void* p) {
  uint64_t v;
  std::memcpy(&v, p, 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  v = __builtin_bswap64(v);
#endif
  return v;
}

// The two halves of the 128-bit product, folded.
inline uint64_t fold_multiply(uint64_t a, uint64_t b) {
#if defined(__SIZEOF_INT128__)
  __extension__ using Wide = unsigned __int128;
  Wide product = static_cast<Wide>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
#elif defined(_M_X64)
  uint64_t high;
  uint64_t low = _umul128(a, b, &high);
  return low ^ high;
#elif defined(_M_ARM64)
  return (a * b) ^ __umulh(a, b);
#else
#error "a 64-bit machine with a 64 x 64 -> 128 bit multiplication is needed"
#endif
}

constexpr uint64_t kHashA = 0x9E3779B97F4A7C15u;
constexpr uint64_t kHashB = 0xD6E8FEB86659FD93u;

// Up to 15 bytes, zero padded, with the length in the top byte: equal keys are equal pieces.
constexpr size_t kShortMax = 15;

struct Key {
  uint64_t lo;
  uint64_t hi;
  friend bool operator==(const Key& a, const Key& b) { return a.lo == b.lo && a.hi == b.hi; }
};

// Builds the key of p[0..n), 1 <= n <= 15. `readable` bytes from p on may be loaded.
inline Key make_key(const uint8_t* p, size_t n, size_t readable) {
  uint64_t lo, hi;
  if (readable >= 16) {
    lo = load64(p);
    hi = load64(p + 8);
  } else {
    uint8_t padded[16] = {};
    std::memcpy(padded, p, n);
    lo = load64(padded);
    hi = load64(padded + 8);
  }
  // Shifts by 64 are undefined, hence the two cases; the compiler makes them branchless.
  uint64_t lo_mask = n >= 8 ? ~uint64_t{0} : (uint64_t{1} << (8 * n)) - 1;
  uint64_t hi_mask = n > 8 ? (uint64_t{1} << (8 * (n - 8))) - 1 : 0;
  return {lo & lo_mask, (hi & hi_mask) | (static_cast<uint64_t>(n) << 56)};
}

inline uint64_t hash_key(Key key) { return fold_multiply(key.lo ^ kHashA, key.hi ^ kHashB); }

// Hash of a byte string of any length.
inline uint64_t hash_bytes(const uint8_t* p, size_t n) {
  uint64_t h = kHashA ^ n;
  size_t i = 0;
  for (; i + 8 <= n; i += 8) h = fold_multiply(h ^ load64(p + i), kHashB);
  if (i < n) {
    uint8_t padded[8] = {};
    std::memcpy(padded, p + i, n - i);
    h = fold_multiply(h ^ load64(padded), kHashA);
  }
  return fold_multiply(h, kHashB);
}

}  // namespace tokenkit
