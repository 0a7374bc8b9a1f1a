// Offsets at which a text can be split in parts that have the pieces of the whole. Functions
// without state: any thread may call them. Texts are valid UTF-8.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "scan/pretokenizer.hpp"

namespace tokenkit {

// Splits a text into parts of about `bytes` bytes that together have the pieces, hence the ids, of
// the whole, and appends the ends of the parts. Where a text cannot be split, a part is longer.
void split_text(Family family, std::string_view text, size_t bytes, std::vector<size_t>& ends);

// How many bytes at the start of a text can be counted apart from the rest and from whatever may
// follow it: up to an offset near the end where split_text() would split too, 0 if it finds none.
size_t settled_prefix(Family family, std::string_view text);

}  // namespace tokenkit
