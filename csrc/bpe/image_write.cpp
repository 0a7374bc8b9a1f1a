#include "bpe/image_write.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>
#include <unordered_set>

#include "bpe/vocab.hpp"
#include "text/utf8.hpp"

namespace tokenkit {
namespace {

const uint8_t* bytes_of(std::string_view s) { return reinterpret_cast<const uint8_t*>(s.data()); }

}  // namespace

std::string shown_token(std::string_view token) {
  static const char* digits = "0123456789abcdef";
  std::string out = "b'";
  for (const char c : token.substr(0, 32)) {
    const auto byte = static_cast<uint8_t>(c);
    out += "\\x";
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out + (token.size() > 32 ? "...'" : "'");
}

// The bitmaps behind Vocab::Joins.
class JoinMap {
 public:
  explicit JoinMap(bool ascii) : bits_(Vocab::kJoinWords + (ascii ? Vocab::kAsciiWords : 0)) {}

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
      set(left, right);
    }
  }

  // Sees to it that a part of a piece never is this token: nothing is split before its first
  // character, or behind its last one. If these are not whole, no part begins or ends there.
  void protect(std::string_view token) {
    const size_t first = whole(token, 0);
    size_t last = token.size() - 1;
    while (last > 0 && is_continuation(byte(token, last))) --last;
    const size_t length = whole(token, last);
    if (first == 0 || last + length != token.size()) return;
    const uint32_t begin = character(token, 0, first);
    const uint32_t end = character(token, last, length);
    // All of ASCII, and the last bytes of what else may be before it; the same for what may follow.
    if (begins_.insert(begin).second) {
      for (uint32_t ascii = 0; ascii < 0x80; ++ascii) set(ascii, begin);
      for (uint32_t tail = 0x80; tail < 0xC0; ++tail) set(Vocab::part(tail), begin);
    }
    if (ends_.insert(end).second) {
      for (uint32_t ascii = 0; ascii < 0x80; ++ascii) set(end, ascii);
      for (uint32_t head = 0xC2; head < 0xF5; ++head) set(end, Vocab::part(head));
    }
  }
  // Whether so many characters are protected that splits would be rare.
  bool crowded() const { return begins_.size() + ends_.size() > 256; }

  const std::vector<uint64_t>& bits() const { return bits_; }
  // Whether a part of a character is among them.
  bool parts() const { return parts_; }

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

  void set(uint32_t left, uint32_t right) {
    if (left < 0x80 && right < 0x80) {
      if (bits_.size() > Vocab::kJoinWords) {
        bits_[Vocab::kJoinWords + size_t{2} * left + (right >> 6)] |= uint64_t{1} << (right & 63);
      }
      return;
    }
    parts_ |= std::max(left, right) >= Vocab::part(0);
    const uint32_t place = Vocab::join_place(left, right);
    bits_[place >> 6] |= uint64_t{1} << (place & 63);
  }

  std::vector<uint64_t> bits_;
  bool parts_ = false;
  std::unordered_set<uint32_t> begins_, ends_;
};

namespace {

// The image under construction, section by section.
class Sections {
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
class ImageWriter {
 public:
  explicit ImageWriter(const ImagePlan& plan) : plan_(plan), joins_(plan.characters) {
    std::memcpy(header_.magic, "TKVOCAB", 8);
    header_.version = kImageVersion;
    header_.byte_order = 0x01020304;
    header_.token_count = plan.token_count;
    header_.public_ids = plan.public_ids;
    header_.slot_count = static_cast<uint32_t>(plan.tokens.size());
    header_.rank_ids = static_cast<uint32_t>(plan.rank_ids.size());
    header_.byte_tokens = static_cast<uint32_t>(plan.byte_tokens.size());
    header_.characters = plan.characters ? 1 : 0;
  }

  std::vector<uint8_t> write() {
    place_tokens();
    place_pairs();
    for (const std::string_view token : plan_.tokens) joins_.add(token);
    for (const uint32_t id : plan_.whole_only) joins_.protect(plan_.tokens[id]);
    header_.unreachable = static_cast<uint32_t>(plan_.whole_only.size());
    header_.uncuttable = joins_.crowded() ? 1 : 0;
    header_.whole_joins = joins_.parts() ? 0 : 1;
    return written();
  }

 private:
  // The bytes of every token by id, and the tables from bytes to ids.
  void place_tokens() {
    size_t short_count = 0;
    size_t long_count = 0;
    for (const std::string_view token : plan_.tokens) {
      header_.max_token_size =
          std::max(header_.max_token_size, static_cast<uint32_t>(token.size()));
    }
    for (uint32_t id = 0; id < plan_.public_ids; ++id) {
      if (!plan_.findable[id]) continue;
      long_count += plan_.tokens[id].size() > kShortMax;
      short_count += plan_.tokens[id].size() <= kShortMax;
    }
    header_.hidden = plan_.token_count - static_cast<uint32_t>(short_count + long_count);
    header_.short_buckets = static_cast<uint32_t>(short_count / 11 + 1);
    header_.long_slots = static_cast<uint32_t>(std::bit_ceil(2 * long_count + 1));
    slots_.resize(size_t{16} * header_.slot_count);
    short_table_.assign(size_t{16} * header_.short_buckets, kNone);
    long_table_.assign(header_.long_slots, kNone);
    for (uint32_t id = 0; id < header_.slot_count; ++id) {
      const std::string_view token = plan_.tokens[id];
      const bool findable = id < plan_.public_ids && plan_.findable[id];
      if (token.size() > kShortMax) {
        place_long(id, token, findable);
      } else {
        place_short(id, token, findable);
      }
    }
  }

  void place_short(uint32_t id, std::string_view token, bool findable) {
    uint8_t* slot = slots_.data() + size_t{16} * id;
    std::copy_n(bytes_of(token), token.size(), slot);
    slot[15] = static_cast<uint8_t>(token.size());
    if (!findable) return;
    const Key key = make_key(bytes_of(token), token.size());
    const uint64_t hash = hash_key(key);
    const uint32_t entry = (static_cast<uint32_t>(hash) >> kIdBits << kIdBits) | id;
    place(short_table_, 16, Vocab::bucket(hash, header_.short_buckets), kNone, entry);
  }

  void place_long(uint32_t id, std::string_view token, bool findable) {
    uint8_t* slot = slots_.data() + size_t{16} * id;
    const uint32_t where[2] = {static_cast<uint32_t>(long_bytes_.size()),
                               static_cast<uint32_t>(token.size())};
    std::memcpy(slot, where, 8);
    slot[15] = Vocab::kLongSlot;
    long_bytes_.insert(long_bytes_.end(), token.begin(), token.end());
    if (!findable) return;
    const size_t home =
        static_cast<uint32_t>(hash_bytes(bytes_of(token), token.size())) & (header_.long_slots - 1);
    place(long_table_, 1, home, kNone, id);
  }

  // The official splits: as a table, as a bitmap by hash, and by two bytes. Lower ranks first:
  // common tokens end up in their home bucket, and the image is reproducible.
  void place_pairs() {
    std::vector<ImagePlan::Pair> sorted = plan_.pairs;
    std::sort(sorted.begin(), sorted.end(),
              [](const auto& a, const auto& b) { return a.rank < b.rank; });
    header_.pair_buckets = static_cast<uint32_t>(sorted.size() / 5 + 1);
    pair_table_.assign(size_t{8} * header_.pair_buckets, Vocab::Pairs::kEmpty);
    // Eight to sixteen bits for a pair.
    header_.filter_bits = static_cast<uint32_t>(std::bit_width(8 * sorted.size() + 64));
    pair_filter_.resize((size_t{1} << header_.filter_bits) / 64);
    for (const auto& [left, right, rank] : sorted) {
      const uint64_t key = Vocab::Pairs::key(left, right);
      const uint64_t hash = key * kHashA;
      place(pair_table_, 8, Vocab::bucket(hash, header_.pair_buckets), Vocab::Pairs::kEmpty,
            (key << Vocab::Pairs::kIdShift) | rank);
      const uint64_t bit = hash >> (64 - header_.filter_bits);
      pair_filter_[bit >> 6] |= uint64_t{1} << (bit & 63);
    }
    place_byte_pairs(sorted);
  }

  void place_byte_pairs(const std::vector<ImagePlan::Pair>& pairs) {
    const auto byte_of = [&](uint32_t rank) {
      const auto& ranks = plan_.byte_ranks;
      return static_cast<size_t>(std::find(ranks.begin(), ranks.end(), rank) - ranks.begin());
    };
    const auto is_byte = [&](uint32_t rank) {
      const uint32_t id = plan_.rank_ids.empty() ? rank : plan_.rank_ids[rank];
      return plan_.tokens[id].size() == 1;
    };
    for (const auto& [left, right, rank] : pairs) {
      if (is_byte(left) && is_byte(right)) byte_pairs_[byte_of(left) << 8 | byte_of(right)] = rank;
    }
  }

  std::vector<uint8_t> written() {
    Sections sections;
    const std::vector<uint32_t> byte_ranks(plan_.byte_ranks.begin(), plan_.byte_ranks.end());
    header_.sections[kSlots] = sections.add(slots_);
    header_.sections[kLongBytes] = sections.add(long_bytes_);
    header_.sections[kByteRanks] = sections.add(byte_ranks);
    header_.sections[kBytePairs] = sections.add(byte_pairs_);
    header_.sections[kShortTable] = sections.add(short_table_);
    header_.sections[kLongTable] = sections.add(long_table_);
    header_.sections[kPairTable] = sections.add(pair_table_);
    header_.sections[kPairFilter] = sections.add(pair_filter_);
    header_.sections[kJoins] = sections.add(joins_.bits());
    header_.sections[kRankIds] = sections.add(plan_.rank_ids);
    header_.sections[kByteTokens] = sections.add(plan_.byte_tokens);
    return sections.finish(header_);
  }

  const ImagePlan& plan_;
  ImageHeader header_{};
  std::vector<uint32_t> byte_pairs_ = std::vector<uint32_t>(65536, kNone);
  std::vector<uint8_t> slots_, long_bytes_;
  std::vector<uint32_t> short_table_, long_table_;
  std::vector<uint64_t> pair_table_, pair_filter_;
  JoinMap joins_;
};

std::vector<uint8_t> write_image(const ImagePlan& plan) { return ImageWriter(plan).write(); }

}  // namespace tokenkit
