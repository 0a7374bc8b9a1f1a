// The keyed digest: vectors of the reference implementation, and what its speed must not cost.
#include <cstring>
#include <set>
#include <string>
#include <utility>

#include "base/digest.hpp"
#include "tests/check.hpp"

namespace tokenkit::test {
namespace {

std::string hex(Digest digest) {
  static const char* const kDigits = "0123456789abcdef";
  std::string out;
  for (uint64_t half : {digest.low, digest.high}) {
    for (int i = 0; i < 8; ++i, half >>= 8) {
      out += kDigits[half >> 4 & 15];
      out += kDigits[half & 15];
    }
  }
  return out;
}

// Key 00 01 .. 0f, and the first bytes of 00 01 02 ..: vectors.h of github.com/veorq/SipHash.
constexpr DigestKey kKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};

void test_published_vectors() {
  CHECK_EQ(hex(digest<2, 4>("", 0, kKey)), "a3817f04ba25a8e66df67214c7550293");
  CHECK_EQ(hex(digest<2, 4>("\0", 1, kKey)), "da87c1d86b99af44347659119b22fc45");
}

void test_all_of_the_input_and_the_key_count() {
  std::set<std::pair<uint64_t, uint64_t>> seen;
  const std::string text(64, 'a');
  size_t made = 0;
  const auto see = [&](const std::string& input, DigestKey key) {
    const Digest found = digest(input.data(), input.size(), key);
    CHECK(found == digest(input.data(), input.size(), key));
    seen.emplace(found.low, found.high);
    ++made;
  };
  for (size_t size = 0; size <= text.size(); ++size) {
    see(text.substr(0, size), kKey);
    for (size_t at = 0; at < size; ++at) {
      std::string other = text.substr(0, size);
      other[at] = 'b';
      see(other, kKey);
    }
  }
  for (int bit = 0; bit < 64; ++bit) {
    see(text, {kKey.low ^ uint64_t{1} << bit, kKey.high});
    see(text, {kKey.low, kKey.high ^ uint64_t{1} << bit});
  }
  CHECK_EQ(seen.size(), made);
}

}  // namespace
}  // namespace tokenkit::test

int main() {
  tokenkit::test::test_published_vectors();
  tokenkit::test::test_all_of_the_input_and_the_key_count();
  return tokenkit::test::report("test_digest");
}
