// Loads, hashes, and the 16-byte key of a short piece.
//
// Loads are little-endian and hashes the same on every machine, because vocabulary images depend on
// both. Pure functions: any thread may call them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

// `make windows` defines it for GCC, so that the code of Microsoft's compiler runs somewhere.
#if defined(_MSC_VER) && !defined(__clang__)
#define TOKENKIT_MSVC
#endif

#if defined(TOKENKIT_MSVC)
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

inline uint32_t load32(const void* p) {
  uint32_t v;
  std::memcpy(&v, p, 4);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  v = __builtin_bswap32(v);
#endif
  return v;
}

inline void prefetch(const void* p) {
#if defined(__GNUC__)
  __builtin_prefetch(p);
  // GCC 12 takes a function that only prefetches for one without effect, and deletes its calls.
  asm volatile("");
#else
  (void)p;
#endif
}

// The two halves of the 128-bit product, folded.
inline uint64_t fold_multiply(uint64_t a, uint64_t b) {
#if defined(__SIZEOF_INT128__) && !defined(TOKENKIT_MSVC)
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
#error "expected a 64-bit machine, whose compiler multiplies 64 by 64 bits to 128"
#endif
}

constexpr uint64_t kHashA = 0x9E3779B97F4A7C15u;
constexpr uint64_t kHashB = 0xD6E8FEB86659FD93u;

// Up to 15 bytes, zero padded, with the length in the top byte: equal keys are equal pieces.
constexpr size_t kShortMax = 15;

struct Key {
  uint64_t lo;
  uint64_t hi;
  friend bool operator==(const Key& a, const Key& b) {
    return ((a.lo ^ b.lo) | (a.hi ^ b.hi)) == 0;
  }
};

struct KeyMask {
  uint64_t lo, hi, length;
};

// What make_key keeps of 16 loaded bytes, and the length byte, by length.
inline constexpr auto kKeyMasks = [] {
  std::array<KeyMask, kShortMax + 1> masks{};
  for (size_t n = 0; n <= kShortMax; ++n) {
    masks[n].lo = n >= 8 ? ~uint64_t{0} : (uint64_t{1} << (8 * n)) - 1;
    masks[n].hi = n > 8 ? (uint64_t{1} << (8 * (n - 8))) - 1 : 0;
    masks[n].length = uint64_t{n} << 56;
  }
  return masks;
}();

// The key of p[0..n), n <= 15, where p[0..16) can be read.
inline Key make_key_from_16(const uint8_t* p, size_t n) {
  const KeyMask& mask = kKeyMasks[n];
  return {load64(p) & mask.lo, (load64(p + 8) & mask.hi) | mask.length};
}

// The key of p[0..n), n <= 15, where nothing behind it may be read.
inline Key make_key(const uint8_t* p, size_t n) {
  uint8_t padded[16] = {};
  std::memcpy(padded, p, n);
  return make_key_from_16(padded, n);
}

// The same where p[-lead..16 - lead) can be read instead, and p[0..n) lies in that; 1 <= lead
// <= 15.
inline Key make_key_from_before(const uint8_t* p, size_t n, size_t lead) {
  uint64_t lo = load64(p - lead);
  uint64_t hi = load64(p - lead + 8);
  if (lead >= 8) {
    lo = hi;
    hi = 0;
    lead -= 8;
  }
  if (lead != 0) {
    lo = lo >> (8 * lead) | hi << (64 - 8 * lead);
    hi >>= 8 * lead;
  }
  const KeyMask& mask = kKeyMasks[n];
  return {lo & mask.lo, (hi & mask.hi) | mask.length};
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
