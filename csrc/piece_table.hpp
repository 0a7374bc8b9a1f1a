// Caches of merged pieces, one set per scratch. They start empty, learn the text at hand, never
// change a result and never grow: what finds no room replaces what was there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <vector>

#include "bytes.hpp"

namespace tokenkit {

// A zeroed array on cache-line borders that costs nothing until it is touched.
template <class T>
class ZeroedArray {
 public:
  explicit ZeroedArray(size_t count) : memory_(std::calloc(count * sizeof(T) + 63, 1)) {
    if (memory_ == nullptr) throw std::bad_alloc();
    data_ = reinterpret_cast<T*>((reinterpret_cast<uintptr_t>(memory_) + 63) & ~uintptr_t{63});
  }
  ~ZeroedArray() { std::free(memory_); }
  ZeroedArray(const ZeroedArray&) = delete;
  ZeroedArray& operator=(const ZeroedArray&) = delete;

  T* data() const { return data_; }

 private:
  void* memory_;
  T* data_;
};

// Short pieces to up to three ids. Two entries share a cache line; a new one takes the first place
// and pushes its neighbour to the second.
class IdTable {
 public:
  static constexpr uint32_t kMaxIdsPerPiece = 3;
  struct Entry {
    Key key;  // all zero when free: a real key has a length
    uint32_t ids[3];
    uint32_t count;  // 0: too many ids for an entry
  };
  static_assert(sizeof(Entry) == 32);

  explicit IdTable(unsigned bits) : shift_(65 - bits), entries_(size_t{1} << bits) {}

  // The entry of a key, nullptr if it is not there.
  const Entry* find(Key key, uint64_t hash) const {
    const Entry* e = home(hash);
    e += !(e->key == key);  // no branch: which of the two it is cannot be foreseen
    return e->key == key ? e : nullptr;
  }

  void insert(Key key, uint64_t hash, const uint32_t* ids, uint32_t count) {
    Entry* e = home(hash);
    e[1] = e[0];
    e[0].key = key;
    for (uint32_t i = 0; i < count; ++i) e[0].ids[i] = ids[i];
    e[0].count = count;
  }

  Entry* home(uint64_t hash) const { return entries_.data() + 2 * (hash >> shift_); }

 private:
  unsigned shift_;
  ZeroedArray<Entry> entries_;
};

// Short pieces to their number of tokens, which fits the four free bits of the length byte. Two
// entries are neighbours, as in the id table.
class CountTable {
 public:
  static constexpr uint64_t kKeyMask = 0x0FFFFFFFFFFFFFFFu;

  explicit CountTable(unsigned bits) : shift_(65 - bits), entries_(size_t{1} << bits) {}

  // The number of tokens, 0 if the key is not there.
  size_t find(Key key, uint64_t hash) const {
    const Key* e = home(hash);
    e += !is(*e, key);
    return is(*e, key) ? e->hi >> 60 : 0;
  }

  // 1 <= count <= 15.
  void insert(Key key, uint64_t hash, uint32_t count) {
    Key* e = home(hash);
    e[1] = e[0];
    e[0] = {key.lo, key.hi | (static_cast<uint64_t>(count) << 60)};
  }

  Key* home(uint64_t hash) const { return entries_.data() + 2 * (hash >> shift_); }

 private:
  static bool is(const Key& entry, const Key& key) {
    return ((entry.lo ^ key.lo) | ((entry.hi ^ key.hi) & kKeyMask)) == 0;
  }

  unsigned shift_;
  ZeroedArray<Key> entries_;
};

// Pieces that the tables above do not hold: longer than a key, or of too many ids.
// Direct-mapped into an arena of records; a full arena is emptied.
class LongTable {
 public:
  static constexpr size_t kMaxBytes = 255;

  struct Record {
    const uint32_t* ids;  // nullptr if the piece is not there
    uint32_t count;
  };

  LongTable(unsigned bits, size_t arena_bytes)
      : shift_(64 - bits), bits_(bits), slots_(size_t{1} << bits) {
    arena_.reserve(arena_bytes / sizeof(uint32_t));
  }

  Record find(const uint8_t* p, size_t n, uint64_t hash) const {
    const Slot& slot = slots_.data()[hash >> shift_];
    if (slot.tag != static_cast<uint32_t>(hash) || slot.place == 0) return {nullptr, 0};
    const uint32_t* record = arena_.data() + slot.place - 1;
    if (record[0] != n || std::memcmp(record + 2, p, n) != 0) return {nullptr, 0};
    return {record + 2 + words(n), record[1]};
  }

  // 1 <= n <= kMaxBytes. `ids` may be nullptr when only counts are asked of this table.
  void insert(const uint8_t* p, size_t n, uint64_t hash, const uint32_t* ids, uint32_t count) {
    size_t stored = ids == nullptr ? 0 : count;
    size_t size = 2 + words(n) + stored;
    if (arena_.size() + size > arena_.capacity()) {
      arena_.clear();
      std::memset(slots_.data(), 0, sizeof(Slot) << bits_);
    }
    size_t place = arena_.size();
    arena_.resize(place + size);
    uint32_t* record = arena_.data() + place;
    record[0] = static_cast<uint32_t>(n);
    record[1] = count;
    std::memcpy(record + 2, p, n);
    if (stored != 0) std::memcpy(record + 2 + words(n), ids, stored * sizeof(uint32_t));
    slots_.data()[hash >> shift_] = {static_cast<uint32_t>(hash), static_cast<uint32_t>(place + 1)};
  }

 private:
  struct Slot {
    uint32_t tag;
    uint32_t place;  // word offset of the record + 1, 0 when free
  };
  static size_t words(size_t n) { return (n + 3) / 4; }

  unsigned shift_;
  unsigned bits_;
  ZeroedArray<Slot> slots_;
  std::vector<uint32_t> arena_;
};

}  // namespace tokenkit
