// Lookups of pieces in blocks: first all keys, then all probes, then all pieces that the table does
// not hold, so that the memory that one piece waits for is on its way for the others as well.
//
// For encoder.cpp only. A block belongs to one call, and borrows its text.
#pragma once

#include <algorithm>
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

// The key of a short piece of a text; what is behind the text must not be read.
inline Key key_in(std::string_view text, const uint8_t* p, size_t length) {
  const auto left = static_cast<size_t>(bytes_of(text) + text.size() - p);
  if (left >= 16) return make_key_from_16(p, length);
  if (text.size() >= 16) return make_key_from_before(p, length, 16 - left);
  return make_key(p, length);
}

// Where the pieces of a block are: text[ends[i - 1]..ends[i]), the first one from `start`.
struct InARow {
  static constexpr size_t kMost = kBlock;
  size_t start;
  const size_t* ends;

  size_t start_of(size_t i) const { return i == 0 ? start : ends[i - 1]; }
  size_t end_of(size_t i) const { return ends[i]; }
};

// Up to Where::kMost pieces of a text.
template <class Where>
struct BlockOf : Where {
  using Where::kMost;
  // In place of a key, a long piece has its hash, with bits that the key of one byte cannot have.
  // Empty pieces, and those too long for LongTable, have these bits alone.
  static constexpr uint64_t kLongHi = uint64_t{1} << 56, kLongBit = uint64_t{1} << 8;

  std::string_view text;
  size_t size = 0;
  Key keys[kMost];
  uint64_t hashes[kMost];

  bool has_key(size_t i) const { return keys[i].hi != kLongHi || keys[i].lo < kLongBit; }
  // What LongTable knows a piece without a key by.
  uint64_t long_hash(size_t i) const { return keys[i].lo; }
  size_t size_of(size_t i) const { return this->end_of(i) - this->start_of(i); }

  // Makes the key of piece i, text[start..end), and prefetches its home in `table`, or its slots in
  // `long_table`.
  template <class Table>
  void load(size_t i, size_t begin, size_t end, const Table& table, const LongTable& long_table) {
    const size_t length = end - begin;
    const uint8_t* p = bytes_of(text) + begin;
    if (length - 1 < kShortMax) {
      keys[i] = key_in(text, p, length);
      hashes[i] = hash_key(keys[i]);
      prefetch(table.home_address(hashes[i]));
    } else {
      const bool kept = length - 1 < LongTable::kMaxBytes;
      keys[i] = {(kept ? hash_bytes(p, length) : 0) | kLongBit, kLongHi};
      hashes[i] = 0;  // a home that is looked at in any case
      if (kept) long_table.prefetch_slots(keys[i].lo);
    }
  }

  // Calls insert(i, ids, count) for each of `count` pieces with keys, or again(i) if `table` has it
  // by then, because it came before. Throws Error(kVocabulary) if the vocabulary lacks a byte of
  // one.
  template <class Table, class Insert, class Again>
  void merge(const Vocab& vocab, const uint32_t* pieces, size_t count, const Table& table,
             const Insert& insert, const Again& again) const {
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
      if (table.find(keys[i], hashes[i]) != nullptr) {
        again(i);
        continue;
      }
      const uint32_t id = vocab.find_short(keys[i], hashes[i]);
      if (id != kNone) {
        insert(i, &id, 1);
        continue;
      }
      places[filled] = i;
      batch[filled].bytes = bytes_of(text) + this->start_of(i);
      batch[filled].size = static_cast<uint32_t>(size_of(i));
      if (++filled == kMergeBatch) merge_filled();
    }
    if (filled != 0) merge_filled();
  }
};

// A block of pieces that a scanner gave out.
struct Block : BlockOf<InARow> {
  template <class Table>
  void take(std::string_view whole, size_t from, const size_t* piece_ends, size_t n,
            const Table& table, const LongTable& long_table) {
    text = whole;
    start = from;
    ends = piece_ends;
    size = n;
    for (size_t i = 0; i < n; from = ends[i++]) load(i, from, ends[i], table, long_table);
  }
};

// The entries of the pieces of a block that holds up to kMost.
template <size_t kMost>
struct Entries {
  static constexpr IdEntry kOther{};  // of pieces that have none: long, empty or pushed out; no ids

  const IdEntry* of[kMost];
  uint32_t missed[kMost];  // pieces with keys that the table does not hold
  size_t missed_count;

  // Looks up the pieces from `from` on, and prefetches the records of long ones.
  template <class Block>
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

// The same for counts.
template <size_t kMost>
struct Counts {
  uint32_t of[kMost];
  uint32_t missed[kMost];  // pieces with keys that the table does not hold
  uint32_t others[kMost];  // pieces without
  size_t missed_count, other_count;
  size_t total;  // of those that were found

  template <class Block>
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

// The number of tokens of pieces that are all in their homes; 0 if some are not. For few pieces
// this is faster than a block, whose loops all end where no processor guesses it.
inline size_t count_known(std::string_view text, size_t start, const size_t* ends, size_t n,
                          const CountTable& table) {
  size_t total = 0;
  for (size_t i = 0; i < n; start = ends[i++]) {
    const size_t length = ends[i] - start;
    if (length - 1 >= kShortMax) return 0;
    const Key key = key_in(text, bytes_of(text) + start, length);
    const CountEntry* entry = table.probe(key, hash_key(key));
    if (!entry->is(key)) return 0;
    total += entry->count();
  }
  return total;
}

// Finds the entries of a block, and makes those that are missing; calls new_one(i, ids, count) for
// each of these.
template <class Block, class NewOne>
void find_or_merge(const Vocab& vocab, const Block& block, IdTable& table, LongTable& long_ids,
                   Entries<Block::kMost>& entries, const NewOne& new_one) {
  entries.find(block, 0, table, long_ids);
  if (entries.missed_count == 0) return;
  const uint64_t moves = table.moves();
  block.merge(
      vocab, entries.missed, entries.missed_count, table,
      [&](size_t i, const uint32_t* ids, uint32_t count) {
        const Key key = block.keys[i];
        const uint64_t hash = block.hashes[i];
        IdEntry made{key, {}, count};
        if (count <= IdEntry::kMaxIds) {
          std::copy_n(ids, count, made.ids);
        } else {
          const uint8_t* p = bytes_of(block.text) + block.start_of(i);
          made = IdEntry::of_record(key, long_ids.insert(p, block.size_of(i), hash, ids, count));
        }
        table.insert(key, hash, made);
        new_one(i, ids, count);
      },
      [](size_t) {});
  if (table.moves() != moves) return entries.find(block, 0, table, long_ids);
  for (size_t k = 0; k < entries.missed_count; ++k) {
    const uint32_t i = entries.missed[k];
    entries.of[i] = table.find(block.keys[i], block.hashes[i]);
  }
}

// Finds the counts of the pieces of a block that have keys, and makes those that are missing, as
// above.
template <class Block, class NewOne>
void find_or_count(const Vocab& vocab, const Block& block, CountTable& table,
                   const LongTable& long_counts, Counts<Block::kMost>& counts,
                   const NewOne& new_one) {
  counts.find(block, table, long_counts);
  block.merge(
      vocab, counts.missed, counts.missed_count, table,
      [&](size_t i, const uint32_t* ids, uint32_t count) {
        counts.set(i, count);
        table.insert(block.keys[i], block.hashes[i], {block.keys[i], count});
        new_one(i, ids, count);
      },
      [&](size_t i) {
        const CountEntry* entry = table.find(block.keys[i], block.hashes[i]);
        counts.set(i, static_cast<uint32_t>(entry->count()));
      });
}

}  // namespace tokenkit
