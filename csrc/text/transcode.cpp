#include "text/transcode.hpp"

namespace tokenkit {
namespace {

template <class Char>
bool ascii(const Char* p) {
  Char all = 0;
  for (size_t i = 0; i < kStretch; ++i) all |= p[i];
  return all < 0x80;
}

template <class Char>
size_t size(const Char* p, size_t n) {
  size_t total = n;
  bool surrogates = false;
  for (; n >= kStretch; p += kStretch, n -= kStretch) {
    if (!ascii(p)) total += bytes_beyond(p, kStretch, &surrogates);
  }
  total += bytes_beyond(p, n, &surrogates);
  return surrogates ? kNoUtf8 : total;
}

template <class Char>
void write(const Char* p, size_t n, uint8_t* out) {
  for (; n >= kStretch; p += kStretch, n -= kStretch) {
    if (ascii(p)) {
      for (size_t i = 0; i < kStretch; ++i) out[i] = static_cast<uint8_t>(p[i]);
      out += kStretch;
    } else {
      for (size_t i = 0; i < kStretch; ++i) out = put_utf8(p[i], out);
    }
  }
  for (size_t i = 0; i < n; ++i) out = put_utf8(p[i], out);
}

constexpr Transcoder kTranscodeScalar = {size<uint8_t>,  size<uint16_t>,  size<uint32_t>,
                                         write<uint8_t>, write<uint16_t>, write<uint32_t>};

const Transcoder& in_use() { return transcoder(simd_level()); }

}  // namespace

const Transcoder& transcoder(SimdLevel level) {
#if defined(__x86_64__) || defined(_M_X64)
  if (level == SimdLevel::kAvx2 || level == SimdLevel::kAvx512) return kTranscodeAvx2;
#endif
  (void)level;
  return kTranscodeScalar;
}

size_t utf8_size(const uint8_t* p, size_t n) { return in_use().size_1(p, n); }
size_t utf8_size(const uint16_t* p, size_t n) { return in_use().size_2(p, n); }
size_t utf8_size(const uint32_t* p, size_t n) { return in_use().size_4(p, n); }

void to_utf8(const uint8_t* p, size_t n, uint8_t* out) { in_use().write_1(p, n, out); }
void to_utf8(const uint16_t* p, size_t n, uint8_t* out) { in_use().write_2(p, n, out); }
void to_utf8(const uint32_t* p, size_t n, uint8_t* out) { in_use().write_4(p, n, out); }

}  // namespace tokenkit
