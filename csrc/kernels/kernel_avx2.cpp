// Block scanners and merging for x86-64 with AVX2; compiled with flags of its own (setup.py).
#if defined(__x86_64__) || defined(_M_X64)

#include <immintrin.h>

#include "bpe/merge_kernel.hpp"
#include "scan/block_scan.hpp"

namespace tokenkit {
namespace {

struct Avx2 {
  struct Halves {
    __m256i a, b;
  };
  static uint64_t bits(__m256i a, __m256i b) {
    return static_cast<uint32_t>(_mm256_movemask_epi8(a)) |
           static_cast<uint64_t>(static_cast<uint32_t>(_mm256_movemask_epi8(b))) << 32;
  }
  // Unsigned bytes compare through the minimum: x <= y exactly if min(x, y) == x.
  static __m256i within(__m256i v, char first, char last) {
    const __m256i offset = _mm256_sub_epi8(v, _mm256_set1_epi8(first));
    const __m256i size = _mm256_set1_epi8(static_cast<char>(last - first));
    return _mm256_cmpeq_epi8(_mm256_min_epu8(offset, size), offset);
  }
  static uint64_t range(const Halves& v, char first, char last) {
    return bits(within(v.a, first, last), within(v.b, first, last));
  }
  static uint64_t equal(const Halves& v, char c) {
    const __m256i x = _mm256_set1_epi8(c);
    return bits(_mm256_cmpeq_epi8(v.a, x), _mm256_cmpeq_epi8(v.b, x));
  }
  static Halves load_block(const uint8_t* p) {
    return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)),
            _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 32))};
  }
  static void pad(const uint8_t* p, size_t n, uint8_t* out) { copy_padded(p, n, out); }
  [[gnu::always_inline]] static BlockMasks masks(const uint8_t* p) {
    const Halves v = load_block(p);
    BlockMasks m;
    m.upper = range(v, 'A', 'Z');
    m.lower = range(v, 'a', 'z');
    m.digit = range(v, '0', '9');
    m.blank = equal(v, ' ');
    m.newline = equal(v, '\r') | equal(v, '\n');
    m.other_space = range(v, '\t', '\r') & ~m.newline;
    m.visible = range(v, '!', '~');
    m.apostrophe = equal(v, '\'');
    m.slash = equal(v, '/');
    m.greater = equal(v, '>');
    m.non_ascii = bits(v.a, v.b);
    return m;
  }

  static void write(uint64_t bits, size_t pos, size_t* out) { write_places(bits, pos, out); }

  static __m256i load(const void* p) { return _mm256_load_si256(static_cast<const __m256i*>(p)); }
  static size_t lowest(const uint32_t* ranks, size_t blocks) {
    __m256i least = load(ranks);
    for (size_t b = 1; b < 2 * blocks; ++b) least = _mm256_min_epu32(least, load(ranks + 8 * b));
    __m128i v = _mm_min_epu32(_mm256_castsi256_si128(least), _mm256_extracti128_si256(least, 1));
    v = _mm_min_epu32(v, _mm_shuffle_epi32(v, 0x4E));
    v = _mm_min_epu32(v, _mm_shuffle_epi32(v, 0xB1));
    const __m256i wanted = _mm256_broadcastd_epi32(v);
    for (size_t b = 0;; ++b) {
      const __m256i equal = _mm256_cmpeq_epi32(load(ranks + 8 * b), wanted);
      const auto hits = static_cast<uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(equal)));
      if (hits != 0) return 8 * b + static_cast<size_t>(std::countr_zero(hits));
    }
  }
  static unsigned find(const uint64_t* entries, uint64_t key) {
    const __m256i wanted = _mm256_set1_epi64x(static_cast<long long>(key));
    auto hits = [&](const uint64_t* p) {
      const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
      const __m256i equal =
          _mm256_cmpeq_epi64(_mm256_srli_epi64(v, Vocab::Pairs::kIdShift), wanted);
      return static_cast<uint32_t>(_mm256_movemask_pd(_mm256_castsi256_pd(equal)));
    };
    return static_cast<unsigned>(std::countr_zero(hits(entries) | hits(entries + 4) << 4 | 0x100u));
  }
};

}  // namespace

ScanFunction scanner_avx2(Family family) { return block_scanner<Avx2>(family); }

const MergeKernel kMergeAvx2 = {merge_with<Avx2>, merge_batch_with<Avx2>};

}  // namespace tokenkit

#endif
