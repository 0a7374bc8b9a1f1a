// The ids and counts of words, kept in the tables of a Scratch by the bytes of the raw text.
//
// Functions without state of their own. A word is text[start..end), not empty. make() gives the ids
// of the word as a vector, and is asked where they are not known.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "bpe/piece_table.hpp"
#include "encode/scratch.hpp"

namespace tokenkit {

// The bytes of a word as the tables want them.
struct WordKey {
  WordKey(std::string_view text, size_t start, size_t end)
      : bytes(reinterpret_cast<const uint8_t*>(text.data()) + start),
        size(end - start),
        is_short(size <= kShortMax),
        cached(size <= LongTable::kMaxBytes) {
    if (is_short) {
      key = key_at(text.size(), start);
      hash = hash_key(key);
    } else if (cached) {
      hash = hash_bytes(bytes, size);
    }
  }

  const uint8_t* bytes;
  size_t size;
  bool is_short, cached;
  Key key{};
  uint64_t hash = 0;

 private:
  // What is behind the text must not be read.
  Key key_at(size_t text_size, size_t start) const {
    const size_t left = text_size - start;
    if (left >= 16) return make_key_from_16(bytes, size);
    if (text_size >= 16) return make_key_from_before(bytes, size, 16 - left);
    return make_key(bytes, size);
  }
};

template <class Make>
void encode_word(const WordKey& word, Scratch& scratch, const Make& make, IdSink& out) {
  if (word.is_short) {
    const IdEntry* entry = scratch.id_table().find(word.key, word.hash);
    if (entry != nullptr) {
      // An entry is copied whole, count and all.
      out.reserve(IdEntry::kMaxIds + 1);
      std::memcpy(out.end(), entry->words(), sizeof(uint32_t) * (IdEntry::kMaxIds + 1));
      return out.advance(entry->count);
    }
  }
  if (word.cached) {
    const LongTable::Record known = scratch.long_ids().find(word.bytes, word.size, word.hash);
    if (known.ids != nullptr) return out.append(known.ids, known.count);
  }
  const std::vector<uint32_t>& ids = make();
  const auto count = static_cast<uint32_t>(ids.size());
  out.append(ids.data(), count);
  if (count == 0 || count > word.size) return;  // the tables hold no such word
  if (word.is_short && count <= IdEntry::kMaxIds) {
    IdEntry entry{word.key, {}, count};
    std::copy(ids.begin(), ids.end(), entry.ids);
    scratch.id_table().insert(word.key, word.hash, entry);
  } else if (word.cached) {
    scratch.long_ids().insert(word.bytes, word.size, word.hash, ids.data(), count);
  }
}

template <class Make>
size_t count_word(const WordKey& word, Scratch& scratch, const Make& make) {
  static_assert(kShortMax <= 15);  // the most in an entry
  if (word.is_short) {
    const CountEntry* entry = scratch.count_table().find(word.key, word.hash);
    if (entry != nullptr) return entry->count();
  } else if (word.cached) {
    const LongTable::Record known = scratch.long_counts().find(word.bytes, word.size, word.hash);
    if (known.ids != nullptr) return known.count;
  }
  const auto count = static_cast<uint32_t>(make().size());
  if (count == 0 || count > word.size) return count;
  if (word.is_short) {
    scratch.count_table().insert(word.key, word.hash, CountEntry(word.key, count));
  } else if (word.cached) {
    scratch.long_counts().insert(word.bytes, word.size, word.hash, nullptr, count);
  }
  return count;
}

}  // namespace tokenkit
