// Building vocabulary images; vocab.hpp says what they hold.
//
// The same tokens give the same image, byte for byte, in whatever order they come, but for what
// is said of order below. Functions without state: any thread may call them.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tokenkit {

using TokenList = std::vector<std::pair<std::string, uint32_t>>;

// Builds an image from (bytes, rank) pairs in any order: two parts merge if they joined are a
// token, and its rank is that of the merge. The ids are the ranks, or with `public_ids`, those in
// the order of `tokens`. Throws Error(kVocabulary) on an empty token, a duplicate token, rank or
// id, a rank or id that is too large, an empty vocabulary, or not as many ids as tokens.
std::vector<uint8_t> build_image(const TokenList& tokens,
                                 const std::vector<uint32_t>* public_ids = nullptr);

// A vocabulary of which a list says what merges.
struct MergeList {
  // Pairs of ids, in order of priority. The result is the token of the joined bytes. Of equal
  // pairs the last one counts, as in the library tokenizers 0.23.
  std::vector<std::pair<uint32_t, uint32_t>> merges;
  bool whole_pieces = false;  // a piece that is a token is that token, merged or not
  bool characters = false;    // merging starts from characters, not from bytes
  // With `characters`, the ids of 256 tokens for the bytes of characters without a token, or
  // none. Nothing merges them. Where another token has the same byte, it comes first.
  std::vector<uint32_t> byte_ids;
};

// Builds an image from (bytes, id) pairs and a list of merges. Where bytes come a second time, the
// later one is for decoding only. Throws Error(kVocabulary) on an empty token, a duplicate or too
// large id, an empty vocabulary, a merge of an id that no token has or of a byte token, a merge
// whose result has no token, too many merges, or byte tokens that are not such bytes.
std::vector<uint8_t> build_merges_image(const TokenList& tokens, const MergeList& list);

}  // namespace tokenkit
