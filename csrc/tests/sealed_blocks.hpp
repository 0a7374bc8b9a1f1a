// What readers of sealed blocks (tokens/sealed.hpp) do with those that are damaged or forged.
#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "tests/check.hpp"
#include "tokens/sealed.hpp"

namespace tokenkit::test {

inline std::string_view view_of(const std::vector<uint8_t>& block) {
  return {reinterpret_cast<const char*>(block.data()), block.size()};
}

// Whether make() throws Error(kVocabulary).
template <class Make>
bool refuses(const Make& make) {
  try {
    make();
  } catch (const Error& error) {
    return error.kind() == ErrorKind::kVocabulary;
  }
  return false;
}

// A block is refused at every other size, and with any byte changed.
template <class Open>
void check_damaged(const std::vector<uint8_t>& block, const Open& open) {
  CHECK(!refuses([&] { open(view_of(block)); }));
  for (size_t size = 0; size < block.size(); ++size) {
    CHECK(refuses([&] { open(view_of(block).substr(0, size)); }));
  }
  for (size_t i = 0; i < block.size(); ++i) {
    std::vector<uint8_t> damaged = block;
    damaged[i] ^= 1;
    CHECK(refuses([&] { open(view_of(damaged)); }));
  }
}

constexpr size_t kSealedHeader = 32;

// A block with other contents behind its header.
inline std::vector<uint8_t> resealed(const std::vector<uint8_t>& block,
                                     const std::vector<uint8_t>& contents) {
  char magic[8];
  uint32_t version;
  std::memcpy(magic, block.data(), sizeof magic);
  std::memcpy(&version, block.data() + sizeof magic, sizeof version);
  SealedWriter out({magic, version, "forged"});
  out.put(contents.data(), contents.size());
  return out.seal();
}

// Puts extreme values into every word behind the header, with a sum that is right, and calls
// take(view) for each block: it is refused, or all that is asked of it ends. (Which ids it gives
// then, nobody can say.) Returns how many were taken.
template <class Take>
size_t take_forged(const std::vector<uint8_t>& block, const Take& take) {
  const std::vector<uint8_t> contents(block.begin() + kSealedHeader, block.end());
  CHECK(resealed(block, contents) == block);
  size_t taken = 0;
  for (size_t word = 0; word < contents.size() / 4; ++word) {
    for (const uint32_t value : {0u, 1u, 2u, 3u, 64u, 0x7FFFFFFFu, 0x80808080u, 0xFFFFFFFFu}) {
      std::vector<uint8_t> changed = contents;
      std::memcpy(changed.data() + 4 * word, &value, sizeof value);
      const std::vector<uint8_t> forged = resealed(block, changed);
      try {
        take(view_of(forged));
        ++taken;
      } catch (const Error&) {  // it is refused, or an id stands for nothing
      }
    }
  }
  return taken;
}

}  // namespace tokenkit::test
