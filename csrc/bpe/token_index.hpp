// Tokens by their bytes, for builders: as many as a vocabulary has, looked up many at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "bpe/vocab.hpp"

namespace tokenkit {

class TokenIndex {
 public:
  // `tokens` must outlive the index. Those that are added are numbers of it.
  TokenIndex(const std::vector<std::string_view>& tokens, size_t expected);

  // The number of the token, kNone if there is none.
  uint32_t find(std::string_view bytes) const {
    return places_[place_of(bytes, hash_of(bytes))].number;
  }
  // The same of n tokens. A vocabulary is larger than a processor's caches, and a look-up waits for
  // memory three times; here the waits of many tokens overlap.
  void find_all(const std::string_view* wanted, size_t n, uint32_t* numbers) const;

  // Adds token `number`, and returns the one that had these bytes before it, or kNone.
  uint32_t add(uint32_t number);

 private:
  struct Place {
    uint32_t tag = 0;  // a part of the hash: most tokens need not be looked at
    uint32_t number = kNone;
  };
  static uint64_t hash_of(std::string_view bytes) {
    return hash_bytes(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  }
  static uint32_t tag_of(uint64_t hash) { return static_cast<uint32_t>(hash >> 32); }
  size_t home(uint64_t hash) const { return static_cast<size_t>(hash) & (places_.size() - 1); }
  size_t place_of(std::string_view bytes, uint64_t hash) const;

  const std::vector<std::string_view>& tokens_;
  std::vector<Place> places_;
};

}  // namespace tokenkit
