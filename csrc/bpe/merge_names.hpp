// Merges that are written with the texts of tokens, as ids. Texts are as Python holds them: n
// characters of 1, 2 or 4 bytes each, the fewest that all of them fit in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tokenkit {

struct TokenText {
  std::string_view characters;  // their bytes
  uint8_t width = 1;            // bytes of each
};

// The ids of the parts of merges, two for each. False if a part is empty or not a token, or if the
// two joined are not a token; `ids` mean nothing then. `tokens` have the ids `token_ids`; no two of
// them are equal.
bool ids_of_merges(const std::vector<TokenText>& tokens, const std::vector<uint32_t>& token_ids,
                   const std::vector<TokenText>& parts, uint32_t* ids);

}  // namespace tokenkit
