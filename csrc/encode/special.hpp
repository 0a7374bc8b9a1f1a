// Special tokens: strings that become one id when the caller allows them, found before
// pretokenizing.
//
// Nothing here decides what is allowed; a SpecialSet says it. Immutable after construction; threads
// may share it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tokenkit {

// A subset of the special tokens of one SpecialTokens, by index.
using SpecialSet = std::vector<bool>;

class SpecialTokens {
 public:
  struct Match {
    size_t start = std::string_view::npos;
    size_t index = 0;  // into tokens()
    bool found() const { return start != std::string_view::npos; }
  };

  // (text, id) pairs; texts are distinct and not empty. Ids may repeat: both texts encode to the
  // id, which decodes to the first.
  SpecialTokens(std::vector<std::pair<std::string, uint32_t>> tokens);

  const std::vector<std::pair<std::string, uint32_t>>& tokens() const { return tokens_; }

  // The first token of `among` at or after pos, the longest one that starts there.
  Match find(std::string_view text, size_t pos, const SpecialSet& among) const;

  // The longest token of `among` that text[pos..] starts with; npos if none.
  size_t longest_at(std::string_view text, size_t pos, const SpecialSet& among) const;
  // May some token start at `pos`, by its first two bytes? False at the end of the text.
  bool may_start_at(std::string_view text, size_t pos) const {
    if (pos + 1 >= text.size()) return pos < text.size() && firsts_.has[byte_at(text, pos)];
    const size_t pair = size_t{byte_at(text, pos)} << 8 | byte_at(text, pos + 1);
    return first_pairs_[pair / 64] >> (pair % 64) & 1;
  }

  // The text of an id, nullptr if it is not a special token.
  const std::string* text_of(uint32_t id) const;

  // Index of a text, npos if it is not a special token.
  size_t index_of(std::string_view text) const;

 private:
  static uint8_t byte_at(std::string_view text, size_t pos) {
    return static_cast<uint8_t>(text[pos]);
  }

  // Those of sorted_ that start with the same two bytes.
  struct Range {
    uint32_t pair, low, high;
  };
  const Range* range_of(uint8_t first, uint8_t second) const;
  // The first bytes of tokens.
  struct Firsts {
    bool has[256] = {};
    std::vector<uint8_t> all;

    void add(uint8_t byte);
    // The first offset from `pos` on with one of them, or the end.
    size_t next(std::string_view text, size_t pos) const;
  };
  Firsts firsts_of(const SpecialSet& among) const;

  std::vector<std::pair<std::string, uint32_t>> tokens_;
  std::vector<Range> ranges_;     // by pair
  std::vector<uint32_t> sorted_;  // indices in the order of the texts
  std::unordered_map<uint32_t, size_t> by_id_;
  std::vector<uint64_t> first_pairs_;  // a bit for each two bytes that a token may start with
  std::vector<size_t> one_byte_;       // the token of one byte, npos if there is none
  Firsts firsts_;
};

}  // namespace tokenkit
