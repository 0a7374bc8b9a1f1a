// Builds vocabulary images (see vocab.hpp for what they hold).
#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <unordered_set>

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

// A section of the image under construction.
class Writer {
 public:
  template <class T>
  uint64_t add(const std::vector<T>& items) {
    image_.resize((image_.size() + 63) / 64 * 64);
    uint64_t offset = image_.size();
    const auto* data = reinterpret_cast<const uint8_t*>(items.data());
    image_.insert(image_.end(), data, data + items.size() * sizeof(T));
    return offset;
  }
  std::vector<uint8_t> finish(ImageHeader header) {
    image_.resize((image_.size() + 63) / 64 * 64);
    header.image_size = image_.size();
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

std::vector<uint8_t> build_image(const Tokens& tokens) {
  const std::vector<std::string> ids = by_id(tokens);
  ImageHeader header{};
  std::memcpy(header.magic, "TKVOCAB", 8);
  header.version = kImageVersion;
  header.byte_order = 0x01020304;
  header.token_count = static_cast<uint32_t>(tokens.size());
  header.public_ids = static_cast<uint32_t>(ids.size());
  header.slot_count = header.public_ids;

  std::vector<uint32_t> byte_ids(256, kNone);
  for (uint32_t id = 0; id < header.public_ids; ++id) {
    if (ids[id].size() == 1) byte_ids[static_cast<uint8_t>(ids[id][0])] = id;
  }
  std::vector<std::string> missing;
  for (int b = 0; b < 256; ++b) {
    if (byte_ids[b] != kNone) continue;
    byte_ids[b] = header.slot_count++;
    missing.push_back(std::string(1, static_cast<char>(b)));
  }

  size_t short_count = 0;
  size_t long_count = 0;
  for (const std::string& token : ids) {
    header.max_token_size = std::max(header.max_token_size, static_cast<uint32_t>(token.size()));
    if (token.size() > kShortMax) {
      ++long_count;
    } else if (!token.empty()) {
      ++short_count;
    }
  }
  header.short_buckets = static_cast<uint32_t>(short_count / 11 + 1);
  header.long_slots = static_cast<uint32_t>(std::bit_ceil(2 * long_count + 1));

  std::vector<uint8_t> slots(size_t{16} * header.slot_count);
  std::vector<uint8_t> long_bytes;
  std::vector<uint32_t> short_table(size_t{16} * header.short_buckets, kNone);
  std::vector<uint32_t> long_table(header.long_slots, kNone);
  for (uint32_t id = 0; id < header.slot_count; ++id) {
    const std::string& token = id < header.public_ids ? ids[id] : missing[id - header.public_ids];
    uint8_t* slot = slots.data() + size_t{16} * id;
    if (token.size() <= kShortMax) {
      std::memcpy(slot, token.data(), token.size());
      slot[15] = static_cast<uint8_t>(token.size());
      if (token.empty() || id >= header.public_ids) continue;
      Key key = make_key(bytes_of(token), token.size());
      uint64_t hash = hash_key(key);
      uint32_t entry = (static_cast<uint32_t>(hash) >> kIdBits << kIdBits) | id;
      place(short_table, 16, Vocab::bucket(hash, header.short_buckets), kNone, entry);
    } else {
      uint32_t where[2] = {static_cast<uint32_t>(long_bytes.size()),
                           static_cast<uint32_t>(token.size())};
      std::memcpy(slot, where, 8);
      slot[15] = Vocab::kLongSlot;
      long_bytes.insert(long_bytes.end(), token.begin(), token.end());
      size_t home = static_cast<uint32_t>(hash_bytes(bytes_of(token), token.size())) &
                    (header.long_slots - 1);
      place(long_table, 1, home, kNone, id);
    }
  }

  PairMap pairs = official_splits(ids, byte_ids.data(), &header.unreachable);
  header.pair_buckets = static_cast<uint32_t>(pairs.entries().size() / 5 + 1);
  std::vector<uint64_t> sorted;
  for (const auto& [key, id] : pairs.entries()) {
    sorted.push_back((key << Vocab::Pairs::kIdShift) | id);
  }
  // Lower ids first: common tokens end up in their home bucket, and the image is reproducible.
  std::sort(sorted.begin(), sorted.end(), [](uint64_t a, uint64_t b) {
    constexpr uint64_t mask = (1u << Vocab::Pairs::kIdShift) - 1;
    return (a & mask) < (b & mask);
  });
  std::vector<uint64_t> pair_table(size_t{8} * header.pair_buckets, Vocab::Pairs::kEmpty);
  for (uint64_t entry : sorted) {
    uint64_t hash = (entry >> Vocab::Pairs::kIdShift) * kHashA;
    place(pair_table, 8, Vocab::bucket(hash, header.pair_buckets), Vocab::Pairs::kEmpty, entry);
  }
  // Eight to sixteen bits for a pair.
  header.filter_bits = static_cast<uint32_t>(std::bit_width(8 * sorted.size() + 64));
  std::vector<uint64_t> pair_filter((size_t{1} << header.filter_bits) / 64);
  for (uint64_t entry : sorted) {
    const uint64_t hash = (entry >> Vocab::Pairs::kIdShift) * kHashA;
    const uint64_t bit = hash >> (64 - header.filter_bits);
    pair_filter[bit >> 6] |= uint64_t{1} << (bit & 63);
  }
  std::vector<uint32_t> byte_pairs(65536);
  for (size_t i = 0; i < byte_pairs.size(); ++i) {
    byte_pairs[i] = pairs(byte_ids[i >> 8], byte_ids[i & 255]);
  }

  JoinMap joins;
  for (const std::string& token : ids) joins.add(token);

  Writer writer;
  header.slots = writer.add(slots);
  header.long_bytes = writer.add(long_bytes);
  header.byte_ids = writer.add(byte_ids);
  header.byte_pairs = writer.add(byte_pairs);
  header.short_table = writer.add(short_table);
  header.long_table = writer.add(long_table);
  header.pair_table = writer.add(pair_table);
  header.pair_filter = writer.add(pair_filter);
  header.joins = writer.add(joins.bits());
  return writer.finish(header);
}

}  // namespace tokenkit
