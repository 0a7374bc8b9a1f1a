// UTF-8 of the characters of a Python str, which keeps them in arrays of 1, 2 or 4 bytes each.
//
// CPython's own encoder is several times slower where a str is not only ASCII, and keeps its result
// as long as the str lives. Ask for the size first, then write into memory of the caller. Pure
// functions: any thread may call them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/simd.hpp"

namespace tokenkit {

// The bytes that p[0..n) takes in UTF-8, or kNoUtf8 if there is a surrogate among the characters.
constexpr size_t kNoUtf8 = ~size_t{0};
size_t utf8_size(const uint8_t* p, size_t n);
size_t utf8_size(const uint16_t* p, size_t n);
size_t utf8_size(const uint32_t* p, size_t n);

// Writes the UTF-8 of p[0..n), which has no surrogates; up to kTranscodeSlack bytes behind it are
// overwritten.
constexpr size_t kTranscodeSlack = 16;
void to_utf8(const uint8_t* p, size_t n, uint8_t* out);
void to_utf8(const uint16_t* p, size_t n, uint8_t* out);
void to_utf8(const uint32_t* p, size_t n, uint8_t* out);

// The functions of one instruction set that runs here.
struct Transcoder {
  size_t (*size_1)(const uint8_t* p, size_t n);
  size_t (*size_2)(const uint16_t* p, size_t n);
  size_t (*size_4)(const uint32_t* p, size_t n);
  void (*write_1)(const uint8_t* p, size_t n, uint8_t* out);
  void (*write_2)(const uint16_t* p, size_t n, uint8_t* out);
  void (*write_4)(const uint32_t* p, size_t n, uint8_t* out);
};
const Transcoder& transcoder(SimdLevel level);

extern const Transcoder kTranscodeAvx2;  // in a source file of its own

namespace {  // one copy per source file: they are compiled for different processors

// A stretch of characters is looked at together.
constexpr size_t kStretch = 16;

// What p[0..n) takes beyond a byte for each character.
template <class Char>
size_t bytes_beyond(const Char* p, size_t n, bool* surrogates) {
  uint32_t more = 0;
  uint32_t found = 0;
  for (size_t i = 0; i < n; ++i) {
    const uint32_t c = p[i];
    more += (c > 0x7F) + (c > 0x7FF) + (c > 0xFFFF);
    found |= (c & ~0x7FFu) == 0xD800;
  }
  *surrogates |= found != 0;
  return more;
}

// Writes one character; returns where the next one goes.
inline uint8_t* put_utf8(uint32_t c, uint8_t* out) {
  const auto rest = [&](unsigned shift) {
    return static_cast<uint8_t>(0x80 | (c >> shift & 0x3F));
  };
  if (c < 0x80) {
    *out++ = static_cast<uint8_t>(c);
  } else if (c < 0x800) {
    *out++ = static_cast<uint8_t>(0xC0 | c >> 6);
    *out++ = rest(0);
  } else if (c < 0x10000) {
    *out++ = static_cast<uint8_t>(0xE0 | c >> 12);
    *out++ = rest(6);
    *out++ = rest(0);
  } else {
    *out++ = static_cast<uint8_t>(0xF0 | c >> 18);
    *out++ = rest(12);
    *out++ = rest(6);
    *out++ = rest(0);
  }
  return out;
}

}  // namespace
}  // namespace tokenkit
