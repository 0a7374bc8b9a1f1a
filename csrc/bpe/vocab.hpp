// A vocabulary: byte strings with ranks, laid out as one read-only image.
//
// The image is a flat, position-independent block: bundled ones are mapped from a file and shared
// between processes, custom ones are built in memory (vocab_build.hpp). It holds
//   - the bytes of every token, by id (decoding, verification),
//   - a table from the bytes of a whole token to its id (a piece that is a token needs no merge),
//   - a table from a pair of ranks to the rank that BPE merges them into, and a bitmap by hash that
//     rules out most of the pairs that are not in it,
//   - a table from ranks to ids, and the ids of single bytes that stand for characters without a
//     token, where the vocabulary has them,
//   - a bitmap of the characters that are next to each other in some token; with characters(), also
//     one of those of ASCII.
// In rank-ordered BPE a token arises from one pair only, its official split (csrc/README.md), so
// the pair table has one entry for each token at most.
//
// Merging works with ranks: the lowest goes first. Tokens are found, decoded and given out by their
// ids. In most vocabularies the id of a token is its rank; others are `mapped()`: a table gives
// the id of each rank, and is asked once for every token that was merged (leave.hpp). What merging
// needs beside the tokens - single bytes, and parts of characters - has internal ids from
// `public_ids()` on; these must never leave csrc. Ids and ranks are below kMaxIds.
//
// A Vocab borrows its image and does not change; threads may share it.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace tokenkit {

constexpr uint32_t kNone = 0xFFFFFFFFu;  // no token, no merge
constexpr uint32_t kIdBits = 21;         // ids are below 2^21 - 1
constexpr uint32_t kMaxIds = (1u << kIdBits) - 1;
constexpr uint32_t kImageVersion = 5;

// The parts of an image, in the order in which they lie there.
enum ImagePart : size_t {
  kSlots,
  kLongBytes,
  kByteRanks,
  kBytePairs,
  kShortTable,
  kLongTable,
  kPairTable,
  kPairFilter,
  kJoins,
  kRankIds,
  kByteTokens,
  kImageParts
};

// Where a part lies, in bytes from the start of the image. Parts follow each other without gaps,
// and their sizes are multiples of 64.
struct ImageSection {
  uint64_t offset;
  uint64_t size;
  uint64_t sum;  // hash_bytes of it
};

struct ImageHeader {
  char magic[8];
  uint32_t version;
  uint32_t byte_order;  // 0x01020304 as written by a little-endian machine
  uint64_t image_size;
  uint32_t token_count;
  uint32_t public_ids;  // highest id + 1
  uint32_t slot_count;  // public_ids + internal ids
  uint32_t max_token_size;
  uint32_t short_buckets;  // of 16 entries
  uint32_t long_slots;     // power of two
  uint32_t pair_buckets;   // of 8 entries
  uint32_t unreachable;    // tokens that are found as whole pieces, but that BPE does not make
  uint32_t filter_bits;    // the pair filter has 2**filter_bits bits
  uint32_t rank_ids;       // ranks that have an entry in the table of ids; 0: a rank is its id
  uint32_t byte_tokens;    // 256, or 0 if there are none
  uint32_t characters;     // 1 if characters are put together before all else, else 0
  uint32_t hidden;         // tokens for decoding only
  uint32_t uncuttable;     // 1 if pieces must not be split, else 0
  uint32_t whole_joins;    // 1 if joins are of whole characters alone, else 0
  uint32_t reserved[7];    // zero
  ImageSection sections[kImageParts];
  uint64_t sum;  // header_sum

  // Covers all that is before `sum`, and so the sums of the sections.
  uint64_t header_sum() const;
};
static_assert(sizeof(ImageHeader) == 384);

class Vocab {
 public:
  // Borrows `image`, which must outlive this object. Throws Error(kVocabulary) when it is not an
  // image of this version, its header is damaged, or the machine is not a little-endian one.
  //
  // What the sections hold is not read here: verify() does that. With damaged sections ids are
  // wrong, but lookups end and stay within the image.
  explicit Vocab(std::string_view image);

  // Reads the whole image. Throws Error(kVocabulary) naming a section that is damaged.
  void verify() const;

  uint32_t token_count() const { return header_->token_count; }
  uint32_t public_ids() const { return header_->public_ids; }
  // Whether every text can be encoded.
  bool complete() const { return !has_internal() || byte_tokens_ != nullptr; }
  // Whether some ranks stand for bytes without a token.
  bool has_internal() const { return header_->slot_count != header_->public_ids; }
  // Whether ranks may be other than ids.
  bool mapped() const { return rank_ids_ != nullptr; }
  // Whether all ranks that merging gives are ids that may leave.
  bool plain() const { return !mapped() && !has_internal(); }
  size_t max_token_size() const { return header_->max_token_size; }

  // The id of a rank, public or internal; kNone for one that there is not.
  uint32_t id_of(uint32_t rank) const {
    if (rank_ids_ == nullptr) return rank;
    return rank < header_->rank_ids ? rank_ids_[rank] : kNone;
  }
  // The number of bytes that a rank stands for; never 0, also in a damaged image, so that loops
  // over text get on.
  size_t size_of(uint32_t rank) const {
    const size_t size = token(id_of(rank)).size();
    return size == 0 ? 1 : size;
  }
  // The id of the token for a byte of a character without a token; kNone if there is none.
  uint32_t byte_token(uint8_t byte) const {
    return byte_tokens_ == nullptr ? kNone : byte_tokens_[byte];
  }

  // The bytes of a token; empty for an id that is not in the vocabulary.
  std::string_view token(uint32_t id) const {
    if (id >= header_->slot_count) return {};
    const uint8_t* slot = slots_ + size_t{16} * id;
    uint8_t size = slot[15];
    if (size != kLongSlot) return {reinterpret_cast<const char*>(slot), size};
    const uint64_t start = load64(slot) & 0xFFFFFFFFu;
    const uint64_t length = load64(slot) >> 32;
    if (start + length > header_->sections[kLongBytes].size) return {};
    return {reinterpret_cast<const char*>(long_bytes_ + start), static_cast<size_t>(length)};
  }

  // The id of a token that may be found as a whole piece, kNone if there is none.
  uint32_t find(const uint8_t* p, size_t n) const {
    if (n == 0 || n > max_token_size()) return kNone;
    if (n > kShortMax) return find_long(p, n);
    Key key = make_key(p, n);
    return find_short(key, hash_key(key));
  }

  // Short tokens, by key and its hash. Entries hold 11 bits of the hash and 21 of the id.
  uint32_t find_short(Key key, uint64_t hash) const {
    uint32_t fingerprint = static_cast<uint32_t>(hash) >> kIdBits;
    const uint32_t home = bucket(hash, header_->short_buckets);
    for (uint32_t b = home;;) {
      const uint32_t* entries = short_table_ + size_t{16} * b;
      for (uint32_t hits = match16(entries, fingerprint); hits != 0; hits &= hits - 1) {
        uint32_t id = entries[std::countr_zero(hits)] & kMaxIds;
        if (id >= header_->slot_count) continue;  // an empty entry has fingerprint 0x7FF
        if (load_slot(id) == key) return id;
      }
      if (entries[15] == kNone) return kNone;
      if (++b == header_->short_buckets) b = 0;
      if (b == home) return kNone;
    }
  }

  void prefetch_short(uint64_t hash) const {
    prefetch(short_table_ + size_t{16} * bucket(hash, header_->short_buckets));
  }

  // Prefetches the token that find_short(key, hash) will most likely look at.
  void prefetch_candidate(uint64_t hash) const {
    const uint32_t* entries = short_table_ + size_t{16} * bucket(hash, header_->short_buckets);
    const uint32_t hits = match16(entries, static_cast<uint32_t>(hash) >> kIdBits);
    if (hits != 0) prefetch(slots_ + size_t{16} * (entries[std::countr_zero(hits)] & kMaxIds));
  }

  uint32_t find_long(const uint8_t* p, size_t n) const;

  // The id of a token that has these bytes, also of one that is for decoding only: the lowest then.
  // Slow where there are such tokens.
  uint32_t find_any(std::string_view bytes) const;

  // A bucket of `count` for a hash.
  static uint32_t bucket(uint64_t hash, uint32_t count) {
    return static_cast<uint32_t>(((hash >> 32) * count) >> 32);
  }

  // The pair table, for loops that look up pairs in their own way: buckets of eight entries, each
  // left, right and merged rank from the top; kEmpty where free. A bucket that is full goes on
  // in the next one.
  struct Pairs {
    const uint64_t* entries;
    uint32_t buckets;
    const uint64_t* filter;
    uint32_t filter_bits;

    static constexpr uint64_t kEmpty = ~uint64_t{0};
    static constexpr uint32_t kIdShift = 64 - 2 * kIdBits;
    static uint64_t key(uint32_t left, uint32_t right) {
      return (uint64_t{left} << kIdBits) | right;
    }
    uint32_t home(uint64_t key) const { return bucket(key * kHashA, buckets); }
    // False only if the pair is not in the table, and for nine in ten of those. Most pairs that
    // are asked for are not, and the filter stays in the processor's caches where the table, ten
    // times as large, does not.
    bool may_hold(uint64_t key) const {
      const uint64_t bit = (key * kHashA) >> (64 - filter_bits);
      return (filter[bit >> 6] >> (bit & 63) & 1) != 0;
    }
    static uint32_t rank_of(uint64_t entry) { return entry & ((1u << kIdShift) - 1); }
  };
  Pairs pairs() const {
    return {pair_table_, header_->pair_buckets, pair_filter_, header_->filter_bits};
  }

  // The rank that BPE merges the adjacent ranks (left, right) into, kNone if it does not.
  uint32_t pair(uint32_t left, uint32_t right) const {
    const Pairs table = pairs();
    const uint64_t key = Pairs::key(left, right);
    if (!table.may_hold(key)) return kNone;
    const uint32_t home = table.home(key);
    for (uint32_t b = home;;) {
      const uint64_t* entries = table.entries + size_t{8} * b;
      for (int k = 0; k < 8; ++k) {
        if (entries[k] >> Pairs::kIdShift == key) return Pairs::rank_of(entries[k]);
      }
      if (entries[7] == Pairs::kEmpty) return kNone;
      if (++b == table.buckets) b = 0;
      if (b == home) return kNone;
    }
  }

  // Whether pieces may be split between characters that are not joined(). A token may arise only as
  // a whole piece, and a part of a piece with the same bytes would be taken for it: so its ends
  // count as joined to whatever is there, unless there are too many of such tokens.
  bool cuttable() const { return header_->uncuttable == 0; }

  // Whether every token that is found as a whole piece is what merging makes of it.
  bool all_merged() const { return header_->unreachable == 0; }

  // Which characters may be next to each other in a token.
  struct Joins {
    const uint64_t* bits;
    bool ascii;  // whether a bitmap of ASCII follows; where not, all of ASCII counts as joined
    bool parts;  // whether tokens may hold parts of characters

    // Whether some token may hold the end of character a directly followed by the start of
    // character b, each whole or in part. Never false by mistake; true by mistake now and then.
    // Characters are their UTF-8 bytes, the first one lowest; at least one of them is beyond ASCII.
    bool joined(uint32_t a, uint32_t b) const {
      if (has(a, b)) return true;
      if (!parts) return false;
      const uint32_t tail = part(a >> (8 * ((31 - std::countl_zero(a)) / 8)));
      const uint32_t head = part(b & 0xFF);
      return has(a, head) || has(tail, b) || has(tail, head);
    }
    // The same for two characters of ASCII, where there is a bitmap of them: then exactly.
    bool ascii_joined(uint32_t a, uint32_t b) const {
      return (bits[kJoinWords + size_t{2} * a + (b >> 6)] >> (b & 63) & 1) != 0;
    }
    bool has(uint32_t a, uint32_t b) const {
      const uint32_t place = join_place(a, b);
      return (bits[place >> 6] >> (place & 63) & 1) != 0;
    }
  };
  Joins joins() const { return {joins_, characters(), header_->whole_joins == 0}; }

  // The rank that merging starts from. With characters(), byte b has the rank b.
  uint32_t byte_rank(uint8_t b) const { return byte_ranks_[b]; }

  // Whether characters are put together from their bytes before anything else is merged.
  bool characters() const { return header_->characters != 0; }

  // pair(byte_rank(a), byte_rank(b)), by direct lookup.
  uint32_t byte_pair(uint8_t a, uint8_t b) const { return byte_pairs_[(size_t{a} << 8) | b]; }

 private:
  friend class JoinMap;
  friend class ImageWriter;

  static constexpr uint8_t kLongSlot = 0xFF;

  // Returns the entry of the join bitmap for a character of which a token holds only a part.
  static constexpr uint32_t part(uint32_t byte) { return byte | 0xFFFFFF00u; }
  static constexpr unsigned kJoinBits = 18;
  static constexpr size_t kJoinWords = (size_t{1} << kJoinBits) / 64;
  static constexpr size_t kAsciiWords = size_t{2} * 128;
  static uint32_t join_place(uint32_t a, uint32_t b) {
    return static_cast<uint32_t>((((uint64_t{a} << 32) | b) * kHashA) >> (64 - kJoinBits));
  }

  template <class T>
  const T* section(ImagePart part) const {
    const auto* image = reinterpret_cast<const char*>(header_);
    return reinterpret_cast<const T*>(image + header_->sections[part].offset);
  }

  Key load_slot(uint32_t id) const {
    const uint8_t* slot = slots_ + size_t{16} * id;
    return {load64(slot), load64(slot + 8)};
  }

  static uint32_t match16(const uint32_t* entries, uint32_t fingerprint) {
    uint32_t mask = 0;
    for (int k = 0; k < 16; ++k) {
      mask |= static_cast<uint32_t>(entries[k] >> kIdBits == fingerprint) << k;
    }
    return mask;
  }

  const ImageHeader* header_;
  const uint8_t* slots_;
  const uint8_t* long_bytes_;
  const uint32_t* byte_ranks_;
  const uint32_t* byte_pairs_;
  const uint32_t* short_table_;
  const uint32_t* long_table_;
  const uint64_t* pair_table_;
  const uint64_t* pair_filter_;
  const uint64_t* joins_;
  const uint32_t* rank_ids_;     // nullptr if ranks are ids
  const uint32_t* byte_tokens_;  // nullptr if there are none
};

}  // namespace tokenkit
