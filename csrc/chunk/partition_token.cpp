#include "chunk/partition.hpp"

namespace tokenkit {
namespace {

// Of a text that goes on: chunks that end before what is not certain.
Cut sure_cuts(Cuts& cuts, const Horizon& horizon) {
  const auto start = [&](Cut cut) { return cuts.measured().trimmed_start(cuts.pos_of(cut)); };
  Cut cut = 0;
  while (start(cut) < horizon.sure() && horizon.is_far(start(cut))) {
    const Cut next = cuts.fill_from(cut, horizon.sure());
    if (next == kNoCut) break;
    cut = next;
  }
  return cut;
}

}  // namespace

Cut token_cuts(Cuts& cuts, const Horizon& horizon) {
  if (horizon.is_open()) return sure_cuts(cuts, horizon);
  const MeasuredText& measured = cuts.measured();
  const uint32_t last = measured.last();
  const size_t stop = cuts.end_at(last);
  Cut cut = 0;
  while (measured.trimmed_start(cuts.pos_of(cut)) < stop &&
         !cuts.slice_fits(cuts.start_after(cut), last)) {
    const Cut next = cuts.fill_from(cut, stop);
    if (next == kNoCut) return cut;
    if (measured.trimmed_end(cuts.pos_of(next)) >= stop) break;
    cut = next;
  }
  cuts.follow(last, cut);
  return last;
}

}  // namespace tokenkit
