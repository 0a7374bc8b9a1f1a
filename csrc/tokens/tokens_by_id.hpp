// Tokens by id: what the ids of a vocabulary stand for.
//
// A TokensById borrows its memory and does not change; threads may share it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "tokens/byte_tree.hpp"
#include "tokens/sealed.hpp"

namespace tokenkit {

class TokensById {
 public:
  // Writes tokens with their ids. Throws Error(kVocabulary): an id twice, or 2**32 - 1.
  static void write(std::vector<ByteTree::Entry> tokens, SealedWriter& out);

  // What write() wrote; says in *sound whether it is a list.
  TokensById(SealedReader& in, bool* sound);

  uint32_t count() const { return count_; }
  uint32_t max_id() const { return count_ == 0 ? 0 : ids_[count_ - 1]; }
  size_t longest() const { return longest_; }  // bytes

  // In order of ids.
  uint32_t id_at(uint32_t index) const { return ids_[index]; }
  std::string_view token_at(uint32_t index) const {
    return bytes_.substr(ends_[index], ends_[index + 1] - ends_[index]);
  }
  // The bytes of an id. Throws Error(kKey) if no token has it.
  std::string_view token(uint32_t id) const;

 private:
  uint32_t count_;
  const uint32_t* ids_;   // ascending
  const uint32_t* ends_;  // of each token, in bytes_; the first one is 0
  std::string_view bytes_;
  size_t longest_ = 0;
};

}  // namespace tokenkit
