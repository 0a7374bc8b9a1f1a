// A WordPiece vocabulary as one read-only block: a tree of the tokens' bytes, and the tokens by id.
//
// A WordPieceImage borrows its memory, on a 4-byte border, and does not change; threads may share
// it. Images are little-endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tokens/byte_tree.hpp"
#include "tokens/sealed.hpp"
#include "tokens/tokens_by_id.hpp"
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
  static constexpr uint32_t kNone = ByteTree::kNone;

  // Reads all of it. Throws Error(kVocabulary) for anything that build_wordpiece_image did not make
  // or that has changed since.
  explicit WordPieceImage(std::string_view image);

  const bert::Options& options() const { return options_; }
  size_t max_chars() const { return max_chars_; }
  uint32_t unknown() const { return unknown_; }
  const ByteTree& tree() const { return tree_; }
  const TokensById& tokens() const { return tokens_; }

  struct Match {
    uint32_t id;  // kNone if no token fits
    size_t size;  // bytes
  };
  // The longest token that the text begins with, at the start of a word or inside it.
  Match longest(std::string_view text, bool inside) const;

 private:
  WordPieceImage(SealedReader in, bool sound);

  bert::Options options_;
  size_t max_chars_;
  uint32_t unknown_;
  std::string_view prefix_;
  ByteTree tree_;
  TokensById tokens_;
  uint32_t inside_;  // the node of the prefix, kNone if no token begins with it
};

}  // namespace tokenkit
