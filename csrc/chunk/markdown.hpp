// What the lines of Markdown are worth as borders, and its headings. A function without state of
// its own: the caller keeps the LineState.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "chunk/border_types.hpp"

namespace tokenkit {

// Reads the lines of a text that start in (from, upto], or from 0 on, and judges its borders there,
// as found for plain text. `state` is that of `from`; it becomes that of `upto`.
// Headings belong to what follows; fenced blocks and tables stay whole where they fit. Blocks are
// those of CommonMark 0.31.2, with front matter, tables and the titles of reStructuredText
// that are underlined with tildes. Headings inside quotes and lists are none of the document's.
void judge_markdown(std::string_view text, size_t from, size_t upto, LineState& state,
                    Border* borders, size_t n, std::vector<Heading>& headings);

}  // namespace tokenkit
