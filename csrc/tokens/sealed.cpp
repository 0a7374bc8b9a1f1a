#include "tokens/sealed.hpp"

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace tokenkit {
namespace {

struct Header {
  char magic[8];
  uint32_t version;
  uint32_t reserved;
  uint64_t size;
  uint64_t sum;  // of all other bytes
};

constexpr uint64_t kMostBytes = uint64_t{1} << 31;

uint64_t sum_of(const uint8_t* block, size_t size) {
  Header h;
  std::memcpy(&h, block, sizeof h);
  h.sum = 0;
  const uint64_t head = hash_bytes(reinterpret_cast<const uint8_t*>(&h), sizeof h);
  return fold_multiply(head ^ hash_bytes(block + sizeof h, size - sizeof h), kHashA);
}

}  // namespace

SealedWriter::SealedWriter(const BlockKind& kind) {
  Header h{};
  std::strncpy(h.magic, kind.magic, sizeof h.magic - 1);
  h.version = kind.version;
  put(&h, 1);
}

void SealedWriter::put(std::string_view text) {
  put(static_cast<uint32_t>(text.size()));
  put(text.data(), text.size());
}

std::vector<uint8_t> SealedWriter::seal() {
  if (block_.size() >= kMostBytes) {
    throw Error(ErrorKind::kVocabulary, "the tokens have more than 2 GB");
  }
  Header h;
  std::memcpy(&h, block_.data(), sizeof h);
  h.size = block_.size();
  std::memcpy(block_.data(), &h, sizeof h);
  h.sum = sum_of(block_.data(), block_.size());
  std::memcpy(block_.data(), &h, sizeof h);
  return std::move(block_);
}

SealedReader::SealedReader(std::string_view block, const BlockKind& kind)
    : name_(kind.name),
      at_(reinterpret_cast<const uint8_t*>(block.data())),
      end_(at_ + block.size()) {
  Header h;
  if (block.size() < sizeof h) refuse("it does not begin like one");
  std::memcpy(&h, at_, sizeof h);
  if (std::strncmp(h.magic, kind.magic, sizeof h.magic) != 0) refuse("it does not begin like one");
  if (h.version != kind.version) {
    refuse("expected version " + std::to_string(kind.version) + ", got " +
           std::to_string(h.version));
  }
  if (h.size != block.size() || h.sum != sum_of(at_, block.size())) refuse("it is damaged");
  if (reinterpret_cast<uintptr_t>(at_) % alignof(uint32_t) != 0) {
    refuse("it is not on a 4-byte border of memory");
  }
  at_ += sizeof h;
}

const uint8_t* SealedReader::skip(size_t count, size_t size) {
  const auto left = static_cast<size_t>(end_ - at_);
  if (count > left / size) refuse("its parts do not fit together");
  const uint8_t* start = at_;
  at_ += (count * size + 3) / 4 * 4;  // the writer ends on a border, too
  return start;
}

std::string_view SealedReader::text() {
  const uint32_t size = number();
  return {take<char>(size), size};
}

void SealedReader::finish(bool sound) const {
  if (!sound || at_ != end_) refuse("its parts do not fit together");
}

void SealedReader::refuse(const std::string& why) const {
  throw Error(ErrorKind::kVocabulary, "not a usable " + std::string(name_) + " image: " + why);
}

}  // namespace tokenkit
