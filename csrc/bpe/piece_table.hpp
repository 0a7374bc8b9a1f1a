// Caches of merged pieces.
//
// They start empty, learn the text at hand, never change a result, and grow up to a bound; beyond
// it, new entries replace old ones. A table belongs to one scratch, so to one running call.
// Pointers to entries are valid until moves() changes.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/bytes.hpp"
#include "base/pages.hpp"

namespace tokenkit {

// Short pieces. Two neighbouring entries are a home; four homes are a group. A piece is in its
// home if there was room, else in another home of the group. `Entry` has is(key), used(), hash().
template <class EntryType>
class ShortTable {
 public:
  using Entry = EntryType;
  // Room for 2**bits entries, and for 2**max_bits at most; 3 <= bits <= max_bits.
  ShortTable(unsigned bits, unsigned max_bits) : max_bits_(std::max(bits, max_bits)) {
    allocate(bits);
  }

  // The entry of a piece, nullptr if there is none.
  const Entry* find(Key key, uint64_t hash) const {
    const Entry* e = probe(key, hash);
    if (e->is(key)) return e;
    // Homes are filled in order, and nothing is taken out.
    return home(hash)[1].used() ? find_displaced(key, hash) : nullptr;
  }

  // Looks in the home of the piece only: the entry with this key, or whatever is there.
  const Entry* probe(Key key, uint64_t hash) const {
    const Entry* e = home(hash);
    return e + !e->is(key);
  }

  // How often entries have moved: only then do pointers to them lose their meaning.
  uint64_t moves() const { return moves_; }

  void insert(Key key, uint64_t hash, const Entry& entry) {
    if (2 * used_ >= size_t{1} << bits_ && bits_ < max_bits_) grow();
    for (size_t k = 0; k < kGroup; ++k) {
      Entry* e = home(hash, k);
      for (size_t i = 0; i < 2; ++i) {
        if (e[i].used() && !e[i].is(key)) continue;
        used_ += !e[i].used();
        e[i] = entry;
        return;
      }
    }
    ++moves_;
    Entry* e = home(hash);
    e[1] = e[0];
    e[0] = entry;
  }

  const void* home_address(uint64_t hash) const { return home(hash); }

 private:
  static constexpr size_t kGroup = 4;

  Entry* home(uint64_t hash, size_t k = 0) const { return entries_ + 2 * ((hash >> shift_) ^ k); }

  const Entry* find_displaced(Key key, uint64_t hash) const {
    for (size_t k = 1; k < kGroup; ++k) {
      const Entry* e = home(hash, k);
      if (e[0].is(key)) return e;
      if (e[1].is(key)) return e + 1;
      if (!e[1].used()) return nullptr;
    }
    return nullptr;
  }

  // Throws std::bad_alloc, and leaves the table as it is then.
  Pages allocate(unsigned bits) {
    Pages pages(sizeof(Entry) << bits, true);
    std::swap(pages, pages_);
    entries_ = static_cast<Entry*>(pages_.data());
    bits_ = bits;
    shift_ = 65 - bits;
    used_ = 0;
    return pages;
  }

  void grow() {
    ++moves_;
    const size_t count = size_t{1} << bits_;
    const Pages old = allocate(bits_ + 1);
    const auto* entries = static_cast<const Entry*>(old.data());
    for (size_t i = 0; i < count; ++i) {
      const Entry& e = entries[i];
      if (e.used()) insert(e.piece(), hash_key(e.piece()), e);
    }
  }

  unsigned bits_, max_bits_, shift_;
  size_t used_;
  uint64_t moves_ = 0;
  Pages pages_;
  Entry* entries_;
};

// Where a LongTable has a record.
struct RecordName {
  uint32_t unit, turn;
};

// Up to three ids of a piece, or the name of the record that has them.
struct IdEntry {
  static constexpr uint32_t kMaxIds = 3;
  Key key;  // all zero when free: a real key has a length
  uint32_t ids[kMaxIds];
  uint32_t count;  // 0 if a record has the ids

  static IdEntry of_record(Key key, RecordName name) { return {key, {name.unit, name.turn}, 0}; }
  RecordName record() const { return {ids[0], ids[1]}; }
  bool is(Key other) const { return key == other; }
  bool used() const { return key.hi != 0; }
  Key piece() const { return key; }
  // The ids and the count behind them: four words that one instruction copies.
  const char* words() const { return reinterpret_cast<const char*>(this) + sizeof(Key); }
};
static_assert(sizeof(IdEntry) == sizeof(Key) + (IdEntry::kMaxIds + 1) * sizeof(uint32_t));
static_assert(sizeof(IdEntry) == 32);
using IdTable = ShortTable<IdEntry>;

// The number of tokens of a piece, which fits the four free bits of the key's length byte.
struct CountEntry {
  Key key;

  constexpr CountEntry() : key{} {}
  CountEntry(Key piece, uint32_t count)  // 1 <= count <= 15
      : key{piece.lo, piece.hi | (static_cast<uint64_t>(count) << 60)} {}
  bool is(Key other) const { return ((key.lo ^ other.lo) | ((key.hi ^ other.hi) & kPiece)) == 0; }
  bool used() const { return key.hi != 0; }
  Key piece() const { return {key.lo, key.hi & kPiece}; }
  size_t count() const { return key.hi >> 60; }

 private:
  static constexpr uint64_t kPiece = 0x0FFFFFFFFFFFFFFFu;
};
static_assert(sizeof(CountEntry) == 16);
using CountTable = ShortTable<CountEntry>;

// Pieces that the tables above do not hold: longer than a key, or of too many ids. Records lie in
// an arena of two halves, filled in turn: when one is full, the other is emptied and used. Each
// slot of a bucket, which is a cache line, names a record; a new one pushes out the oldest.
class LongTable {
 public:
  static constexpr size_t kMaxBytes = 1023;

  struct Record {
    const uint32_t* ids;  // nullptr if the piece is not there
    uint32_t count;
  };

  // 2**bits slots, and an arena of `arena_bytes`, room for two records of any size at least;
  // 4 <= bits, and arena_bytes are at most 2 GB.
  LongTable(unsigned bits, size_t arena_bytes)
      : shift_(64 + kWayBits - bits),
        slot_count_(size_t{1} << bits),
        half_(std::max(arena_bytes / 2 / kUnit, kLargest)),
        unit_mask_((uint32_t{1} << std::bit_width(2 * half_)) - 1),
        slots_(sizeof(uint32_t) << bits),
        arena_(kUnit * 2 * half_) {}

  // The memory of such a table.
  static size_t bytes(unsigned bits, size_t arena_bytes) {
    return (sizeof(uint32_t) << bits) + 2 * kUnit * std::max(arena_bytes / 2 / kUnit, kLargest);
  }

  Record find(const uint8_t* p, size_t n, uint64_t hash) const {
    const uint32_t* slots = bucket(hash);
    for (uint32_t hits = match(slots, hash); hits != 0; hits &= hits - 1) {
      const uint32_t* record = at(slots[std::countr_zero(hits)] & unit_mask_);
      if (record[0] == n && std::memcmp(record + 2, p, n) == 0) return read(record);
    }
    return {nullptr, 0};
  }

  // The record that insert() gave this name to; nullptr if it is no longer there.
  Record find(RecordName name) const {
    if (turn_ - name.turn > 1) return {nullptr, 0};
    return read(at(name.unit));
  }

  // Before find(): where it will look first; after that, the record that it will most likely read.
  void prefetch_slots(uint64_t hash) const { prefetch(bucket(hash)); }
  void prefetch_record(uint64_t hash) const {
    const uint32_t* slots = bucket(hash);
    const uint32_t hits = match(slots, hash);
    if (hits == 0) return;
    const auto* record =
        reinterpret_cast<const char*>(at(slots[std::countr_zero(hits)] & unit_mask_));
    prefetch(record);
    prefetch(record + 64);  // most end there
  }

  // 1 <= n <= kMaxBytes and count <= n. `ids` may be nullptr when only counts are asked of this
  // table.
  RecordName insert(const uint8_t* p, size_t n, uint64_t hash, const uint32_t* ids,
                    uint32_t count) {
    const size_t stored = ids == nullptr ? 0 : count;
    const size_t size = units(2 + words(n) + stored);
    if (filled_ + size > half_) {
      upper_ = !upper_;
      ++turn_;
      filled_ = 0;
      forget_half();
    }
    const auto unit = static_cast<uint32_t>((upper_ ? half_ : 0) + filled_ + 1);
    filled_ += size;
    uint32_t* record = at(unit);
    record[0] = static_cast<uint32_t>(n);
    record[1] = count;
    std::memcpy(record + 2, p, n);
    if (stored != 0) std::memcpy(record + 2 + words(n), ids, stored * sizeof(uint32_t));
    uint32_t* slots = bucket(hash);
    std::copy_backward(slots, slots + kWays - 1, slots + kWays);
    slots[0] = tag(hash) | unit;
    return {unit, turn_};
  }

 private:
  static constexpr unsigned kWayBits = 4;
  static constexpr size_t kWays = size_t{1} << kWayBits;
  static constexpr size_t kUnit = 16;  // bytes; records start at multiples of it
  static constexpr size_t words(size_t n) { return (n + 3) / 4; }
  static constexpr size_t units(size_t words) { return (words + 3) / 4; }
  static constexpr size_t kLargest = (2 + (kMaxBytes + 3) / 4 + kMaxBytes + 3) / 4;

  static Record read(const uint32_t* record) { return {record + 2 + words(record[0]), record[1]}; }

  // What a slot has above the unit: bits of the hash, and one that free slots have not.
  uint32_t tag(uint64_t hash) const {
    return (static_cast<uint32_t>(hash) | 0x80000000u) & ~unit_mask_;
  }
  // Which slots of a bucket may be for this hash.
  uint32_t match(const uint32_t* slots, uint64_t hash) const {
    uint32_t hits = 0;
    for (size_t k = 0; k < kWays; ++k) {
      hits |= static_cast<uint32_t>((slots[k] & ~unit_mask_) == tag(hash)) << k;
    }
    return hits;
  }

  // Frees the slots of the records in the half that is used next.
  void forget_half() {
    const size_t first = upper_ ? half_ : 0;
    uint32_t* const all = bucket(0);
    for (uint32_t* slots = all; slots != all + slot_count_; slots += kWays) {
      uint32_t* kept = std::remove_if(slots, slots + kWays, [&](uint32_t slot) {
        const uint32_t unit = slot & unit_mask_;
        return unit != 0 && unit - 1 - first < half_;
      });
      std::fill(kept, slots + kWays, 0);
    }
  }

  uint32_t* bucket(uint64_t hash) const {
    return static_cast<uint32_t*>(slots_.data()) + kWays * (hash >> shift_);
  }
  uint32_t* at(uint32_t unit) const {
    return static_cast<uint32_t*>(arena_.data()) + kUnit / sizeof(uint32_t) * (unit - 1);
  }

  unsigned shift_;
  size_t slot_count_;
  size_t half_;         // units
  uint32_t unit_mask_;  // the bits of a slot that are the number of a unit + 1; 0 when free
  size_t filled_ = 0;   // units
  bool upper_ = false;
  uint32_t turn_ = 0;  // how often a half was emptied
  Pages slots_;
  Pages arena_;
};

}  // namespace tokenkit
