// Block scanners and merging for WebAssembly with SIMD128, for which the whole build asks.
#if defined(__wasm_simd128__)

#include <wasm_simd128.h>

#include "bpe/merge_kernel.hpp"
#include "scan/block_scan.hpp"

namespace tokenkit {
namespace {

struct Wasm {
  struct Block {
    v128_t v[4];
  };
  template <class Test>
  static uint64_t each(const Block& b, const Test& test) {
    uint64_t bits = 0;
    for (unsigned k = 0; k < 4; ++k) {
      bits |= static_cast<uint64_t>(wasm_i8x16_bitmask(test(b.v[k]))) << (16 * k);
    }
    return bits;
  }
  static uint64_t range(const Block& b, char first, char last) {
    const v128_t low = wasm_i8x16_splat(first);
    const v128_t size = wasm_i8x16_splat(static_cast<char>(last - first));
    return each(b, [&](v128_t v) { return wasm_u8x16_le(wasm_i8x16_sub(v, low), size); });
  }
  static uint64_t equal(const Block& b, char c) {
    const v128_t x = wasm_i8x16_splat(c);
    return each(b, [&](v128_t v) { return wasm_i8x16_eq(v, x); });
  }
  static Block load_block(const uint8_t* p) {
    return {{wasm_v128_load(p), wasm_v128_load(p + 16), wasm_v128_load(p + 32),
             wasm_v128_load(p + 48)}};
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
    m.non_ascii = each(b, [](v128_t v) { return v; });
    return m;
  }

  static void write(uint64_t bits, size_t pos, size_t* out) { write_places(bits, pos, out); }

  static size_t lowest(const uint32_t* ranks, size_t blocks) {
    v128_t least = wasm_v128_load(ranks);
    for (size_t k = 1; k < 4 * blocks; ++k) {
      least = wasm_u32x4_min(least, wasm_v128_load(ranks + 4 * k));
    }
    least = wasm_u32x4_min(least, wasm_i32x4_shuffle(least, least, 2, 3, 0, 1));
    least = wasm_u32x4_min(least, wasm_i32x4_shuffle(least, least, 1, 0, 3, 2));
    for (size_t k = 0;; ++k) {
      const v128_t same = wasm_i32x4_eq(wasm_v128_load(ranks + 4 * k), least);
      const uint32_t hits = wasm_i32x4_bitmask(same);
      if (hits != 0) return 4 * k + static_cast<size_t>(std::countr_zero(hits));
    }
  }
  static unsigned find(const uint64_t* entries, uint64_t key) {
    const v128_t wanted = wasm_i64x2_splat(static_cast<int64_t>(key));
    uint32_t hits = 0x100;
    for (unsigned k = 0; k < 4; ++k) {
      const v128_t keys = wasm_u64x2_shr(wasm_v128_load(entries + 2 * k), Vocab::Pairs::kIdShift);
      hits |= static_cast<uint32_t>(wasm_i64x2_bitmask(wasm_i64x2_eq(keys, wanted))) << (2 * k);
    }
    return static_cast<unsigned>(std::countr_zero(hits));
  }
};

}  // namespace

ScanFunction scanner_wasm(Family family) { return block_scanner<Wasm>(family); }

const MergeKernel kMergeWasm = {merge_with<Wasm>, merge_batch_with<Wasm>};

}  // namespace tokenkit

#endif
