// The strategies: each decides where the chunks of a text end.
//
// All three record their cuts in `cuts`, which no other strategy has used, and return the last cut
// that stays whatever comes: the end of the text, unless it goes on behind it. If a character is
// more than a chunk they stop; cuts.failed_at() then says which, and the result means nothing.
#pragma once

#include "chunk/cuts.hpp"
#include "chunk/horizon.hpp"

namespace tokenkit {

// The partition of least cost, where a chunk costs 1 and the penalty of its end (csrc/README.md,
// "Chunks"). It weighs all of the text at hand, whether it goes on or not.
Cut optimal_cuts(Cuts& cuts);

// Chunk by chunk, each the best by itself: far, and at a good border.
Cut greedy_cuts(Cuts& cuts, const Horizon& horizon);

// As many tokens as fit, wherever they end.
Cut token_cuts(Cuts& cuts, const Horizon& horizon);

}  // namespace tokenkit
