// Block scanners and merging for x86-64 with AVX-512 (BW, DQ, VL, VBMI, VBMI2); compiled
// with flags of its own (setup.py).
#if defined(__x86_64__) || defined(_M_X64)

#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 takes the undefined lanes inside its own intrinsics for ours (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

#include <array>

#include "bpe/merge_kernel.hpp"
#include "scan/block_scan.hpp"

namespace tokenkit {
namespace {

struct Avx512 {
  static uint64_t range(__m512i v, char first, char last) {
    const __m512i offset = _mm512_sub_epi8(v, _mm512_set1_epi8(first));
    return _mm512_cmple_epu8_mask(offset, _mm512_set1_epi8(static_cast<char>(last - first)));
  }
  static uint64_t equal(__m512i v, char c) {
    return _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(c));
  }
  static BlockMasks masks(const uint8_t* p) {
    const __m512i v = _mm512_loadu_si512(p);
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
    m.non_ascii = static_cast<uint64_t>(_mm512_movepi8_mask(v));
    return m;
  }

  static uint64_t letters_of_3(const uint8_t* p) {
    const __m512i v = _mm512_loadu_si512(p);
    return range(v, kHanFirst, kHanLast) | range(v, kHangulFirst, kHangulLast);
  }
  static void write(uint64_t bits, size_t pos, size_t* out) {
    alignas(64) static constexpr auto kPlaces = [] {
      std::array<uint8_t, 64> places{};
      for (uint8_t i = 0; i < 64; ++i) places[i] = i;
      return places;
    }();
    alignas(64) uint8_t places[64];
    _mm512_store_si512(places, _mm512_maskz_compress_epi8(bits, _mm512_load_si512(&kPlaces)));
    const __m512i from = _mm512_set1_epi64(static_cast<long long>(pos));
    const int n = std::popcount(bits);
    for (int k = 0; k < n; k += 8) {
      const __m128i eight = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(places + k));
      _mm512_storeu_si512(out + k, _mm512_add_epi64(from, _mm512_cvtepu8_epi64(eight)));
    }
  }

  static size_t lowest(const uint32_t* ranks, size_t blocks) {
    __m512i least = _mm512_load_si512(ranks);
    for (size_t b = 1; b < blocks; ++b) {
      least = _mm512_min_epu32(least, _mm512_load_si512(ranks + 16 * b));
    }
    const __m512i wanted = _mm512_set1_epi32(static_cast<int>(_mm512_reduce_min_epu32(least)));
    for (size_t b = 0;; ++b) {
      const uint32_t hits = _mm512_cmpeq_epi32_mask(_mm512_load_si512(ranks + 16 * b), wanted);
      if (hits != 0) return 16 * b + static_cast<size_t>(std::countr_zero(hits));
    }
  }
  static unsigned find(const uint64_t* entries, uint64_t key) {
    const __m512i keys = _mm512_srli_epi64(_mm512_loadu_si512(entries), Vocab::Pairs::kIdShift);
    const __m512i wanted = _mm512_set1_epi64(static_cast<long long>(key));
    const uint32_t hits = _mm512_cmpeq_epi64_mask(keys, wanted);
    return static_cast<unsigned>(std::countr_zero(hits | 0x100u));
  }
};

}  // namespace

ScanFunction scanner_avx512(Family family) { return block_scanner<Avx512>(family); }

const MergeKernel kMergeAvx512 = {merge_with<Avx512>, merge_batch_with<Avx512>};

}  // namespace tokenkit

#endif
