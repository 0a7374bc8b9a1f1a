// A WordPiece vocabulary as one read-only block: a tree of the tokens' bytes, and the tokens by id.
//
// The children of a node are neighbours, and nodes are numbered level by level, so a node needs
// only the place of its first child, and the byte that leads to it. A WordPieceImage borrows its
// memory, on a 4-byte border, and does not change; threads may share it. Images are little-endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wordpiece/chars.hpp"

namespace tokenkit {

// What a tokenizer file says of a WordPiece model, and of the steps before it.
struct WordPieceModel {
  std::vector<std::pair<std::string, uint32_t>> tokens;
  std::string prefix;   // of tokens that go on inside a word
  std::string unknown;  // the token of words that the others do not cover
  uint64_t max_chars;   // a word of more characters is unknown
  bert::Options options;
};

// Throws Error(kVocabulary): a token or an id twice, no token for unknown words, too much of all.
std::vector<uint8_t> build_wordpiece_image(const WordPieceModel& model);

class WordPieceImage {
 public:
  static constexpr uint32_t kNone = 0xFFFFFFFFu;
  struct Header;

  // Reads all of it. Throws Error(kVocabulary) for anything that build_wordpiece_image did not make
  // or that has changed since.
  explicit WordPieceImage(std::string_view image);

  const bert::Options& options() const { return options_; }
  size_t max_chars() const { return max_chars_; }
  uint32_t unknown() const { return unknown_; }
  uint32_t token_count() const { return token_count_; }
  uint32_t max_id() const { return token_count_ == 0 ? 0 : ids_[token_count_ - 1]; }
  size_t max_token_size() const { return max_token_size_; }

  // Tokens in order of ids.
  uint32_t id_at(uint32_t index) const { return ids_[index]; }
  std::string_view token_at(uint32_t index) const {
    return bytes_.substr(ends_[index], ends_[index + 1] - ends_[index]);
  }
  // The bytes of an id. Throws Error(kKey) if no token has it.
  std::string_view token(uint32_t id) const;
  // The id of a whole token, kNone if there is none.
  uint32_t find(std::string_view token) const;

  struct Match {
    uint32_t id;  // kNone if no token fits
    size_t size;  // bytes
  };
  // The longest token that the text begins with, at the start of a word or inside it.
  Match longest(std::string_view text, bool inside) const;

 private:
  uint32_t child(uint32_t node, uint8_t byte) const;

  bert::Options options_;
  size_t max_chars_;
  uint32_t unknown_;
  uint32_t node_count_;
  uint32_t token_count_;
  uint32_t inside_;  // the node of the prefix, kNone if no token begins with it
  size_t max_token_size_;
  const uint32_t* first_;    // of each node: its first child; and the end
  const uint32_t* accepts_;  // of each node: the id of the token that ends here, or kNone
  const uint32_t* ids_;      // ascending
  const uint32_t* ends_;     // of each token, in bytes_; the first one is 0
  std::string_view labels_;  // of each node: the byte that leads to it
  std::string_view bytes_;   // of all tokens
};

}  // namespace tokenkit
