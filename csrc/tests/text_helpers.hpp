// Text for the C++ tests: encoding code points, and random ones from a fixed seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace tokenkit::test {

using CodePoints = std::vector<uint32_t>;

// UTF-8 by its definition, also for surrogates, which a validator has to refuse.
inline void append_utf8(uint32_t cp, std::string* out) {
  const auto put = [out](uint32_t byte) { out->push_back(static_cast<char>(byte)); };
  const auto put_tail = [&put](uint32_t bits) { put(0x80 | (bits & 0x3F)); };
  if (cp < 0x80) {
    put(cp);
  } else if (cp < 0x800) {
    put(0xC0 | cp >> 6);
    put_tail(cp);
  } else if (cp < 0x10000) {
    put(0xE0 | cp >> 12);
    put_tail(cp >> 6);
    put_tail(cp);
  } else {
    put(0xF0 | cp >> 18);
    put_tail(cp >> 12);
    put_tail(cp >> 6);
    put_tail(cp);
  }
}

inline std::string to_utf8(const CodePoints& code_points) {
  std::string text;
  for (uint32_t cp : code_points) append_utf8(cp, &text);
  return text;
}

inline std::string repeat(const std::string& unit, size_t times) {
  std::string text;
  text.reserve(unit.size() * times);
  for (size_t i = 0; i < times; ++i) text += unit;
  return text;
}

// The same numbers on every platform: std::uniform_int_distribution differs between libraries.
class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}

  // A number below `limit`.
  uint32_t below(uint32_t limit) { return static_cast<uint32_t>(engine_() % limit); }

  // A code point that is not a surrogate, with all lengths in UTF-8 about equally often.
  uint32_t code_point() {
    static constexpr uint32_t kLimits[] = {0x80, 0x800, 0x10000, 0x110000};
    const uint32_t cp = below(kLimits[below(4)]);
    return cp >= 0xD800 && cp < 0xE000 ? cp - 0xD800 : cp;
  }

 private:
  std::mt19937 engine_;
};

}  // namespace tokenkit::test
