#include <vector>

#include "chunk/partition.hpp"

namespace tokenkit {
namespace {

class Greedy {
 public:
  Greedy(Cuts& cuts, const Horizon& horizon)
      : cuts_(cuts), measured_(cuts.measured()), options_(measured_.options()), horizon_(horizon) {}

  Cut run() {
    if (options_.overlap != 0) cuts_.keep_starts();
    Cut cut = 0;
    while (cut != measured_.last()) {
      const Cut next = step(cut);
      if (next == kNoCut) break;
      cut = next;
    }
    return cut;
  }

 private:
  // The cut after this one; kNoCut if more text must come first, or a character is too much.
  Cut step(Cut cut) {
    const size_t pos = cuts_.pos_of(cut);
    const uint32_t next = measured_.first_after(pos);
    const bool inside = is_unsure(next);  // what follows is more than a chunk
    if (inside && !horizon_.is_far(measured_.trimmed_start(pos))) return kNoCut;
    if (cuts_.overlaps(cut) && !inside && !cuts_.slice_fits(cuts_.start_after(cut), next) &&
        cuts_.slice_fits(measured_.trimmed_start(pos), next)) {
      cuts_.drop_overlap(cut);
    }
    if (!inside && next_fits(cut, next)) {
      const Cut best = best_end(cut, next);
      if (best == kNoCut) return kNoCut;
      reach(best, cut, options_.overlap != 0 ? cuts_.start_after(cut) : 0);
      return best;
    }
    const size_t stop = inside ? horizon_.sure() : measured_.borders()[next].pos;
    const Cut full = cuts_.fill_from(cut, stop);
    if (full == kNoCut || inside || cuts_.pos_of(full) < stop) return full;
    const Forced at_border = *cuts_.forced(full);
    cuts_.drop_forced();
    reach(next, at_border.before, at_border.lowest);
    return next;
  }

  void reach(uint32_t border, Cut before, size_t start) {
    cuts_.follow(border, before);
    cuts_.start_of(border, start);
  }

  bool is_unsure(uint32_t border) const {
    return horizon_.is_unsure(measured_.borders()[border].pos);
  }

  // Is the next border in reach of the cut? Where both stand in the prefix sums, nothing is
  // counted.
  bool next_fits(Cut cut, uint32_t next) {
    const bool summed = (cut & kForced) == 0 && (cut != 0 || options_.from.start == 0);
    if (summed && options_.overlap == 0) return cuts_.fits(cuts_.opening(cut), next);
    return cuts_.slice_fits(cuts_.start_after(cut), next);
  }

  // The border at which a chunk after `cut` ends best. `next` is the first one behind the cut; it
  // is in reach. Returns kNoCut if more text could make another one the best.
  Cut best_end(Cut cut, uint32_t next) {
    const Opening o = cuts_.opening(cut);
    const std::vector<Border>& borders = measured_.borders();
    const uint32_t last = measured_.last();
    const double from = o.from;
    Cut best = kNoCut;
    double least = 0;
    for (uint32_t b = next; b <= last; ++b) {
      if (horizon_.is_unsure(borders[b].pos)) {
        if (horizon_.is_far(o.start)) break;
        return kNoCut;
      }
      if (!cuts_.fits(o, b)) break;
      if (b == last) return b;
      const double tokens = borders[b].upto - from;
      const double score = measured_.penalty(b) - tokens / options_.limit;
      // A chunk of no more than the overlap would be repeated by the next one as a whole.
      if (tokens > options_.overlap && (best == kNoCut || score <= least)) {
        best = b;
        least = score;
      }
    }
    return best == kNoCut ? next : best;
  }

  Cuts& cuts_;
  const MeasuredText& measured_;
  const ChunkOptions& options_;
  const Horizon& horizon_;
};

}  // namespace

Cut greedy_cuts(Cuts& cuts, const Horizon& horizon) { return Greedy(cuts, horizon).run(); }

}  // namespace tokenkit
