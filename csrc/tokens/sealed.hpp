// Blocks of memory that say what they are: a magic, a version, a size, a sum, and then sections.
//
// Sections are arrays, each on a 4-byte border, and read in the order in which they were written.
// Blocks are little-endian. A writer and a reader belong to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace tokenkit {

// What kind of block it is: its magic of up to 7 letters, its version, and its name in errors.
struct BlockKind {
  const char* magic;
  uint32_t version;
  const char* name;
};

class SealedWriter {
 public:
  explicit SealedWriter(const BlockKind& kind);

  template <class T>
  void put(const T* values, size_t count) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(values);
    block_.insert(block_.end(), bytes, bytes + count * sizeof(T));
    block_.resize((block_.size() + 3) / 4 * 4);
  }
  void put(uint32_t number) { put(&number, 1); }
  // A text and its size.
  void put(std::string_view text);

  // The whole block; the writer is empty then. Throws Error(kVocabulary) for more than 2 GB.
  std::vector<uint8_t> seal();

 private:
  std::vector<uint8_t> block_;
};

class SealedReader {
 public:
  // Borrows a block, which must live as long as all that is taken. Throws Error(kVocabulary) for
  // anything that no writer of this kind has sealed or that has changed since.
  SealedReader(std::string_view block, const BlockKind& kind);

  // A section of `count` values, which it must have. T takes no more than 4 bytes, or is read with
  // memcpy.
  template <class T>
  const T* take(size_t count) {
    return reinterpret_cast<const T*>(skip(count, sizeof(T)));
  }
  uint32_t number() { return *take<uint32_t>(1); }
  std::string_view text();

  // Says that all of the block was taken, and whether it was sound: the sum shows that nothing
  // changed, and not who wrote the block. Throws Error(kVocabulary).
  void finish(bool sound) const;

 private:
  const uint8_t* skip(size_t count, size_t size);
  [[noreturn]] void refuse(const std::string& why) const;

  const char* name_;
  const uint8_t* at_;
  const uint8_t* end_;
};

}  // namespace tokenkit
