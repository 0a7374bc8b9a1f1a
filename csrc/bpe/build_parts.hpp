// What both builders of images need (vocab_build.hpp). Functions without state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "bpe/image_write.hpp"
#include "bpe/merge.hpp"
#include "bpe/merge_heap.hpp"
#include "bpe/pair_map.hpp"

namespace tokenkit {

// The single byte b, as a string that stays.
std::string_view byte_string(size_t b);

[[noreturn]] inline void refuse_tokens(const std::string& why) {
  throw Error(ErrorKind::kVocabulary, why);
}

// Tokens by id, checked; holes are empty. `ids` are those of the tokens, in their order; `name` is
// what a message calls them: "rank" or "id".
std::vector<std::string_view> tokens_by_id(const std::vector<std::string_view>& tokens,
                                           const std::vector<uint32_t>& ids, const char* name);

// Merges parts in place, as the pairs say, whatever their number.
template <class Pair>
void merge_parts(std::vector<uint32_t>& parts, std::vector<uint32_t>& ranks, const Pair& pair) {
  if (parts.size() > kMergeSmallMax) return merge_heap(parts, pair);
  ranks.assign(parts.size(), kNone);
  for (size_t i = 0; i + 1 < parts.size(); ++i) ranks[i] = pair(parts[i], parts[i + 1]);
  parts.resize(merge_small(parts.data(), ranks.data(), parts.size(), pair));
}

// The numbers [0, sizes.size()), those of smaller sizes first, equal ones in order.
std::vector<uint32_t> by_size(const std::vector<std::string_view>& tokens);

}  // namespace tokenkit
