#include "bpe/vocab.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <string>

namespace tokenkit {
namespace {

constexpr const char* kPartNames[kImageParts] = {
    "slots",      "long bytes",  "byte ranks", "byte pairs", "short table", "long table",
    "pair table", "pair filter", "joins",      "rank ids",   "byte tokens",
};

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorKind::kVocabulary, "not a usable vocabulary image: " + why);
}

[[noreturn]] void refuse_section(size_t part, const char* why) {
  refuse(std::string("the section of its ") + kPartNames[part] + " " + why);
}

// The bytes that each part needs at least, by the numbers in the header.
std::array<uint64_t, kImageParts> least_sizes(const ImageHeader& h, uint64_t join_words) {
  return {
      uint64_t{16} * h.slot_count,
      0,
      uint64_t{4} * 256,
      uint64_t{4} * 65536,
      uint64_t{64} * h.short_buckets,
      uint64_t{4} * h.long_slots,
      uint64_t{64} * h.pair_buckets,
      (uint64_t{1} << h.filter_bits) / 8,
      8 * join_words,
      uint64_t{4} * h.rank_ids,
      uint64_t{4} * h.byte_tokens,
  };
}

// Throws unless it is the header of an image of `size` bytes that this machine can read.
void check_header(const ImageHeader& h, size_t size) {
  if (std::endian::native != std::endian::little || h.byte_order != 0x01020304) {
    refuse("it needs a little-endian machine");
  }
  if (h.version != kImageVersion) {
    refuse("version " + std::to_string(h.version) + ", expected " + std::to_string(kImageVersion));
  }
  if (h.image_size != size) {
    refuse(std::to_string(size) + " bytes long, expected " + std::to_string(h.image_size));
  }
  if (h.sum != h.header_sum()) refuse("its header is damaged");
  if (h.public_ids == 0 || h.slot_count < h.public_ids || h.slot_count > kMaxIds) {
    refuse("it has an impossible number of ids");
  }
  if (h.max_token_size == 0 || h.max_token_size > size) {
    refuse("its longest token has an impossible size");
  }
  if (h.rank_ids > kMaxIds || (h.byte_tokens != 0 && h.byte_tokens != 256)) {
    refuse("it has an impossible number of ranks");
  }
  if (h.short_buckets == 0 || h.pair_buckets == 0 || !std::has_single_bit(h.long_slots)) {
    refuse("a table has an impossible size");
  }
  if (h.filter_bits < 6 || h.filter_bits > 32) refuse("its filter of pairs has no possible size");
}

}  // namespace

uint64_t ImageHeader::header_sum() const {
  return hash_bytes(reinterpret_cast<const uint8_t*>(this), offsetof(ImageHeader, sum));
}

Vocab::Vocab(std::string_view image) : header_(reinterpret_cast<const ImageHeader*>(image.data())) {
  if (image.size() < sizeof(ImageHeader) || std::memcmp(header_->magic, "TKVOCAB", 8) != 0) {
    refuse("it does not start as one");
  }
  check_header(*header_, image.size());
  const auto least = least_sizes(*header_, kJoinWords + (characters() ? kAsciiWords : 0));
  uint64_t end = sizeof(ImageHeader);
  for (size_t part = 0; part < kImageParts; ++part) {
    const ImageSection& section = header_->sections[part];
    if (section.offset != end || section.size % 64 != 0 || section.size < least[part] ||
        section.size > image.size() - end) {
      refuse_section(part, "lies outside of it");
    }
    end += section.size;
  }
  if (end != image.size()) refuse("its sections end before it does");
  slots_ = section<uint8_t>(kSlots);
  long_bytes_ = section<uint8_t>(kLongBytes);
  byte_ranks_ = section<uint32_t>(kByteRanks);
  byte_pairs_ = section<uint32_t>(kBytePairs);
  short_table_ = section<uint32_t>(kShortTable);
  long_table_ = section<uint32_t>(kLongTable);
  pair_table_ = section<uint64_t>(kPairTable);
  pair_filter_ = section<uint64_t>(kPairFilter);
  joins_ = section<uint64_t>(kJoins);
  rank_ids_ = header_->rank_ids == 0 ? nullptr : section<uint32_t>(kRankIds);
  byte_tokens_ = header_->byte_tokens == 0 ? nullptr : section<uint32_t>(kByteTokens);
  const auto has_slot = [&](uint32_t rank) { return id_of(rank) < header_->slot_count; };
  if (!std::all_of(byte_ranks_, byte_ranks_ + 256, has_slot)) {
    refuse_section(kByteRanks, "is damaged");
  }
}

void Vocab::verify() const {
  for (size_t part = 0; part < kImageParts; ++part) {
    const ImageSection& section = header_->sections[part];
    const auto* bytes = this->section<uint8_t>(static_cast<ImagePart>(part));
    if (hash_bytes(bytes, static_cast<size_t>(section.size)) != section.sum)
      refuse_section(part, "is damaged");
  }
}

uint32_t Vocab::find_long(const uint8_t* p, size_t n) const {
  const uint32_t mask = header_->long_slots - 1;
  const uint32_t home = static_cast<uint32_t>(hash_bytes(p, n)) & mask;
  for (uint32_t k = home;;) {
    const uint32_t id = long_table_[k];
    if (id == kNone) return kNone;
    const std::string_view found = token(id);
    if (found.size() == n && std::memcmp(found.data(), p, n) == 0) return id;
    k = (k + 1) & mask;
    if (k == home) return kNone;
  }
}

uint32_t Vocab::find_any(std::string_view bytes) const {
  const uint32_t found = find(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  if (found != kNone || bytes.empty() || header_->hidden == 0) return found;
  for (uint32_t id = 0; id < public_ids(); ++id) {
    if (token(id) == bytes) return id;
  }
  return kNone;
}

}  // namespace tokenkit
