// Separators of the user's own. A function without state.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "chunk/border_types.hpp"

namespace tokenkit {

// Adds borders behind the separators in (from, upto], which are better than all others, to those of
// the text from borders[first] on. In a run of white space only the last of them counts.
// Separators are not empty, and at most kLongestSeparator bytes long.
void prefer_separators(std::string_view text, const Separators& separators, size_t from,
                       size_t upto, std::vector<Border>& borders, size_t first);

}  // namespace tokenkit
