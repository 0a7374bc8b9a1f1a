// Writing vocabulary images; vocab.hpp says what they hold. For the builders only
// (vocab_build.hpp). A function without state.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tokenkit {

// A token in words, for messages: at most its first 32 bytes.
std::string shown_token(std::string_view token);

// All that an image is made of.
struct ImagePlan {
  struct Pair {
    uint32_t left, right, rank;
  };

  std::vector<std::string_view> tokens;  // by id, empty where there is none; then internal ones
  uint32_t public_ids = 0;               // the ids before the internal ones
  std::vector<bool> findable;            // by public id: may be found as a whole piece
  std::vector<uint32_t> rank_ids;        // id of each rank; empty if ranks are ids
  std::array<uint32_t, 256> byte_ranks;  // what merging starts from
  std::vector<Pair> pairs;               // the official splits
  std::vector<uint32_t> byte_tokens;     // by byte; empty if there are none
  uint32_t token_count = 0;
  std::vector<uint32_t> whole_only;  // tokens that are found as whole pieces, but never merged
  bool characters = false;

  // Gives an internal id.
  uint32_t add_internal(std::string_view bytes) {
    tokens.push_back(bytes);
    return static_cast<uint32_t>(tokens.size() - 1);
  }
};

std::vector<uint8_t> write_image(const ImagePlan& plan);

}  // namespace tokenkit
