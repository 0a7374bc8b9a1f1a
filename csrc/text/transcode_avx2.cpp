// Transcoding for x86-64 with AVX2; compiled with flags of its own (setup.py).
#if defined(__x86_64__) || defined(_M_X64)

#include <immintrin.h>

#include <array>
#include <bit>
#include <cstring>

#include "text/transcode.hpp"

namespace tokenkit {
namespace {

// How four characters of up to three bytes are moved together. Each has four bytes, of which it
// uses the last. The index has a bit for each that is longer than one byte, and above these a
// bit for each that is longer than two.
struct Packing {
  uint8_t order[16];
  uint8_t size;
};
constexpr std::array<Packing, 256> kPackings = [] {
  std::array<Packing, 256> packings{};
  for (size_t index = 0; index < 256; ++index) {
    Packing& packing = packings[index];
    for (uint8_t& place : packing.order) place = 0x80;  // makes a zero
    for (size_t k = 0; k < 4; ++k) {
      const size_t size = 1 + (index >> k & 1) + (index >> (4 + k) & 1);
      for (size_t i = 4 - size; i < 4; ++i) {
        packing.order[packing.size++] = static_cast<uint8_t>(4 * k + i);
      }
    }
  }
  return packings;
}();

__m128i load(const void* p) { return _mm_loadu_si128(static_cast<const __m128i*>(p)); }
void store(uint8_t* p, __m128i v) { _mm_storeu_si128(reinterpret_cast<__m128i*>(p), v); }

// Four characters, each in 32 bits.
__m128i load_four(const uint8_t* p) {
  int32_t four;
  std::memcpy(&four, p, 4);
  return _mm_cvtepu8_epi32(_mm_cvtsi32_si128(four));
}
__m128i load_four(const uint16_t* p) {
  return _mm_cvtepu16_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
}
__m128i load_four(const uint32_t* p) { return load(p); }

bool ascii(const uint8_t* p) { return _mm_movemask_epi8(load(p)) == 0; }
bool ascii(const uint16_t* p) {
  const __m128i all = _mm_or_si128(load(p), load(p + 8));
  return _mm_testz_si128(all, _mm_set1_epi16(static_cast<int16_t>(0xFF80))) != 0;
}
bool ascii(const uint32_t* p) {
  const __m128i a = _mm_or_si128(load(p), load(p + 4));
  const __m128i b = _mm_or_si128(load(p + 8), load(p + 12));
  return _mm_testz_si128(_mm_or_si128(a, b), _mm_set1_epi32(~0x7F)) != 0;
}

// A stretch of ASCII.
void put_ascii(const uint8_t* p, uint8_t* out) { store(out, load(p)); }
void put_ascii(const uint16_t* p, uint8_t* out) {
  store(out, _mm_packus_epi16(load(p), load(p + 8)));
}
void put_ascii(const uint32_t* p, uint8_t* out) {
  const __m128i low = _mm_packus_epi32(load(p), load(p + 4));
  store(out, _mm_packus_epi16(low, _mm_packus_epi32(load(p + 8), load(p + 12))));
}

// Four characters of up to three bytes.
uint8_t* put_four(__m128i c, uint8_t* out) {
  const __m128i two = _mm_cmpgt_epi32(c, _mm_set1_epi32(0x7F));
  const __m128i three = _mm_cmpgt_epi32(c, _mm_set1_epi32(0x7FF));
  const auto bits = [&](int from, int to, uint32_t mask) {
    const __m128i moved = from < to ? _mm_slli_epi32(c, to - from) : _mm_srli_epi32(c, from - to);
    return _mm_and_si128(moved, _mm_set1_epi32(static_cast<int32_t>(mask)));
  };
  __m128i v = _mm_or_si128(bits(0, 24, 0x3F000000), bits(6, 16, 0x003F0000));
  v = _mm_or_si128(v, bits(12, 8, 0x00000F00));
  v = _mm_or_si128(v, _mm_blendv_epi8(_mm_set1_epi32(static_cast<int32_t>(0x80C00000)),
                                      _mm_set1_epi32(static_cast<int32_t>(0x8080E000)), three));
  v = _mm_blendv_epi8(_mm_slli_epi32(c, 24), v, two);
  const int index =
      _mm_movemask_ps(_mm_castsi128_ps(two)) | _mm_movemask_ps(_mm_castsi128_ps(three)) << 4;
  const Packing& packing = kPackings[static_cast<size_t>(index)];
  store(out, _mm_shuffle_epi8(v, load(packing.order)));
  return out + packing.size;
}

// The bytes of a stretch beyond one for each character; marks surrogates in *found.
size_t beyond(const uint8_t* p, __m128i*) {
  return static_cast<size_t>(std::popcount(static_cast<uint32_t>(_mm_movemask_epi8(load(p)))));
}
size_t beyond(const uint16_t* p, __m128i* found) {
  uint32_t bits = 0;  // two for each character that is small enough
  for (const uint16_t* q : {p, p + 8}) {
    const __m128i v = load(q);
    for (int limit : {0x7F, 0x7FF}) {
      const __m128i above = _mm_subs_epu16(v, _mm_set1_epi16(static_cast<int16_t>(limit)));
      bits += static_cast<uint32_t>(std::popcount(
          static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi16(above, _mm_setzero_si128())))));
    }
    const __m128i high = _mm_and_si128(v, _mm_set1_epi16(static_cast<int16_t>(0xF800)));
    const __m128i first = _mm_set1_epi16(static_cast<int16_t>(0xD800));
    *found = _mm_or_si128(*found, _mm_cmpeq_epi16(high, first));
  }
  return 2 * kStretch - bits / 2;
}
size_t beyond(const uint32_t* p, __m128i* found) {
  bool surrogates = false;
  const size_t more = bytes_beyond(p, kStretch, &surrogates);
  if (surrogates) *found = _mm_set1_epi32(-1);
  return more;
}

template <class Char>
size_t size(const Char* p, size_t n) {
  size_t total = n;
  __m128i found = _mm_setzero_si128();
  for (; n >= kStretch; p += kStretch, n -= kStretch) {
    if (!ascii(p)) total += beyond(p, &found);
  }
  bool surrogates = _mm_testz_si128(found, found) == 0;
  total += bytes_beyond(p, n, &surrogates);
  return surrogates ? kNoUtf8 : total;
}

template <class Char>
void write(const Char* p, size_t n, uint8_t* out) {
  for (; n >= kStretch; p += kStretch, n -= kStretch) {
    if (ascii(p)) {
      put_ascii(p, out);
      out += kStretch;
      continue;
    }
    for (size_t k = 0; k < kStretch; k += 4) {
      const __m128i four = load_four(p + k);
      if (sizeof(Char) < 4 || _mm_testz_si128(four, _mm_set1_epi32(~0xFFFF)) != 0) {
        out = put_four(four, out);
      } else {
        for (size_t i = k; i < k + 4; ++i) out = put_utf8(p[i], out);
      }
    }
  }
  for (size_t i = 0; i < n; ++i) out = put_utf8(p[i], out);
}

}  // namespace

const Transcoder kTranscodeAvx2 = {size<uint8_t>,  size<uint16_t>,  size<uint32_t>,
                                   write<uint8_t>, write<uint16_t>, write<uint32_t>};

}  // namespace tokenkit

#endif
