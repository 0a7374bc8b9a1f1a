#include "encoder.hpp"

#include <algorithm>
#include <cstring>

#include "cut.hpp"

namespace tokenkit {
namespace {

// Pieces are found, hashed and looked up in blocks, so that the table lines of a whole block are on
// their way before the first one is needed.
constexpr size_t kBlock = 256;

// Segments of a long piece that are cut at a time.
constexpr size_t kSegments = 64;

const uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

}  // namespace

// A block of pieces, and the entries of a table that they have.
template <class Table>
struct Encoder::Block {
  using Entry = typename Table::Entry;
  static constexpr Entry kOther{};  // of pieces that have no entry: long, empty or pushed out
  static constexpr Key kNoKey{~uint64_t{0}, uint64_t{1} << 56};  // that no piece has

  Key keys[kBlock];
  uint64_t hashes[kBlock];
  const Entry* entries[kBlock];

  // Takes n <= kBlock pieces of text from `start`, and prefetches their places in `table`.
  void load(std::string_view text, size_t start, const size_t* ends, size_t n, const Table& table) {
    const size_t loadable = text.size() < 16 ? 0 : text.size() - 15;  // 16 bytes from below here
    for (size_t i = 0; i < n; ++i) {
      const size_t size = ends[i] - start;
      const uint8_t* p = bytes_of(text) + start;
      if (size - 1 < kShortMax) {
        keys[i] = start < loadable ? make_key_from_16(p, size) : make_key(p, size);
        hashes[i] = hash_key(keys[i]);
        prefetch(table.home_address(hashes[i]));
      } else {
        keys[i] = kNoKey;
        hashes[i] = 0;
      }
      start = ends[i];
    }
  }

  // Finds the entries of the pieces from..n; writes the others to `missed` and says how many.
  size_t find(const Table& table, size_t from, size_t n, uint32_t* missed) {
    size_t count = 0;
    for (size_t i = from; i < n; ++i) {
      entries[i] = table.probe(keys[i], hashes[i]);
      missed[count] = static_cast<uint32_t>(i);
      count += !entries[i]->is(keys[i]);
    }
    size_t left = 0;
    for (size_t k = 0; k < count; ++k) {
      const size_t i = missed[k];
      const Entry* entry = keys[i] == kNoKey ? &kOther : table.find(keys[i], hashes[i]);
      entries[i] = entry != nullptr ? entry : &kOther;
      missed[left] = static_cast<uint32_t>(i);
      left += entry == nullptr;
    }
    return left;
  }
};

Encoder::Encoder(std::string_view image, Family family, SpecialTokens specials)
    : vocab_(image), family_(family), scan_(scanner(family)), specials_(std::move(specials)) {}

// Bytes that the vocabulary lacks have internal ids; they may stand between merges, but not remain.
void Encoder::check_ids(const uint32_t* ids, size_t n) const {
  if (vocab_.complete()) return;
  for (size_t i = 0; i < n; ++i) {
    if (ids[i] < vocab_.public_ids()) continue;
    static const char* digits = "0123456789abcdef";
    uint8_t byte = static_cast<uint8_t>(vocab_.token(ids[i])[0]);
    throw Error(ErrorKind::kVocabulary, std::string("the text holds byte 0x") + digits[byte >> 4] +
                                            digits[byte & 15] +
                                            ", which this vocabulary has no token for");
  }
}

// A piece of up to 15 bytes that the id table does not hold, or only says that it has many ids.
void Encoder::encode_short(const uint8_t* p, size_t n, Key key, uint64_t hash, Scratch& scratch,
                           IdSink& out) const {
  if (n == 0) return;
  LongTable& table = scratch.long_ids();
  const LongTable::Record known = table.find(p, n, hash);
  if (known.ids != nullptr) return out.append(known.ids, known.count);
  uint32_t ids[kShortMax];
  size_t count = 1;
  ids[0] = vocab_.find_short(key, hash);
  if (ids[0] == kNone) {
    count = merge_bytes(vocab_, p, n, ids);
    check_ids(ids, count);
  }
  table.insert(p, n, hash, ids, static_cast<uint32_t>(count));
  out.append(ids, count);
}

void Encoder::encode_long(std::string_view text, size_t start, size_t end, Scratch& scratch,
                          IdSink& out) const {
  const uint8_t* p = bytes_of(text) + start;
  const size_t n = end - start;
  const bool cached = n <= LongTable::kMaxBytes;
  uint64_t hash = 0;
  if (cached) {
    hash = hash_bytes(p, n);
    LongTable::Record known = scratch.long_ids().find(p, n, hash);
    if (known.ids != nullptr) return out.append(known.ids, known.count);
  }
  const size_t before = out.size();
  size_t ends[kSegments];
  size_t segments = vocab_.cuttable() ? cut_piece(vocab_, text, start, end, ends, kSegments) : 1;
  if (segments > 1) {
    for (size_t from = start;;) {
      encode_pieces(text, from, ends, segments, scratch, out);
      from = ends[segments - 1];
      if (from == end) break;
      segments = cut_piece(vocab_, text, from, end, ends, kSegments);
    }
  } else {
    encode_piece({text.data() + start, n}, scratch, out);
  }
  if (cached) {
    scratch.long_ids().insert(p, n, hash, out.data() + before,
                              static_cast<uint32_t>(out.size() - before));
  }
}

void Encoder::encode_piece(std::string_view piece, Scratch& scratch, IdSink& out) const {
  if (piece.empty()) return;
  const uint32_t whole = vocab_.find(bytes_of(piece), piece.size());
  if (whole != kNone) return out.push(whole);
  LongMerger& merger = scratch.merger();
  merger.clear();
  merger.run(vocab_, bytes_of(piece), piece.size());
  check_ids(merger.settled().data(), merger.settled().size());
  check_ids(merger.tail().data(), merger.tail().size());
  out.append(merger.settled().data(), merger.settled().size());
  out.append(merger.tail().data(), merger.tail().size());
}

// Merges `count` pieces of a block that the table does not hold, all at once: a lookup that misses
// the caches costs most of the time of a new piece, and together they wait only once. `insert` gets
// each piece's place in the block and its ids.
template <class Table, class Insert>
void Encoder::merge_missed(std::string_view text, size_t start, const size_t* ends,
                           const Block<Table>& block, const uint32_t* missed, size_t count,
                           const Insert& insert) const {
  for (size_t k = 0; k < count; ++k) vocab_.prefetch_short(block.hashes[missed[k]]);
  for (size_t k = 0; k < count; ++k) vocab_.prefetch_candidate(block.hashes[missed[k]]);
  ShortPiece batch[kMergeBatch];
  uint32_t places[kMergeBatch];
  size_t filled = 0;
  for (size_t k = 0; k <= count; ++k) {
    if (filled == kMergeBatch || (k == count && filled != 0)) {
      merge_batch(vocab_, batch, filled);
      for (size_t j = 0; j < filled; ++j) {
        check_ids(batch[j].ids, batch[j].count);
        insert(places[j], batch[j].bytes, batch[j].size, batch[j].ids, batch[j].count);
      }
      filled = 0;
    }
    if (k == count) break;
    const uint32_t i = missed[k];
    const size_t from = i == 0 ? start : ends[i - 1];
    const uint8_t* p = bytes_of(text) + from;
    const auto size = static_cast<uint32_t>(ends[i] - from);
    const uint32_t id = vocab_.find_short(block.keys[i], block.hashes[i]);
    if (id != kNone) {
      insert(i, p, size, &id, 1);
    } else {
      places[filled] = i;
      batch[filled].bytes = p;
      batch[filled++].size = size;
    }
  }
}

// Finds or makes the entries of n <= kBlock pieces.
template <class Table, class Insert>
void Encoder::look_up(std::string_view text, size_t start, const size_t* ends, size_t n,
                      Table& table, Block<Table>& block, const Insert& insert) const {
  uint32_t missed[kBlock];
  block.load(text, start, ends, n, table);
  const size_t count = block.find(table, 0, n, missed);
  if (count == 0) return;
  const uint64_t moves = table.moves();
  merge_missed(text, start, ends, block, missed, count, insert);
  if (table.moves() != moves) {
    block.find(table, 0, n, missed);
    return;
  }
  for (size_t k = 0; k < count; ++k) {
    const size_t i = missed[k];
    block.entries[i] = table.find(block.keys[i], block.hashes[i]);
  }
}

void Encoder::encode_pieces(std::string_view text, size_t start, const size_t* ends, size_t n,
                            Scratch& scratch, IdSink& out) const {
  // An entry is copied whole, count and all, so one id more than it has must find room.
  constexpr size_t kRoom = IdEntry::kMaxIds + 1;
  IdTable& table = scratch.id_table();
  Block<IdTable> block;
  for (size_t m; n != 0; ends += m, n -= m) {
    m = std::min(n, kBlock);
    look_up(
        text, start, ends, m, table, block,
        [&](size_t k, const uint8_t* bytes, size_t length, const uint32_t* ids, uint32_t count) {
          IdEntry made{block.keys[k], {}, count};
          if (count > IdEntry::kMaxIds) {
            scratch.long_ids().insert(bytes, length, block.hashes[k], ids, count);
            made.count = 0;
          }
          std::copy_n(ids, made.count, made.ids);
          table.insert(block.keys[k], block.hashes[k], made);
        });
    out.reserve(kRoom * m);
    uint32_t* next = out.end();
    for (size_t i = 0; i < m; ++i) {
      const IdEntry& entry = *block.entries[i];
      std::memcpy(next, entry.ids, kRoom * sizeof(uint32_t));
      next += entry.count;
      if (entry.count != 0) continue;
      out.set_end(next);
      const size_t from = i == 0 ? start : ends[i - 1];
      const uint64_t moves = table.moves();
      if (ends[i] - from > kShortMax) {
        encode_long(text, from, ends[i], scratch, out);
      } else {
        encode_short(bytes_of(text) + from, ends[i] - from, block.keys[i], block.hashes[i], scratch,
                     out);
      }
      out.reserve(kRoom * (m - i));
      next = out.end();
      if (table.moves() != moves) {
        uint32_t missed[kBlock];
        block.find(table, i + 1, m, missed);
      }
    }
    out.set_end(next);
    start = ends[m - 1];
  }
}

void Encoder::encode_ordinary(std::string_view text, Scratch& scratch, IdSink& out) const {
  out.reserve(text.size() / 4 + 16);
  size_t ends[kBlock];
  for (size_t pos = 0; size_t n = scan_(text, pos, ends, kBlock); pos = ends[n - 1]) {
    encode_pieces(text, pos, ends, n, scratch, out);
  }
}

void Encoder::encode(std::string_view text, const SpecialSet* allowed, Scratch& scratch,
                     IdSink& out) const {
  size_t pos = 0;
  while (allowed != nullptr) {
    SpecialTokens::Match match = specials_.find(text, pos, *allowed);
    if (!match.found()) break;
    const auto& [token, id] = specials_.tokens()[match.index];
    encode_ordinary(text.substr(pos, match.start - pos), scratch, out);
    out.push(id);
    pos = match.start + token.size();
  }
  encode_ordinary(text.substr(pos), scratch, out);
}

void Encoder::encode_prefix(std::string_view text, size_t max_ids, Scratch& scratch,
                            IdSink& out) const {
  size_t target = out.size() + max_ids;
  size_t ends[kBlock];
  // The scanner looks at the whole text, so the pieces are those of the whole.
  for (size_t pos = 0; out.size() < target; pos = ends[0]) {
    size_t n = scan_(text, pos, ends, kBlock);
    if (n == 0) return;
    encode_pieces(text, pos, ends, n, scratch, out);
    ends[0] = ends[n - 1];
  }
}

size_t Encoder::count_short(const uint8_t* p, size_t n, Key key, uint64_t hash,
                            Scratch& scratch) const {
  if (n == 0) return 0;
  size_t count = 1;
  if (vocab_.find_short(key, hash) == kNone) {
    uint32_t ids[kShortMax];
    count = merge_bytes(vocab_, p, n, ids);
    check_ids(ids, count);
  }
  scratch.count_table().insert(key, hash, {key, static_cast<uint32_t>(count)});
  return count;
}

size_t Encoder::count_long(std::string_view text, size_t start, size_t end,
                           Scratch& scratch) const {
  const uint8_t* p = bytes_of(text) + start;
  const size_t n = end - start;
  const bool cached = n <= LongTable::kMaxBytes;
  uint64_t hash = 0;
  if (cached) {
    hash = hash_bytes(p, n);
    LongTable::Record known = scratch.long_counts().find(p, n, hash);
    if (known.ids != nullptr) return known.count;
  }
  size_t count = 0;
  size_t ends[kSegments];
  size_t segments = vocab_.cuttable() ? cut_piece(vocab_, text, start, end, ends, kSegments) : 1;
  if (segments > 1) {
    for (size_t from = start;;) {
      count += count_pieces(text, from, ends, segments, scratch);
      from = ends[segments - 1];
      if (from == end) break;
      segments = cut_piece(vocab_, text, from, end, ends, kSegments);
    }
  } else if (vocab_.find(p, n) != kNone) {
    count = 1;
  } else {
    LongMerger& merger = scratch.merger();
    merger.clear();
    count = merger.run(vocab_, p, n);
    check_ids(merger.settled().data(), merger.settled().size());
    check_ids(merger.tail().data(), merger.tail().size());
  }
  if (cached) {
    scratch.long_counts().insert(p, n, hash, nullptr, static_cast<uint32_t>(count));
  }
  return count;
}

size_t Encoder::count_pieces(std::string_view text, size_t start, const size_t* ends, size_t n,
                             Scratch& scratch, uint32_t* each) const {
  CountTable& table = scratch.count_table();
  Block<CountTable> block;
  size_t total = 0;
  for (size_t m; n != 0; ends += m, n -= m) {
    m = std::min(n, kBlock);
    look_up(text, start, ends, m, table, block,
            [&](size_t k, const uint8_t*, size_t, const uint32_t*, uint32_t count) {
              table.insert(block.keys[k], block.hashes[k], {block.keys[k], count});
            });
    for (size_t i = 0; i < m; ++i) {
      size_t count = block.entries[i]->count();
      if (count == 0) {
        const size_t from = i == 0 ? start : ends[i - 1];
        const uint64_t moves = table.moves();
        count = ends[i] - from > kShortMax ? count_long(text, from, ends[i], scratch)
                                           : count_short(bytes_of(text) + from, ends[i] - from,
                                                         block.keys[i], block.hashes[i], scratch);
        if (table.moves() != moves) {
          uint32_t missed[kBlock];
          block.find(table, i + 1, m, missed);
        }
      }
      total += count;
      if (each != nullptr) *each++ = static_cast<uint32_t>(count);
    }
    start = ends[m - 1];
  }
  return total;
}

size_t Encoder::count_ordinary(std::string_view text, Scratch& scratch) const {
  size_t total = 0;
  size_t ends[kBlock];
  for (size_t pos = 0; size_t n = scan_(text, pos, ends, kBlock); pos = ends[n - 1]) {
    total += count_pieces(text, pos, ends, n, scratch);
  }
  return total;
}

size_t Encoder::count(std::string_view text, const SpecialSet* allowed, Scratch& scratch) const {
  size_t total = 0;
  size_t pos = 0;
  while (allowed != nullptr) {
    SpecialTokens::Match match = specials_.find(text, pos, *allowed);
    if (!match.found()) break;
    total += count_ordinary(text.substr(pos, match.start - pos), scratch) + 1;
    pos = match.start + specials_.tokens()[match.index].first.size();
  }
  return total + count_ordinary(text.substr(pos), scratch);
}

std::optional<size_t> Encoder::within(std::string_view text, size_t limit, Scratch& scratch) const {
  // A piece has at least this many tokens for its bytes; that spares merging a piece that cannot
  // fit.
  auto at_least = [&](size_t bytes) {
    return (bytes + vocab_.max_token_size() - 1) / vocab_.max_token_size();
  };
  size_t total = 0;
  size_t ends[kBlock];
  size_t pos = 0;
  while (size_t n = scan_(text, pos, ends, kBlock)) {
    if (total + at_least(ends[n - 1] - pos) > limit) return std::nullopt;
    total += count_pieces(text, pos, ends, n, scratch);
    if (total > limit) return std::nullopt;
    pos = ends[n - 1];
  }
  return total;
}

void Encoder::piece_ends(std::string_view text, std::vector<size_t>& ends) const {
  size_t block[kBlock];
  for (size_t pos = 0; size_t n = scan_(text, pos, block, kBlock); pos = block[n - 1]) {
    ends.insert(ends.end(), block, block + n);
  }
}

std::string_view Encoder::token(uint32_t id) const {
  if (id < vocab_.public_ids()) {
    std::string_view bytes = vocab_.token(id);
    if (!bytes.empty()) return bytes;
  }
  if (const std::string* special = specials_.text_of(id)) return *special;
  throw Error(ErrorKind::kKey, "no token has the id " + std::to_string(id));
}

void Encoder::decode(const uint32_t* ids, size_t n, std::string& out) const {
  for (size_t i = 0; i < n; ++i) out += token(ids[i]);
}

}  // namespace tokenkit
