// Small chunks: joined with the chunk before, or made larger at its cost. After a strategy, before
// the spans are made; borrows the cuts.
#pragma once

#include <vector>

#include "chunk/cuts.hpp"

namespace tokenkit {

// Joins chunks of less than options.min_tokens with the one before, or moves the cut between the
// two back until neither is too small, where borders and limit allow it. `path` is what
// cuts.path_to() gave; the cuts that were moved are appended to `moved`, in order. Forced cuts
// stay. Needs prefix sums.
void balance(Cuts& cuts, std::vector<Cut>& path, std::vector<Cut>& moved);

}  // namespace tokenkit
