// Transcoding at every level against one character at a time, spelled out.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "tests/check.hpp"
#include "tests/text_helpers.hpp"
#include "text/transcode.hpp"

namespace tokenkit::test {
namespace {

constexpr uint32_t kHighest[] = {0x7F, 0xFF, 0x7FF, 0xD7FF, 0xFFFF, 0x10FFFF};

bool is_surrogate(uint32_t c) { return c >= 0xD800 && c < 0xE000; }

template <class Char>
size_t size_by(const Transcoder& t, const Char* p, size_t n) {
  if constexpr (sizeof(Char) == 1) {
    return t.size_1(p, n);
  } else if constexpr (sizeof(Char) == 2) {
    return t.size_2(p, n);
  } else {
    return t.size_4(p, n);
  }
}

template <class Char>
void write_by(const Transcoder& t, const Char* p, size_t n, uint8_t* out) {
  if constexpr (sizeof(Char) == 1) t.write_1(p, n, out);
  if constexpr (sizeof(Char) == 2) t.write_2(p, n, out);
  if constexpr (sizeof(Char) == 4) t.write_4(p, n, out);
}

template <class Char>
void check_text(const std::vector<Char>& text) {
  std::string expected;
  bool surrogates = false;
  for (Char c : text) {
    surrogates |= is_surrogate(c);
    append_utf8(c, &expected);
  }
  for (SimdLevel level : simd_levels()) {
    const Transcoder t = transcoder(level);
    const size_t size = size_by(t, text.data(), text.size());
    if (surrogates) {
      CHECK_EQ(size, kNoUtf8);
      continue;
    }
    CHECK_EQ(size, expected.size());
    std::vector<uint8_t> out(expected.size() + kTranscodeSlack);  // the sanitizer guards its end
    write_by(t, text.data(), text.size(), out.data());
    CHECK(std::memcmp(out.data(), expected.data(), expected.size()) == 0);
  }
}

template <class Char>
void test_every_character() {
  std::vector<Char> text;
  const uint32_t last = std::min<uint32_t>(static_cast<Char>(~Char{0}), 0x10FFFF);
  for (uint32_t c = 0; c <= last; ++c) {
    if (!is_surrogate(c)) text.push_back(static_cast<Char>(c));
  }
  check_text(text);
}

// Every length up to a few stretches, in mixtures of short and long characters.
template <class Char>
void test_random_texts() {
  Random random(71);
  for (int round = 0; round < 6000; ++round) {
    std::vector<Char> text(random.below(70));
    const uint32_t rare = 1 + random.below(40);
    for (Char& c : text) {
      const uint32_t highest = kHighest[random.below(rare) == 0 ? random.below(6) : 0];
      do {
        c = static_cast<Char>(random.below(highest + 1));
      } while (is_surrogate(c) && random.below(64) != 0);
    }
    check_text(text);
  }
}

template <class Char>
void test_one_surrogate_anywhere() {
  for (size_t n = 1; n < 50; ++n) {
    for (size_t at = 0; at < n; ++at) {
      for (uint32_t other : {0x61u, 0x4E00u}) {
        std::vector<Char> text(n, static_cast<Char>(other));
        for (uint32_t c : {0xD7FFu, 0xD800u, 0xDFFFu, 0xE000u}) {
          text[at] = static_cast<Char>(c);
          check_text(text);
        }
      }
    }
  }
}

}  // namespace
}  // namespace tokenkit::test

int main() {
  using namespace tokenkit::test;
  test_every_character<uint8_t>();
  test_every_character<uint16_t>();
  test_every_character<uint32_t>();
  test_random_texts<uint8_t>();
  test_random_texts<uint16_t>();
  test_random_texts<uint32_t>();
  test_one_surrogate_anywhere<uint16_t>();
  test_one_surrogate_anywhere<uint32_t>();
  return report("test_transcode");
}
