// A keyed digest of 128 bits, by which texts are recognized without being kept.
//
// SipHash-1-3 with the 128-bit output of its reference implementation (Aumasson and Bernstein,
// "SipHash: a fast short-input PRF", 2012; github.com/veorq/SipHash). Two inputs with one digest
// cannot be found without the key. Pure, and safe to call from any thread.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"

namespace tokenkit {

struct DigestKey {
  uint64_t low;
  uint64_t high;
};

struct Digest {
  uint64_t low;
  uint64_t high;
  bool operator==(const Digest&) const = default;
};

namespace digest_detail {

struct State {
  uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  template <int kRounds>
  void add(uint64_t word) {
    v3 ^= word;
    for (int i = 0; i < kRounds; ++i) round();
    v0 ^= word;
  }
  template <int kRounds>
  uint64_t finish() {
    for (int i = 0; i < kRounds; ++i) round();
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

}  // namespace digest_detail

// The digest of the `size` bytes at `data`. The rounds are parameters for the tests alone, whose
// published vectors are those of SipHash-2-4.
template <int kRounds = 1, int kLastRounds = 3>
Digest digest(const void* data, size_t size, DigestKey key) {
  digest_detail::State state{key.low ^ 0x736f6d6570736575, key.high ^ 0x646f72616e646f6d ^ 0xee,
                             key.low ^ 0x6c7967656e657261, key.high ^ 0x7465646279746573};
  const uint8_t* p = static_cast<const uint8_t*>(data);
  const uint8_t* const whole = p + size / 8 * 8;
  for (; p != whole; p += 8) state.add<kRounds>(load64(p));
  uint64_t last = static_cast<uint64_t>(size) << 56;
  for (size_t i = 0; i < size % 8; ++i) last |= static_cast<uint64_t>(p[i]) << (8 * i);
  state.add<kRounds>(last);
  state.v2 ^= 0xee;
  const uint64_t low = state.finish<kLastRounds>();
  state.v1 ^= 0xdd;
  return {low, state.finish<kLastRounds>()};
}

}  // namespace tokenkit
