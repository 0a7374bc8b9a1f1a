#include "bpe/token_index.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace tokenkit {

TokenIndex::TokenIndex(const std::vector<std::string_view>& tokens, size_t expected)
    : tokens_(tokens), places_(std::bit_ceil(2 * expected + 64)) {}

size_t TokenIndex::place_of(std::string_view bytes, uint64_t hash) const {
  for (size_t k = home(hash);; k = (k + 1) & (places_.size() - 1)) {
    const Place& place = places_[k];
    if (place.number == kNone) return k;
    if (place.tag == tag_of(hash) && tokens_[place.number] == bytes) return k;
  }
}

void TokenIndex::find_all(const std::string_view* wanted, size_t n, uint32_t* numbers) const {
  constexpr size_t kBlock = 32;
  std::array<uint64_t, kBlock> hashes;
  std::array<uint32_t, kBlock> likely;  // what the first place holds; nearly always the answer
  for (size_t begin = 0; begin < n; begin += kBlock) {
    const size_t count = std::min(kBlock, n - begin);
    for (size_t i = 0; i < count; ++i) {
      hashes[i] = hash_of(wanted[begin + i]);
      prefetch(&places_[home(hashes[i])]);
    }
    for (size_t i = 0; i < count; ++i) {
      likely[i] = places_[home(hashes[i])].number;
      if (likely[i] != kNone) prefetch(&tokens_[likely[i]]);
    }
    for (size_t i = 0; i < count; ++i) {
      if (likely[i] != kNone) prefetch(tokens_[likely[i]].data());
    }
    for (size_t i = 0; i < count; ++i) {
      numbers[begin + i] = places_[place_of(wanted[begin + i], hashes[i])].number;
    }
  }
}

uint32_t TokenIndex::add(uint32_t number) {
  const uint64_t hash = hash_of(tokens_[number]);
  Place& place = places_[place_of(tokens_[number], hash)];
  if (place.number != kNone) return place.number;
  place = {tag_of(hash), number};
  return kNone;
}

}  // namespace tokenkit
