// The state of a text that comes in parts, between two of them. A function without state.
#pragma once

#include <cstddef>

#include "chunk/measured.hpp"

namespace tokenkit {

// Where to go on when the chunks up to a cut were given out. `cut` is its offset, `inside` says
// that it is no border, and `start` is where the chunk after it begins. Chunks of the next part
// are those of the whole text if it begins at the result's `context`.
Resume resume_after(const MeasuredText& measured, size_t cut, bool inside, size_t start);

}  // namespace tokenkit
