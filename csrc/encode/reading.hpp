// What a tokenizer does to a text before it scans it: a space in front of the text, and tokens that
// are found in any text.
//
// Immutable after construction; threads may share it. Texts are valid UTF-8, borrowed for the call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "encode/special.hpp"

namespace tokenkit {

// Where a space is put before a text that is not empty. The numbers cross the seam to Python: they
// never change.
enum class Lead : uint8_t {
  kNowhere = 0,
  kAlways = 1,
  kUnlessSpace = 2,  // not before a text that starts with U+0020
};

// Tokens that are found wherever they stand, the leftmost and longest first. Each is a piece by
// itself, and the text before it is scanned as if it ended there.
class AddedTokens {
 public:
  // (text, id) pairs; texts are distinct and have 1 to kMostBytes bytes. Throws Error(kValue).
  static constexpr size_t kMostBytes = 64;
  AddedTokens(std::vector<std::pair<std::string, uint32_t>> tokens = {});

  bool empty() const { return all_.empty(); }
  // Bytes of the longest one; 0 if there are none.
  size_t longest() const { return longest_; }

  SpecialTokens::Match find(std::string_view text, size_t pos) const {
    return empty() ? SpecialTokens::Match() : tokens_.find(text, pos, all_);
  }
  uint32_t id_at(size_t index) const { return tokens_.tokens()[index].second; }
  size_t size_of(size_t index) const { return tokens_.tokens()[index].first.size(); }

  // The id of a piece that is one of them, nullptr if it is none.
  const uint32_t* id_of(std::string_view piece) const;

  // Does one of them stand across `pos`, found or not?
  bool cross(std::string_view text, size_t pos) const;

 private:
  SpecialTokens tokens_;
  SpecialSet all_;
  size_t longest_ = 0;
};

struct Reading {
  Lead lead = Lead::kNowhere;
  AddedTokens added;
};

}  // namespace tokenkit
