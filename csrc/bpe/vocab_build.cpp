#include "bpe/vocab_build.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/error.hpp"
#include "bpe/merge.hpp"
#include "bpe/vocab.hpp"
#include "text/utf8.hpp"

namespace tokenkit {
namespace {

using Tokens = std::vector<std::pair<std::string, uint32_t>>;

const uint8_t* bytes_of(const std::string& s) { return reinterpret_cast<const uint8_t*>(s.data()); }

std::string shown(const std::string& token) {
  static const char* digits = "0123456789abcdef";
  std::string out = "b'";
  for (unsigned char c : token.substr(0, 32)) {
    out += "\\x";
    out += digits[c >> 4];
    out += digits[c & 15];
  }
  return out + (token.size() > 32 ? "...'" : "'");
}

// Ranks to tokens, checked. Index = id; holes are empty strings.
std::vector<std::string> by_id(const Tokens& tokens) {
  if (tokens.empty()) throw Error(ErrorKind::kVocabulary, "the vocabulary has no tokens");
  uint32_t highest = 0;
  for (const auto& [token, rank] : tokens) {
    if (token.empty()) {
      throw Error(ErrorKind::kVocabulary,
                  "the token with rank " + std::to_string(rank) + " is empty");
    }
    if (rank >= kMaxIds - 256) {
      throw Error(ErrorKind::kVocabulary, "rank " + std::to_string(rank) + " of token " +
                                              shown(token) + " is too large: ranks must be below " +
                                              std::to_string(kMaxIds - 256));
    }
    highest = std::max(highest, rank);
  }
  std::vector<std::string> ids(size_t{highest} + 1);
  for (const auto& [token, rank] : tokens) {
    if (!ids[rank].empty()) {
      throw Error(ErrorKind::kVocabulary, "rank " + std::to_string(rank) + " is given twice, to " +
                                              shown(ids[rank]) + " and " + shown(token));
    }
    ids[rank] = token;
  }
  std::unordered_set<std::string_view> seen;
  for (const auto& [token, rank] : tokens) {
    if (!seen.insert(token).second) {
      throw Error(ErrorKind::kVocabulary, "token " + shown(token) + " is given twice");
    }
  }
  return ids;
}

// The official splits: for each token, the pair that BPE over its own bytes merges last. Shorter
// tokens first, so that every merge inside a token is known when its turn comes. A token that BPE
// does not reach has none.
class PairMap {
 public:
  uint32_t operator()(uint32_t left, uint32_t right) const {
    auto found = map_.find((uint64_t{left} << kIdBits) | right);
    return found == map_.end() ? kNone : found->second;
  }
  void insert(uint32_t left, uint32_t right, uint32_t id) {
    map_.emplace((uint64_t{left} << kIdBits) | right, id);
  }
  const std::unordered_map<uint64_t, uint32_t>& entries() const { return map_; }

 private:
  std::unordered_map<uint64_t, uint32_t> map_;
};

PairMap official_splits(const std::vector<std::string>& ids, const uint32_t* byte_ids,
                        uint32_t* unreachable) {
  std::vector<uint32_t> order(ids.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t a, uint32_t b) { return ids[a].size() < ids[b].size(); });
  PairMap pairs;
  std::vector<uint32_t> parts;
  std::vector<uint32_t> ranks;
  for (uint32_t id : order) {
    const std::string& token = ids[id];
    if (token.size() < 2) continue;
    parts.clear();
    for (unsigned char c : token) parts.push_back(byte_ids[c]);
    ranks.assign(parts.size(), kNone);
    for (size_t i = 0; i + 1 < parts.size(); ++i) ranks[i] = pairs(parts[i], parts[i + 1]);
    if (merge_small(parts.data(), ranks.data(), parts.size(), pairs) != 2) {
      ++*unreachable;
      continue;
    }
    pairs.insert(parts[0], parts[1], id);
  }
  return pairs;
}

}  // namespace

// The bitmap behind Vocab::joined.
class JoinMap {
 public:
  JoinMap() : bits_(size_t{1} << (Vocab::kJoinBits - 6)) {}

  // Notes each place in the token where one character ends and another starts.
  void add(std::string_view token) {
    for (size_t k = 1; k < token.size(); ++k) {
      if (is_continuation(byte(token, k))) continue;
      size_t start = k - 1;
      while (start > 0 && is_continuation(byte(token, start)) && k - start < 4) --start;
      const uint32_t left = whole(token, start) == k - start ? character(token, start, k - start)
                                                             : Vocab::part(byte(token, k - 1));
      const size_t length = whole(token, k);
      const uint32_t right =
          length != 0 ? character(token, k, length) : Vocab::part(byte(token, k));
      if (left < 0x80 && right < 0x80) continue;  // never asked
      const uint32_t place = Vocab::join_place(left, right);
      bits_[place >> 6] |= uint64_t{1} << (place & 63);
    }
  }
  const std::vector<uint64_t>& bits() const { return bits_; }

 private:
  static uint8_t byte(std::string_view token, size_t i) { return static_cast<uint8_t>(token[i]); }

  // The length of the character that starts at i if all of it is there, else 0.
  static size_t whole(std::string_view token, size_t i) {
    const uint8_t lead = byte(token, i);
    const size_t length = lead < 0x80 ? 1 : lead < 0xC0 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (length == 0 || i + length > token.size()) return 0;
    for (size_t k = 1; k < length; ++k) {
      if (!is_continuation(byte(token, i + k))) return 0;
    }
    return length;
  }
  static uint32_t character(std::string_view token, size_t i, size_t length) {
    uint32_t c = 0;
    for (size_t k = 0; k < length; ++k) c |= uint32_t{byte(token, i + k)} << (8 * k);
    return c;
  }

  std::vector<uint64_t> bits_;
};

namespace {

// The image under construction, section by section.
class Writer {
 public:
  template <class T>
  ImageSection add(const std::vector<T>& items) {
    const size_t offset = image_.size();
    const auto* data = reinterpret_cast<const uint8_t*>(items.data());
    image_.insert(image_.end(), data, data + items.size() * sizeof(T));
    image_.resize((image_.size() + 63) / 64 * 64);
    const size_t size = image_.size() - offset;
    return {offset, size, hash_bytes(image_.data() + offset, size)};
  }
  std::vector<uint8_t> finish(ImageHeader header) {
    header.image_size = image_.size();
    header.sum = header.header_sum();
    std::memcpy(image_.data(), &header, sizeof header);
    return std::move(image_);
  }

 private:
  std::vector<uint8_t> image_ = std::vector<uint8_t>(sizeof(ImageHeader));
};

// Puts `entry` into the first free place at or after its bucket. `width` entries a bucket.
template <class T>
void place(std::vector<T>& table, size_t width, size_t bucket, T empty, T entry) {
  for (size_t b = bucket;; b = (b + 1) * width == table.size() ? 0 : b + 1) {
    for (size_t k = 0; k < width; ++k) {
      if (table[b * width + k] == empty) {
        table[b * width + k] = entry;
        return;
      }
    }
  }
}

}  // namespace

// Builds the sections of an image, one after the other: each step needs those before it.
class ImageBuilder {
 public:
  explicit ImageBuilder(const Tokens& tokens) : ids_(by_id(tokens)) {
    std::memcpy(header_.magic, "TKVOCAB", 8);
    header_.version = kImageVersion;
    header_.byte_order = 0x01020304;
    header_.token_count = static_cast<uint32_t>(tokens.size());
    header_.public_ids = static_cast<uint32_t>(ids_.size());
  }

  std::vector<uint8_t> build() {
    number_bytes();
    place_tokens();
    place_pairs();
    for (const std::string& token : ids_) joins_.add(token);
    return written();
  }

 private:
  // Ids of single bytes; those that the vocabulary lacks get internal ids behind all others.
  void number_bytes() {
    header_.slot_count = header_.public_ids;
    for (uint32_t id = 0; id < header_.public_ids; ++id) {
      if (ids_[id].size() == 1) byte_ids_[static_cast<uint8_t>(ids_[id][0])] = id;
    }
    for (int b = 0; b < 256; ++b) {
      if (byte_ids_[b] != kNone) continue;
      byte_ids_[b] = header_.slot_count++;
      missing_.push_back(std::string(1, static_cast<char>(b)));
    }
  }

  // The bytes of every token by id, and the tables from bytes to ids.
  void place_tokens() {
    size_t short_count = 0;
    size_t long_count = 0;
    for (const std::string& token : ids_) {
      header_.max_token_size =
          std::max(header_.max_token_size, static_cast<uint32_t>(token.size()));
      long_count += token.size() > kShortMax;
      short_count += !token.empty() && token.size() <= kShortMax;
    }
    header_.short_buckets = static_cast<uint32_t>(short_count / 11 + 1);
    header_.long_slots = static_cast<uint32_t>(std::bit_ceil(2 * long_count + 1));
    slots_.resize(size_t{16} * header_.slot_count);
    short_table_.assign(size_t{16} * header_.short_buckets, kNone);
    long_table_.assign(header_.long_slots, kNone);
    for (uint32_t id = 0; id < header_.slot_count; ++id) {
      const bool is_public = id < header_.public_ids;
      const std::string& token = is_public ? ids_[id] : missing_[id - header_.public_ids];
      if (token.size() > kShortMax) {
        place_long(id, token);
      } else {
        place_short(id, token, is_public && !token.empty());
      }
    }
  }

  void place_short(uint32_t id, const std::string& token, bool findable) {
    uint8_t* slot = slots_.data() + size_t{16} * id;
    std::memcpy(slot, token.data(), token.size());
    slot[15] = static_cast<uint8_t>(token.size());
    if (!findable) return;
    const Key key = make_key(bytes_of(token), token.size());
    const uint64_t hash = hash_key(key);
    const uint32_t entry = (static_cast<uint32_t>(hash) >> kIdBits << kIdBits) | id;
    place(short_table_, 16, Vocab::bucket(hash, header_.short_buckets), kNone, entry);
  }

  void place_long(uint32_t id, const std::string& token) {
    uint8_t* slot = slots_.data() + size_t{16} * id;
    const uint32_t where[2] = {static_cast<uint32_t>(long_bytes_.size()),
                               static_cast<uint32_t>(token.size())};
    std::memcpy(slot, where, 8);
    slot[15] = Vocab::kLongSlot;
    long_bytes_.insert(long_bytes_.end(), token.begin(), token.end());
    const size_t home =
        static_cast<uint32_t>(hash_bytes(bytes_of(token), token.size())) & (header_.long_slots - 1);
    place(long_table_, 1, home, kNone, id);
  }

  // The official splits: as a table, as a bitmap by hash, and by two bytes.
  void place_pairs() {
    const PairMap pairs = official_splits(ids_, byte_ids_.data(), &header_.unreachable);
    std::vector<uint64_t> sorted;
    for (const auto& [key, id] : pairs.entries()) {
      sorted.push_back((key << Vocab::Pairs::kIdShift) | id);
    }
    // Lower ids first: common tokens end up in their home bucket, and the image is reproducible.
    std::sort(sorted.begin(), sorted.end(), [](uint64_t a, uint64_t b) {
      constexpr uint64_t mask = (1u << Vocab::Pairs::kIdShift) - 1;
      return (a & mask) < (b & mask);
    });
    header_.pair_buckets = static_cast<uint32_t>(sorted.size() / 5 + 1);
    pair_table_.assign(size_t{8} * header_.pair_buckets, Vocab::Pairs::kEmpty);
    // Eight to sixteen bits for a pair.
    header_.filter_bits = static_cast<uint32_t>(std::bit_width(8 * sorted.size() + 64));
    pair_filter_.resize((size_t{1} << header_.filter_bits) / 64);
    for (uint64_t entry : sorted) {
      const uint64_t hash = (entry >> Vocab::Pairs::kIdShift) * kHashA;
      place(pair_table_, 8, Vocab::bucket(hash, header_.pair_buckets), Vocab::Pairs::kEmpty, entry);
      const uint64_t bit = hash >> (64 - header_.filter_bits);
      pair_filter_[bit >> 6] |= uint64_t{1} << (bit & 63);
    }
    for (size_t i = 0; i < byte_pairs_.size(); ++i) {
      byte_pairs_[i] = pairs(byte_ids_[i >> 8], byte_ids_[i & 255]);
    }
  }

  std::vector<uint8_t> written() {
    Writer writer;
    header_.sections[kSlots] = writer.add(slots_);
    header_.sections[kLongBytes] = writer.add(long_bytes_);
    header_.sections[kByteIds] = writer.add(byte_ids_);
    header_.sections[kBytePairs] = writer.add(byte_pairs_);
    header_.sections[kShortTable] = writer.add(short_table_);
    header_.sections[kLongTable] = writer.add(long_table_);
    header_.sections[kPairTable] = writer.add(pair_table_);
    header_.sections[kPairFilter] = writer.add(pair_filter_);
    header_.sections[kJoins] = writer.add(joins_.bits());
    return writer.finish(header_);
  }

  const std::vector<std::string> ids_;  // tokens by id
  std::vector<std::string> missing_;    // bytes that are not tokens
  ImageHeader header_{};
  std::vector<uint32_t> byte_ids_ = std::vector<uint32_t>(256, kNone);
  std::vector<uint32_t> byte_pairs_ = std::vector<uint32_t>(65536);
  std::vector<uint8_t> slots_, long_bytes_;
  std::vector<uint32_t> short_table_, long_table_;
  std::vector<uint64_t> pair_table_, pair_filter_;
  JoinMap joins_;
};

std::vector<uint8_t> build_image(const Tokens& tokens) { return ImageBuilder(tokens).build(); }

}  // namespace tokenkit
