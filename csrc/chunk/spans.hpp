// What the cuts become: spans with levels and counts. After a strategy, once for each text; borrows
// the cuts.
#pragma once

#include <cstddef>
#include <optional>

#include "chunk/chunk_types.hpp"
#include "chunk/cuts.hpp"

namespace tokenkit {

// A cut, where the chunk after it starts, and how many spans are before it.
struct Stop {
  Cut cut;
  size_t start;
  size_t spans;
};

// Appends the spans of the chunks up to the cut `last` to out.spans, and balances them first if
// options.min_tokens asks for it. Returns the last cut at which a stream may go on: what is up to
// there stays the same whatever comes. Returns nothing if a character is more than a chunk; it
// starts at out.failed_at.
std::optional<Stop> make_spans(Cuts& cuts, Cut last, Chunks& out);

}  // namespace tokenkit
