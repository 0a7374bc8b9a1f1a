// Block scanners for arm64, where NEON is always there. Merging is scalar there.
#if defined(__aarch64__) || defined(_M_ARM64)

#include <arm_neon.h>

#include "scan/block_scan.hpp"

namespace tokenkit {
namespace {

struct Neon {
  struct Block {
    uint8x16_t v[4];
  };
  // One bit per byte of four comparison results: each byte keeps its own bit of eight, and pairwise
  // additions join them.
  static uint64_t bits(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d) {
    // Loaded, because compilers do not agree on what braces mean for a vector.
    static constexpr uint8_t kWeights[16] = {1, 2, 4, 8, 16, 32, 64, 128,
                                             1, 2, 4, 8, 16, 32, 64, 128};
    const uint8x16_t weight = vld1q_u8(kWeights);
    const uint8x16_t ab = vpaddq_u8(vandq_u8(a, weight), vandq_u8(b, weight));
    const uint8x16_t cd = vpaddq_u8(vandq_u8(c, weight), vandq_u8(d, weight));
    const uint8x16_t abcd = vpaddq_u8(ab, cd);
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(abcd, abcd)), 0);
  }
  template <class Test>
  static uint64_t each(const Block& b, const Test& test) {
    return bits(test(b.v[0]), test(b.v[1]), test(b.v[2]), test(b.v[3]));
  }
  static uint64_t range(const Block& b, char first, char last) {
    const uint8x16_t low = vdupq_n_u8(static_cast<uint8_t>(first));
    const uint8x16_t size = vdupq_n_u8(static_cast<uint8_t>(last - first));
    return each(b, [&](uint8x16_t v) { return vcleq_u8(vsubq_u8(v, low), size); });
  }
  static uint64_t equal(const Block& b, char c) {
    const uint8x16_t x = vdupq_n_u8(static_cast<uint8_t>(c));
    return each(b, [&](uint8x16_t v) { return vceqq_u8(v, x); });
  }
  static Block load_block(const uint8_t* p) {
    return {{vld1q_u8(p), vld1q_u8(p + 16), vld1q_u8(p + 32), vld1q_u8(p + 48)}};
  }
  static void pad(const uint8_t* p, size_t n, uint8_t* out) { copy_padded(p, n, out); }
  static BlockMasks masks(const uint8_t* p) {
    const Block b = load_block(p);
    BlockMasks m;
    m.upper = range(b, 'A', 'Z');
    m.lower = range(b, 'a', 'z');
    m.digit = range(b, '0', '9');
    m.blank = equal(b, ' ');
    m.newline = equal(b, '\r') | equal(b, '\n');
    m.other_space = range(b, '\t', '\r') & ~m.newline;
    m.visible = range(b, '!', '~');
    m.apostrophe = equal(b, '\'');
    m.slash = equal(b, '/');
    m.greater = equal(b, '>');
    const uint8x16_t top = vdupq_n_u8(0x80);
    m.non_ascii = each(b, [&](uint8x16_t v) { return vcgeq_u8(v, top); });
    return m;
  }

  static void write(uint64_t bits, size_t pos, size_t* out) { write_places(bits, pos, out); }
};

}  // namespace

ScanFunction scanner_neon(Family family) { return block_scanner<Neon>(family); }

}  // namespace tokenkit

#endif
