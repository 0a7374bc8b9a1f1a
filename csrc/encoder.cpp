#include "encoder.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace tokenkit {
namespace {

// Pieces are found, hashed and looked up in blocks, so that the table lines of a whole block are on
// their way before the first one is needed.
constexpr size_t kBlock = 128;

// log2 of the entries of the tables: 2 MB, 1 MB, and a quarter of a MB each beside their arenas.
constexpr unsigned kIdBits2 = 16;
constexpr unsigned kCountBits = 16;
constexpr unsigned kLongBits = 15;
constexpr size_t kLongIdBytes = size_t{3} << 20;
constexpr size_t kLongCountBytes = size_t{2} << 20;

const uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

void prefetch(const void* p) {
#if defined(__GNUC__)
  __builtin_prefetch(p);
#else
  (void)p;
#endif
}

// The keys and hashes of a block of pieces; a long piece has hash 0 and no key.
struct Block {
  Key keys[kBlock];
  uint64_t hashes[kBlock];

  template <class Table>
  void load(std::string_view text, size_t start, const size_t* ends, size_t n, const Table& table) {
    const uint8_t* base = bytes_of(text);
    for (size_t i = 0; i < n; ++i) {
      size_t size = ends[i] - start;
      if (size <= kShortMax) {
        keys[i] = make_key(base + start, size, text.size() - start);
        hashes[i] = hash_key(keys[i]);
        prefetch(table.home(hashes[i]));
      }
      start = ends[i];
    }
  }
};

template <class T, class... Args>
T& made(std::unique_ptr<T>& table, Args... args) {
  if (!table) table = std::make_unique<T>(args...);
  return *table;
}

}  // namespace

void IdSink::grow(size_t more) {
  size_t wanted = std::max(size_ + more, capacity_ + capacity_ / 2);
  void* p = std::realloc(data_, wanted * sizeof(uint32_t));
  if (p == nullptr) throw std::bad_alloc();
  data_ = static_cast<uint32_t*>(p);
  capacity_ = wanted;
}

void IdSink::append(const uint32_t* ids, size_t count) {
  if (count == 0) return;
  reserve(count);
  std::memcpy(end(), ids, count * sizeof(uint32_t));
  advance(count);
}

uint32_t* IdSink::release() {
  uint32_t* p = data_;
  if (p != nullptr && size_ < capacity_) {
    void* trimmed = std::realloc(p, std::max<size_t>(size_, 1) * sizeof(uint32_t));
    if (trimmed != nullptr) p = static_cast<uint32_t*>(trimmed);
  }
  data_ = nullptr;
  size_ = capacity_ = 0;
  return p;
}

IdTable& Scratch::id_table() { return made(id_table_, kIdBits2); }
CountTable& Scratch::count_table() { return made(count_table_, kCountBits); }
LongTable& Scratch::long_ids() { return made(long_ids_, kLongBits, kLongIdBytes); }
LongTable& Scratch::long_counts() { return made(long_counts_, kLongBits, kLongCountBytes); }

std::unique_ptr<Scratch> ScratchPool::take() {
  if (Scratch* waiting = fast_.exchange(nullptr, std::memory_order_acquire)) {
    return std::unique_ptr<Scratch>(waiting);
  }
  std::lock_guard<std::mutex> lock(mutex_);
  if (more_.empty()) return std::make_unique<Scratch>();
  std::unique_ptr<Scratch> last = std::move(more_.back());
  more_.pop_back();
  return last;
}

void ScratchPool::give_back(std::unique_ptr<Scratch> scratch) {
  Scratch* expected = nullptr;
  if (fast_.compare_exchange_strong(expected, scratch.get(), std::memory_order_release,
                                    std::memory_order_relaxed)) {
    scratch.release();
    return;
  }
  std::lock_guard<std::mutex> lock(mutex_);
  more_.push_back(std::move(scratch));
}

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

// A piece of up to 15 bytes that the id table does not hold.
void Encoder::encode_short(const uint8_t* p, size_t n, Key key, uint64_t hash, Scratch& scratch,
                           IdSink& out) const {
  uint32_t ids[kShortMax];
  size_t count = 1;
  ids[0] = vocab_.find_short(key, hash);
  if (ids[0] == kNone) {
    LongTable* table = nullptr;
    if (n > IdTable::kMaxIdsPerPiece) {
      table = &scratch.long_ids();
      LongTable::Record known = table->find(p, n, hash);
      if (known.ids != nullptr) return out.append(known.ids, known.count);
    }
    count = merge_bytes(vocab_, p, n, ids);
    check_ids(ids, count);
    if (count > IdTable::kMaxIdsPerPiece) {
      table->insert(p, n, hash, ids, static_cast<uint32_t>(count));
      return out.append(ids, count);
    }
  }
  scratch.id_table().insert(key, hash, ids, static_cast<uint32_t>(count));
  out.append(ids, count);
}

void Encoder::encode_long(const uint8_t* p, size_t n, Scratch& scratch, IdSink& out) const {
  bool cached = n <= LongTable::kMaxBytes;
  uint64_t hash = 0;
  if (cached) {
    hash = hash_bytes(p, n);
    LongTable::Record known = scratch.long_ids().find(p, n, hash);
    if (known.ids != nullptr) return out.append(known.ids, known.count);
  }
  size_t before = out.size();
  uint32_t whole = vocab_.find(p, n);
  if (whole != kNone) {
    out.push(whole);
  } else {
    LongMerger& merger = scratch.merger();
    merger.clear();
    merger.run(vocab_, p, n);
    check_ids(merger.settled().data(), merger.settled().size());
    check_ids(merger.tail().data(), merger.tail().size());
    out.append(merger.settled().data(), merger.settled().size());
    out.append(merger.tail().data(), merger.tail().size());
  }
  if (cached) {
    scratch.long_ids().insert(p, n, hash, out.data() + before,
                              static_cast<uint32_t>(out.size() - before));
  }
}

void Encoder::encode_pieces(std::string_view text, size_t start, const size_t* ends, size_t n,
                            Scratch& scratch, IdSink& out) const {
  IdTable& table = scratch.id_table();
  Block block;
  while (n != 0) {
    size_t m = std::min(n, kBlock);
    block.load(text, start, ends, m, table);
    for (size_t i = 0; i < m; ++i) {
      size_t size = ends[i] - start;
      const uint8_t* p = bytes_of(text) + start;
      start = ends[i];
      if (size > kShortMax) {
        encode_long(p, size, scratch, out);
        continue;
      }
      if (size == 0) continue;
      const IdTable::Entry* entry = table.find(block.keys[i], block.hashes[i]);
      if (entry == nullptr) {
        encode_short(p, size, block.keys[i], block.hashes[i], scratch, out);
        continue;
      }
      out.reserve(IdTable::kMaxIdsPerPiece);
      std::memcpy(out.end(), entry->ids, sizeof entry->ids);
      out.advance(entry->count);
    }
    ends += m;
    n -= m;
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
  size_t count = 1;
  if (vocab_.find_short(key, hash) == kNone) {
    uint32_t ids[kShortMax];
    count = merge_bytes(vocab_, p, n, ids);
    check_ids(ids, count);
  }
  scratch.count_table().insert(key, hash, static_cast<uint32_t>(count));
  return count;
}

size_t Encoder::count_long(const uint8_t* p, size_t n, Scratch& scratch) const {
  bool cached = n <= LongTable::kMaxBytes;
  uint64_t hash = 0;
  if (cached) {
    hash = hash_bytes(p, n);
    LongTable::Record known = scratch.long_counts().find(p, n, hash);
    if (known.ids != nullptr) return known.count;
  }
  size_t count = 1;
  if (vocab_.find(p, n) == kNone) {
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
                             Scratch& scratch) const {
  CountTable& table = scratch.count_table();
  Block block;
  size_t total = 0;
  while (n != 0) {
    size_t m = std::min(n, kBlock);
    block.load(text, start, ends, m, table);
    for (size_t i = 0; i < m; ++i) {
      size_t size = ends[i] - start;
      const uint8_t* p = bytes_of(text) + start;
      start = ends[i];
      if (size > kShortMax) {
        total += count_long(p, size, scratch);
        continue;
      }
      if (size == 0) continue;
      size_t count = table.find(block.keys[i], block.hashes[i]);
      if (count == 0) count = count_short(p, size, block.keys[i], block.hashes[i], scratch);
      total += count;
    }
    ends += m;
    n -= m;
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
