// Block scanners and look-ups for x86-64 with AVX-512 (BW, DQ, VL, VBMI, VBMI2); compiled
// with flags of its own (setup.py).
#if defined(__x86_64__) || defined(_M_X64)

#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 takes the undefined lanes inside its own intrinsics for ours (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

#include <array>

#include "bpe/front_table.hpp"
#include "scan/block_scan.hpp"

namespace tokenkit {
namespace {

// Bytes: their number, in all and in the word of eight, and that of the word.
alignas(64) constexpr auto kNumbers = [] {
  std::array<uint8_t, 64> bytes{};
  for (uint8_t i = 0; i < 64; ++i) bytes[i] = i;
  return bytes;
}();
alignas(64) constexpr auto kInWord = [] {
  std::array<uint8_t, 64> bytes{};
  for (uint8_t i = 0; i < 64; ++i) bytes[i] = i % 8;
  return bytes;
}();
alignas(64) constexpr auto kWord = [] {
  std::array<uint8_t, 64> bytes{};
  for (uint8_t i = 0; i < 64; ++i) bytes[i] = i / 8;
  return bytes;
}();

struct Avx512 {
  static uint64_t range(__m512i v, char first, char last) {
    const __m512i offset = _mm512_sub_epi8(v, _mm512_set1_epi8(first));
    return _mm512_cmple_epu8_mask(offset, _mm512_set1_epi8(static_cast<char>(last - first)));
  }
  static uint64_t equal(__m512i v, char c) {
    return _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(c));
  }
  static __m512i load_block(const uint8_t* p) { return _mm512_loadu_si512(p); }
  static void pad(const uint8_t* p, size_t n, uint8_t* out) {
    _mm512_storeu_si512(out, _mm512_maskz_loadu_epi8(below(static_cast<unsigned>(n)), p));
  }
  [[gnu::always_inline]] static BlockMasks masks(const uint8_t* p) {
    const __m512i v = load_block(p);
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

  // 0, 1, 2, ..., the numbers of the bits that are set first.
  static __m512i places_of(uint64_t bits) {
    return _mm512_maskz_compress_epi8(bits, _mm512_load_si512(&kNumbers));
  }
  static void write(uint64_t bits, size_t pos, size_t* out) {
    alignas(64) uint8_t places[64];
    _mm512_store_si512(places, places_of(bits));
    const __m512i from = _mm512_set1_epi64(static_cast<long long>(pos));
    const int n = std::popcount(bits);
    for (int k = 0; k < n; k += 8) {
      const __m128i eight = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(places + k));
      _mm512_storeu_si512(out + k, _mm512_add_epi64(from, _mm512_cvtepu8_epi64(eight)));
    }
  }

  // Eight keys at a time, one in each word: every byte is fetched from where its piece starts.
  static void write_keys(uint64_t bits, const uint8_t* p, uint64_t* lo, uint64_t* hi) {
    constexpr __mmask64 kBytes8To12 = 0x1F1F1F1F1F1F1F1Fu, kSize = 0x2020202020202020u;
    const __m512i block = _mm512_loadu_si512(p);
    const __m512i places = places_of(bits | 1);  // where pieces start; each ends at the next
    const __m512i in_word = _mm512_load_si512(&kInWord);
    const __m512i one = _mm512_set1_epi8(1), eight = _mm512_set1_epi8(8);
    const int n = std::popcount(bits);
    __m512i piece = _mm512_load_si512(&kWord);
    for (int k = 0; k < n; k += 8) {
      const __m512i start = _mm512_permutexvar_epi8(piece, places);
      const __m512i end = _mm512_permutexvar_epi8(_mm512_add_epi8(piece, one), places);
      const __m512i low = _mm512_add_epi8(start, in_word);
      const __m512i high = _mm512_add_epi8(low, eight);
      const __mmask64 in_low = _mm512_cmplt_epu8_mask(low, end);
      const __mmask64 in_high = _mm512_mask_cmplt_epu8_mask(kBytes8To12, high, end);
      const __m512i size = _mm512_min_epu8(_mm512_sub_epi8(end, start), _mm512_set1_epi8(15));
      _mm512_storeu_si512(lo + k, _mm512_maskz_permutexvar_epi8(in_low, low, block));
      _mm512_storeu_si512(
          hi + k,
          _mm512_mask_mov_epi8(_mm512_maskz_permutexvar_epi8(in_high, high, block), kSize, size));
      piece = _mm512_add_epi8(piece, eight);
    }
  }

  // Four entries of a table, at every second of eight places. Loads and inserts, as gathers are
  // slow on many processors.
  static __m512i four_entries(const FrontTable::Entry* entries, const uint64_t* places) {
    const auto entry = [&](size_t k) {
      return _mm_load_si128(reinterpret_cast<const __m128i*>(entries + places[k]));
    };
    const __m256i lower = _mm256_inserti128_si256(_mm256_castsi128_si256(entry(0)), entry(2), 1);
    const __m256i upper = _mm256_inserti128_si256(_mm256_castsi128_si256(entry(4)), entry(6), 1);
    return _mm512_inserti64x4(_mm512_castsi256_si512(lower), upper, 1);
  }
  // FrontTable::find for eight pieces: which of them are there, and all ids.
  static __mmask8 find_eight(const FrontTable& table, const KeyedPieces& pieces, size_t i,
                             __m256i* ids) {
    const __m512i lo = _mm512_load_si512(pieces.lo + i), hi = _mm512_load_si512(pieces.hi + i);
    const __m512i mixed = _mm512_xor_si512(lo, _mm512_rol_epi64(hi, FrontTable::kRotation));
    const __m512i hash = _mm512_mullo_epi64(mixed, _mm512_set1_epi64(static_cast<int64_t>(kHashA)));
    alignas(64) uint64_t places[8];
    _mm512_store_si512(places, _mm512_srl_epi64(hash, _mm_cvtsi32_si128(int(table.shift()))));
    const __m512i even = four_entries(table.entries(), places);
    const __m512i odd = four_entries(table.entries(), places + 1);
    const __m512i upper = _mm512_unpackhi_epi64(even, odd);
    *ids = _mm512_cvtepi64_epi32(_mm512_srli_epi64(upper, kFrontKeyBits));
    const __m512i key_mask = _mm512_set1_epi64(FrontTable::kKeyMask);
    const __mmask8 same_lo = _mm512_cmpeq_epi64_mask(_mm512_unpacklo_epi64(even, odd), lo);
    return _mm512_mask_testn_epi64_mask(same_lo, _mm512_xor_si512(upper, hi), key_mask);
  }

  template <bool kIds>
  static size_t find_all(const FrontTable& table, const KeyedPieces& pieces, size_t n,
                         uint32_t* ids, uint32_t* missed) {
    size_t count = 0;
    __m256i number = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    for (size_t i = 0; i < n; i += 8) {
      __m256i found;
      const __mmask8 there = find_eight(table, pieces, i, &found);
      if constexpr (kIds) _mm256_storeu_si256(reinterpret_cast<__m256i*>(ids + i), found);
      const unsigned asked = n - i >= 8 ? 0xFF : (1u << (n - i)) - 1;
      const unsigned gone = ~static_cast<unsigned>(there) & asked;
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(missed + count),
                          _mm256_maskz_compress_epi32(static_cast<__mmask8>(gone), number));
      count += static_cast<size_t>(std::popcount(gone));
      number = _mm256_add_epi32(number, _mm256_set1_epi32(8));
    }
    return count;
  }
  static size_t front_missed(const FrontTable& table, const KeyedPieces& pieces, size_t n,
                             uint32_t* missed) {
    return find_all<false>(table, pieces, n, nullptr, missed);
  }
};

}  // namespace

ScanFunction scanner_avx512(Family family) { return block_scanner<Avx512>(family); }
KeyedScan keyed_scanner_avx512(Family family) { return keyed_block_scanner<Avx512>(family); }
const FrontKernel kFrontAvx512 = {Avx512::find_all<true>, Avx512::front_missed};

}  // namespace tokenkit

#endif
