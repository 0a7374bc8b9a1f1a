// A map from pairs of numbers to a number, for building vocabularies. Not thread safe.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "bpe/vocab.hpp"

namespace tokenkit {

class PairMap {
 public:
  explicit PairMap(size_t expected = 0) { allocate(std::bit_ceil(2 * expected + 64)); }

  // The number of a pair, kNone if it has none.
  uint32_t operator()(uint32_t left, uint32_t right) const {
    const uint64_t key = key_of(left, right);
    for (size_t k = home(key);; k = (k + 1) & (keys_.size() - 1)) {
      if (keys_[k] == key) return values_[k];
      if (keys_[k] == kFree) return kNone;
    }
  }

  // Sets it; the pair (kNone, kNone) must not be used.
  void set(uint32_t left, uint32_t right, uint32_t value) {
    if (2 * (used_ + 1) > keys_.size()) grow();
    const uint64_t key = key_of(left, right);
    size_t k = home(key);
    while (keys_[k] != key && keys_[k] != kFree) k = (k + 1) & (keys_.size() - 1);
    used_ += keys_[k] == kFree;
    keys_[k] = key;
    values_[k] = value;
  }

 private:
  static constexpr uint64_t kFree = ~uint64_t{0};
  static uint64_t key_of(uint32_t left, uint32_t right) { return uint64_t{left} << 32 | right; }
  size_t home(uint64_t key) const { return static_cast<size_t>((key * kHashA) >> shift_); }

  void allocate(size_t size) {
    keys_.assign(size, kFree);
    values_.resize(size);
    shift_ = 64 - static_cast<unsigned>(std::countr_zero(size));
    used_ = 0;
  }
  void grow() {
    std::vector<uint64_t> keys;
    std::vector<uint32_t> values;
    keys.swap(keys_);
    values.swap(values_);
    allocate(2 * keys.size());
    for (size_t k = 0; k < keys.size(); ++k) {
      if (keys[k] == kFree) continue;
      set(static_cast<uint32_t>(keys[k] >> 32), static_cast<uint32_t>(keys[k]), values[k]);
    }
  }

  std::vector<uint64_t> keys_;
  std::vector<uint32_t> values_;
  size_t used_ = 0;
  unsigned shift_ = 0;
};

}  // namespace tokenkit
