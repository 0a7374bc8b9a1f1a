// Lookups of pieces in blocks: first all keys, then all probes, then all pieces that the table does
// not hold, so that the memory that one piece waits for is on its way for the others as well.
//
// For encoder.cpp only. A block belongs to one call, and borrows its text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "bpe/leave.hpp"
#include "bpe/merge.hpp"
#include "bpe/piece_table.hpp"
#include "bpe/vocab.hpp"

namespace tokenkit {

constexpr size_t kBlock = 256;

inline const uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

// Up to kBlock pieces: text[ends[i - 1]..ends[i]), the first one from `start`.
struct Block {
  // In place of a key, a long piece has its hash, with bits that the key of one byte cannot have.
  // Empty pieces, and those too long for LongTable, have these bits alone.
  static constexpr uint64_t kLongHi = uint64_t{1} << 56, kLongBit = uint64_t{1} << 8;

  std::string_view text;
  size_t start;
  const size_t* ends;
  size_t size;
  Key keys[kBlock];
  uint64_t hashes[kBlock];

  size_t start_of(size_t i) const { return i == 0 ? start : ends[i - 1]; }
  bool has_key(size_t i) const { return keys[i].hi != kLongHi || keys[i].lo < kLongBit; }
  // What LongTable knows a piece without a key by.
  uint64_t long_hash(size_t i) const { return keys[i].lo; }

  // Takes pieces, and prefetches their homes in `table`, or their slots in `long_table`.
  template <class Table>
  void load(std::string_view whole, size_t from, const size_t* piece_ends, size_t n,
            const Table& table, const LongTable& long_table) {
    text = whole;
    start = from;
    ends = piece_ends;
    size = n;
    for (size_t i = 0; i < n; ++i) {
      const size_t length = ends[i] - from;
      const uint8_t* p = bytes_of(text) + from;
      if (length - 1 < kShortMax) {
        keys[i] = key_of(p, length);
        hashes[i] = hash_key(keys[i]);
        prefetch(table.home_address(hashes[i]));
      } else {
        const bool kept = length - 1 < LongTable::kMaxBytes;
        keys[i] = {(kept ? hash_bytes(p, length) : 0) | kLongBit, kLongHi};
        hashes[i] = 0;  // a home that is looked at in any case
        if (kept) long_table.prefetch_slots(keys[i].lo);
      }
      from = ends[i];
    }
  }

  // The key of a short piece; what is behind the text must not be read.
  Key key_of(const uint8_t* p, size_t length) const {
    const auto left = static_cast<size_t>(bytes_of(text) + text.size() - p);
    if (left >= 16) return make_key_from_16(p, length);
    if (text.size() >= 16) return make_key_from_before(p, length, 16 - left);
    return make_key(p, length);
  }

  // Calls insert(i, ids, count) for each of `count` pieces with keys. Throws Error(kVocabulary) if
  // the vocabulary lacks a byte of one.
  template <class Insert>
  void merge(const Vocab& vocab, const uint32_t* pieces, size_t count, const Insert& insert) const {
    for (size_t k = 0; k < count; ++k) vocab.prefetch_short(hashes[pieces[k]]);
    for (size_t k = 0; k < count; ++k) vocab.prefetch_candidate(hashes[pieces[k]]);
    ShortPiece batch[kMergeBatch];
    uint32_t places[kMergeBatch];
    size_t filled = 0;
    const auto merge_filled = [&] {
      merge_batch(vocab, batch, filled);
      if (!vocab.plain()) leave_batch(vocab, batch, filled);
      for (size_t j = 0; j < filled; ++j) insert(places[j], batch[j].ids, batch[j].count);
      filled = 0;
    };
    for (size_t k = 0; k < count; ++k) {
      const uint32_t i = pieces[k];
      const uint32_t id = vocab.find_short(keys[i], hashes[i]);
      if (id != kNone) {
        insert(i, &id, 1);
        continue;
      }
      places[filled] = i;
      batch[filled].bytes = bytes_of(text) + start_of(i);
      batch[filled].size = static_cast<uint32_t>(ends[i] - start_of(i));
      if (++filled == kMergeBatch) merge_filled();
    }
    if (filled != 0) merge_filled();
  }
};

// The entries of a block's pieces.
struct Entries {
  static constexpr IdEntry kOther{};  // of pieces that have none: long, empty or pushed out; no ids

  const IdEntry* of[kBlock];
  uint32_t missed[kBlock];  // pieces with keys that the table does not hold
  size_t missed_count;

  // Looks up the pieces from `from` on, and prefetches the records of long ones.
  void find(const Block& block, size_t from, const IdTable& table, const LongTable& long_ids) {
    size_t elsewhere = 0;
    for (size_t i = from; i < block.size; ++i) {
      of[i] = table.probe(block.keys[i], block.hashes[i]);
      missed[elsewhere] = static_cast<uint32_t>(i);
      elsewhere += !of[i]->is(block.keys[i]);
    }
    missed_count = 0;
    for (size_t k = 0; k < elsewhere; ++k) {
      const uint32_t i = missed[k];
      if (!block.has_key(i)) {
        of[i] = &kOther;
        long_ids.prefetch_record(block.long_hash(i));
        continue;
      }
      of[i] = table.find(block.keys[i], block.hashes[i]);
      if (of[i] != nullptr) continue;
      of[i] = &kOther;
      missed[missed_count++] = i;
    }
  }
};

// The counts of a block's pieces.
struct Counts {
  uint32_t of[kBlock];
  uint32_t missed[kBlock];  // pieces with keys that the table does not hold
  uint32_t others[kBlock];  // pieces without
  size_t missed_count, other_count;
  size_t total;  // of those that were found

  void find(const Block& block, const CountTable& table, const LongTable& long_counts) {
    size_t elsewhere = 0;
    total = 0;
    for (size_t i = 0; i < block.size; ++i) {
      const CountEntry* entry = table.probe(block.keys[i], block.hashes[i]);
      const bool here = entry->is(block.keys[i]);
      of[i] = here ? static_cast<uint32_t>(entry->count()) : 0;
      total += of[i];
      missed[elsewhere] = static_cast<uint32_t>(i);
      elsewhere += !here;
    }
    missed_count = other_count = 0;
    for (size_t k = 0; k < elsewhere; ++k) {
      const uint32_t i = missed[k];
      if (!block.has_key(i)) {
        others[other_count++] = i;
        long_counts.prefetch_record(block.long_hash(i));
      } else if (const CountEntry* entry = table.find(block.keys[i], block.hashes[i])) {
        set(i, static_cast<uint32_t>(entry->count()));
      } else {
        missed[missed_count++] = i;
      }
    }
  }
  void set(size_t i, uint32_t count) {
    of[i] = count;
    total += count;
  }
};

}  // namespace tokenkit
