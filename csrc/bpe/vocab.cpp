#include "bpe/vocab.hpp"

namespace tokenkit {
namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorKind::kVocabulary, "not a usable vocabulary image: " + why);
}

}  // namespace

Vocab::Vocab(std::string_view image) : header_(reinterpret_cast<const ImageHeader*>(image.data())) {
  if (image.size() < sizeof(ImageHeader) || std::memcmp(header_->magic, "TKVOCAB", 8) != 0) {
    refuse("it does not start as one");
  }
  if (header_->byte_order != 0x01020304) refuse("it needs a little-endian machine");
  if (header_->version != kImageVersion) {
    refuse("version " + std::to_string(header_->version) + ", expected " +
           std::to_string(kImageVersion));
  }
  if (header_->image_size != image.size()) {
    refuse(std::to_string(image.size()) + " bytes long, expected " +
           std::to_string(header_->image_size));
  }
  auto section = [&](uint64_t offset, uint64_t size) {
    if (offset % 64 != 0 || offset > image.size() || size > image.size() - offset) {
      refuse("a section lies outside of it");
    }
    return reinterpret_cast<const uint8_t*>(image.data()) + offset;
  };
  const ImageHeader& h = *header_;
  slots_ = section(h.slots, uint64_t{16} * h.slot_count);
  long_bytes_ = section(h.long_bytes, 0);
  byte_ids_ = reinterpret_cast<const uint32_t*>(section(h.byte_ids, 4 * 256));
  byte_pairs_ = reinterpret_cast<const uint32_t*>(section(h.byte_pairs, 4 * 65536));
  short_table_ =
      reinterpret_cast<const uint32_t*>(section(h.short_table, uint64_t{64} * h.short_buckets));
  long_table_ =
      reinterpret_cast<const uint32_t*>(section(h.long_table, uint64_t{4} * h.long_slots));
  pair_table_ =
      reinterpret_cast<const uint64_t*>(section(h.pair_table, uint64_t{64} * h.pair_buckets));
  if (h.filter_bits < 6 || h.filter_bits > 32) refuse("its filter of pairs has no possible size");
  pair_filter_ =
      reinterpret_cast<const uint64_t*>(section(h.pair_filter, (uint64_t{1} << h.filter_bits) / 8));
  joins_ = reinterpret_cast<const uint64_t*>(section(h.joins, (uint64_t{1} << kJoinBits) / 8));
}

uint32_t Vocab::find_long(const uint8_t* p, size_t n) const {
  uint32_t mask = header_->long_slots - 1;
  for (uint32_t k = static_cast<uint32_t>(hash_bytes(p, n)) & mask;; k = (k + 1) & mask) {
    uint32_t id = long_table_[k];
    if (id == kNone) return kNone;
    std::string_view found = token(id);
    if (found.size() == n && std::memcmp(found.data(), p, n) == 0) return id;
  }
}

}  // namespace tokenkit
