#include "encode/encoder.hpp"

#include <algorithm>
#include <cstring>

#include "bpe/cut.hpp"
#include "bpe/growing.hpp"
#include "bpe/leave.hpp"
#include "encode/front_lookup.hpp"
#include "encode/lookup.hpp"
#include "scan/families.hpp"

namespace tokenkit {
namespace {

// Segments of a long piece that are cut at a time.
constexpr size_t kSegments = 64;
// So few pieces are first looked up one by one.
constexpr size_t kFew = 12;
// A longer piece is counted without holding its ids.
constexpr size_t kHeldPiece = size_t{1} << 20;

}  // namespace

Encoder::Encoder(std::string_view image, Family family, SpecialTokens specials, Reading reading)
    : vocab_(image),
      family_(family),
      scan_(scanner(family)),
      keyed_scan_(keyed_scanner(family, simd_level())),
      front_(front_kernel(simd_level())),
      segmented_(vocab_.cuttable() && visit(family, [](auto f) { return f.kUnsplit; })),
      specials_(std::move(specials)),
      reading_(std::move(reading)) {
  if (reading_.lead != Lead::kNowhere && !visit(family, [](auto f) { return f.kUnsplit; })) {
    throw Error(ErrorKind::kValue,
                "expected a family that splits no text where a space is put before texts, got " +
                    std::to_string(static_cast<int>(family)));
  }
  if (reading_.added.empty()) return;
  without_added_ =
      std::make_unique<Encoder>(image, family, SpecialTokens({}), Reading{reading_.lead, {}});
}

void Encoder::append_merged(const LongMerger& merger, size_t bytes, IdSink& out) const {
  for (const std::vector<uint32_t>* ranks : {&merger.settled(), &merger.tail()}) {
    if (vocab_.plain()) {
      out.append(ranks->data(), ranks->size());
      continue;
    }
    const size_t room = std::min(bytes, count_leaving(vocab_, ranks->data(), ranks->size()));
    out.reserve(room);
    const size_t count = leave(vocab_, ranks->data(), ranks->size(), out.end(), room);
    out.advance(count);
    bytes -= count;
  }
}

size_t Encoder::count_merged(const LongMerger& merger) const {
  size_t count = 0;
  for (const std::vector<uint32_t>* ranks : {&merger.settled(), &merger.tail()}) {
    const uint32_t lacking = first_lacking(vocab_, ranks->data(), ranks->size());
    if (lacking != kNone) refuse_lacking(vocab_, lacking);
    count += count_leaving(vocab_, ranks->data(), ranks->size());
  }
  return count;
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
    uint32_t ranks[kShortMax];
    count = merge_bytes(vocab_, p, n, ranks);
    count = leave(vocab_, ranks, count, ids, n);
  }
  table.insert(p, n, hash, ids, static_cast<uint32_t>(count));
  out.append(ids, count);
}

void Encoder::encode_long(std::string_view text, size_t start, size_t end, uint64_t hash,
                          Scratch& scratch, IdSink& out) const {
  const uint8_t* p = bytes_of(text) + start;
  const size_t n = end - start;
  const bool cached = n <= LongTable::kMaxBytes;
  if (cached) {
    LongTable::Record known = scratch.long_ids().find(p, n, hash);
    if (known.ids != nullptr) return out.append(known.ids, known.count);
  }
  const size_t before = out.size();
  size_t ends[kSegments];
  size_t segments = vocab_.cuttable() ? cut_piece(vocab_, text, start, end, ends, kSegments) : 1;
  if (segments > 1) {
    for (size_t from = start;;) {
      encode_plain(text, from, ends, segments, scratch, out);
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
  if (const uint32_t* added = reading_.added.id_of(piece)) return out.push(*added);
  const uint32_t whole = vocab_.find(bytes_of(piece), piece.size());
  if (whole != kNone) return out.push(whole);
  LongMerger& merger = scratch.merger();
  merger.clear();
  merger.run(vocab_, bytes_of(piece), piece.size());
  append_merged(merger, piece.size(), out);
}

// How many of the pieces come before the first added token.
size_t Encoder::plain_pieces(std::string_view text, size_t start, const size_t* ends,
                             size_t n) const {
  size_t few = 0;
  for (; few < n && !is_added(text.substr(start, ends[few] - start)); ++few) start = ends[few];
  return few;
}

void Encoder::encode_pieces(std::string_view text, size_t start, const size_t* ends, size_t n,
                            Scratch& scratch, IdSink& out) const {
  if (reading_.added.empty()) return encode_plain(text, start, ends, n, scratch, out);
  for (size_t i = 0; i < n; start = ends[i++]) {
    const size_t few = plain_pieces(text, start, ends + i, n - i);
    encode_plain(text, start, ends + i, few, scratch, out);
    if (few != 0) start = ends[i + few - 1];
    i += few;
    if (i == n) break;
    out.push(*reading_.added.id_of(text.substr(start, ends[i] - start)));
  }
}

void Encoder::encode_plain(std::string_view text, size_t start, const size_t* ends, size_t n,
                           Scratch& scratch, IdSink& out, uint32_t* each) const {
  const auto note = [&](size_t count) { *each++ = static_cast<uint32_t>(count); };
  if (each != nullptr) return encode_each(text, start, ends, n, scratch, out, note);
  encode_each(text, start, ends, n, scratch, out, [](size_t) {});
}

// Calls take(count) after each piece, in order.
template <class Take>
void Encoder::encode_each(std::string_view text, size_t start, const size_t* ends, size_t n,
                          Scratch& scratch, IdSink& out, const Take& take) const {
  // An entry is copied whole, count and all, so one id more than it has must find room.
  constexpr size_t kRoom = IdEntry::kMaxIds + 1;
  IdTable& table = scratch.id_table();
  LongTable& long_ids = scratch.long_ids();
  Block block;
  Entries<kBlock> entries;
  for (size_t m; n != 0; start = ends[m - 1], ends += m, n -= m) {
    m = std::min(n, kBlock);
    block.take(text, start, ends, m, table, long_ids);
    find_or_merge(vocab_, block, table, long_ids, entries,
                  [](size_t, const uint32_t*, uint32_t) {});
    out.reserve(kRoom * m);
    uint32_t* next = out.end();
    for (size_t i = 0; i < m; ++i) {
      const IdEntry& entry = *entries.of[i];
      std::memcpy(next, entry.words(), kRoom * sizeof(uint32_t));
      size_t count = entry.count;
      next += count;
      if (count == 0) {
        const auto before = static_cast<size_t>(next - out.data());
        next = encode_other(block, i, entries, next, kRoom * (m - i), scratch, out);
        count = out.size() - before;
      }
      take(count);
    }
    out.set_end(next);
  }
}

// A piece whose ids are not in its entry: appends them at `next`, finds the entries behind it again
// if they moved, makes room for `more` ids and returns where they go.
template <class Block, class Entries>
uint32_t* Encoder::encode_other(const Block& block, size_t i, Entries& entries, uint32_t* next,
                                size_t more, Scratch& scratch, IdSink& out) const {
  const IdTable& table = scratch.id_table();
  const uint64_t moves = table.moves();
  out.set_end(next);
  encode_missing(block, i, *entries.of[i], scratch, out);
  if (table.moves() != moves) entries.find(block, i + 1, table, scratch.long_ids());
  out.reserve(more);
  return out.end();
}

template <class Block>
void Encoder::encode_missing(const Block& block, size_t i, const IdEntry& entry, Scratch& scratch,
                             IdSink& out) const {
  const size_t from = block.start_of(i);
  const size_t size = block.size_of(i);
  if (size > kShortMax) {
    return encode_long(block.text, from, from + size, block.long_hash(i), scratch, out);
  }
  if (entry.used()) {
    const LongTable::Record known = scratch.long_ids().find(entry.record());
    if (known.ids != nullptr) return out.append(known.ids, known.count);
  }
  encode_short(bytes_of(block.text) + from, size, block.keys[i], block.hashes[i], scratch, out);
}

size_t Encoder::count_long(std::string_view text, size_t start, size_t end, uint64_t hash,
                           Scratch& scratch) const {
  const uint8_t* p = bytes_of(text) + start;
  const size_t n = end - start;
  const bool cached = n <= LongTable::kMaxBytes;
  if (cached) {
    LongTable::Record known = scratch.long_counts().find(p, n, hash);
    if (known.ids != nullptr) return known.count;
  }
  size_t count = 0;
  size_t ends[kSegments];
  size_t segments = vocab_.cuttable() ? cut_piece(vocab_, text, start, end, ends, kSegments) : 1;
  if (segments > 1) {
    for (size_t from = start;;) {
      count += count_plain(text, from, ends, segments, scratch);
      from = ends[segments - 1];
      if (from == end) break;
      segments = cut_piece(vocab_, text, from, end, ends, kSegments);
    }
  } else if (vocab_.find(p, n) != kNone) {
    count = 1;
  } else if (n > kHeldPiece) {
    count = count_huge(p, n);
  } else {
    LongMerger& merger = scratch.merger();
    merger.clear();
    merger.run(vocab_, p, n);
    count = count_merged(merger);
  }
  if (cached) {
    scratch.long_counts().insert(p, n, hash, nullptr, static_cast<uint32_t>(count));
  }
  return count;
}

size_t Encoder::count_huge(const uint8_t* p, size_t n) const {
  GrowingCount growing(kHeldPiece);
  GrowingCount::Result result;
  for (size_t end = 0; end < n;) {
    end = std::min(n, end + kHeldPiece);
    const size_t from = growing.from();
    result = growing.run(vocab_, p + from, end - from);
    growing.settle(vocab_, p + from, end - from);
  }
  if (result.lacking != kNone) refuse_lacking(vocab_, result.lacking);
  return result.tokens;
}

size_t Encoder::count_pieces(std::string_view text, size_t start, const size_t* ends, size_t n,
                             Scratch& scratch, uint32_t* each) const {
  if (reading_.added.empty()) return count_plain(text, start, ends, n, scratch, each);
  size_t total = 0;
  for (size_t i = 0; i < n; start = ends[i++]) {
    const size_t few = plain_pieces(text, start, ends + i, n - i);
    total += count_plain(text, start, ends + i, few, scratch, each == nullptr ? each : each + i);
    i += few;
    if (i == n) break;
    ++total;
    if (each != nullptr) each[i] = 1;
  }
  return total;
}

size_t Encoder::count_plain(std::string_view text, size_t start, const size_t* ends, size_t n,
                            Scratch& scratch, uint32_t* each) const {
  CountTable& table = scratch.count_table();
  if (n <= kFew && each == nullptr) {
    if (const size_t known = count_known(text, start, ends, n, table)) return known;
  }
  LongTable& long_counts = scratch.long_counts();
  Block block;
  Counts<kBlock> counts;
  size_t total = 0;
  // A scanner gives at most as many ends as it is asked for, which the analyzer does not see.
  // NOLINTNEXTLINE(clang-analyzer-security.ArrayBound)
  for (size_t m; n != 0; start = ends[m - 1], ends += m, n -= m) {
    m = std::min(n, kBlock);
    block.take(text, start, ends, m, table, long_counts);
    find_or_count(vocab_, block, table, long_counts, counts,
                  [](size_t, const uint32_t*, uint32_t) {});
    count_others(block, scratch, counts);
    total += counts.total;
    if (each != nullptr) each = std::copy_n(counts.of, m, each);
  }
  return total;
}

// The pieces of a block without keys.
template <class Block, class Counts>
void Encoder::count_others(const Block& block, Scratch& scratch, Counts& counts) const {
  for (size_t k = 0; k < counts.other_count; ++k) {
    const uint32_t i = counts.others[k];
    const size_t from = block.start_of(i), end = block.end_of(i);
    if (from == end) continue;  // empty
    const size_t count = count_long(block.text, from, end, block.long_hash(i), scratch);
    counts.set(i, static_cast<uint32_t>(count));
  }
}

void Encoder::encode_fronted(std::string_view text, size_t pos, Scratch& scratch,
                             IdSink& out) const {
  IdTable& table = scratch.id_table();
  LongTable& long_ids = scratch.long_ids();
  FrontTable& front = scratch.id_front();
  FrontRoom& room = scratch.front_room();
  const auto scan = [&](std::string_view all, size_t from, KeyedPieces& pieces) {
    return segmented_ ? room.segments.next(vocab_, keyed_scan_, all, from, pieces)
                      : keyed_scan_(all, from, pieces);
  };
  const auto find = [&](const KeyedPieces& pieces, size_t n, uint32_t* ids, uint32_t* missed) {
    return front_->ids(front, pieces, n, ids, missed);
  };
  room.segments.start();
  while (pos < text.size()) {
    FrontBlock& block = room.block;
    pos = block.take(text, pos, scan, find, table, long_ids);
    find_or_merge(vocab_, block, table, long_ids, room.entries,
                  [&](size_t i, const uint32_t* ids, uint32_t count) {
                    if (count == 1) block.put_if_free(front, i, ids[0]);
                  });
    for (size_t i = room.turn++ % FrontRoom::kPromoted; i < block.size; i += FrontRoom::kPromoted) {
      const IdEntry& entry = *room.entries.of[i];
      if (entry.count == 1) block.put(front, i, entry.ids[0]);
    }
    append_fronted(room, scratch, out);
  }
}

// The ids of all pieces of a row, in order: runs that the front table had, copied without a branch
// for most, and entries between them.
void Encoder::append_fronted(FrontRoom& room, Scratch& scratch, IdSink& out) const {
  constexpr size_t kRoom = IdEntry::kMaxIds + 1;  // as in encode_plain()
  constexpr size_t kRun = FrontBlock::kRun;
  const FrontBlock& block = room.block;
  out.reserve(block.pieces + kRoom * block.size + kRun);
  uint32_t* next = out.end();
  size_t done = 0;
  const auto copy_until = [&](size_t number) {
    std::memcpy(next, block.ids + done, kRun * sizeof(uint32_t));
    for (size_t i = done + kRun; i < number; i += kRun) {
      std::memcpy(next + (i - done), block.ids + i, kRun * sizeof(uint32_t));
    }
    next += number - done;
  };
  for (size_t i = 0; i < block.size; ++i) {
    copy_until(block.numbers[i]);
    done = block.numbers[i] + 1;
    const IdEntry& entry = *room.entries.of[i];
    std::memcpy(next, entry.words(), kRoom * sizeof(uint32_t));
    next += entry.count;
    if (entry.count == 0) {
      const size_t more = block.pieces - done + kRoom * (block.size - i) + kRun;
      next = encode_other(block, i, room.entries, next, more, scratch, out);
    }
  }
  copy_until(block.pieces);
  out.set_end(next);
}

size_t Encoder::count_fronted(std::string_view text, size_t pos, Scratch& scratch) const {
  CountTable& table = scratch.count_table();
  LongTable& long_counts = scratch.long_counts();
  FrontTable& front = scratch.count_front();
  FrontRoom& room = scratch.front_room();
  const auto scan = [&](std::string_view all, size_t from, KeyedPieces& pieces) {
    return segmented_ ? room.segments.next(vocab_, keyed_scan_, all, from, pieces)
                      : keyed_scan_(all, from, pieces);
  };
  const auto find = [&](const KeyedPieces& pieces, size_t n, uint32_t*, uint32_t* missed) {
    return front_->missed(front, pieces, n, missed);
  };
  room.segments.start();
  size_t total = 0;
  while (pos < text.size()) {
    FrontBlock& block = room.block;
    pos = block.take(text, pos, scan, find, table, long_counts);
    find_or_count(vocab_, block, table, long_counts, room.counts,
                  [&](size_t i, const uint32_t*, uint32_t count) {
                    if (count == 1) block.put_if_free(front, i, 0);
                  });
    count_others(block, scratch, room.counts);
    for (size_t i = room.turn++ % FrontRoom::kPromoted; i < block.size; i += FrontRoom::kPromoted) {
      if (room.counts.of[i] == 1 && block.has_key(i)) block.put(front, i, 0);
    }
    total += block.pieces - block.size + room.counts.total;
  }
  return total;
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
