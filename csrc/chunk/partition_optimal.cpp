#include <vector>

#include "chunk/partition.hpp"

namespace tokenkit {
namespace {

constexpr double kRounding = 1e-9;

// A cut that may still be the best one to start the last chunk at.
struct Candidate {
  Opening opening;
  Cut cut;
  double cost;
};

// Candidates in order of reach. One that reaches farther costs more, or the other one would be of
// no use.
class Candidates {
 public:
  explicit Candidates(Cuts& cuts) : cuts_(cuts) {}

  void push(Cut cut, double cost) {
    const Candidate added{cuts_.opening(cut), cut, cost};
    const uint32_t reach = added.opening.reach;
    size_t place = all_.size();
    // Of two that reach equally far the later one is kept: it makes the chunks before it fuller.
    while (place > first_ && all_[place - 1].opening.reach > reach) --place;
    if (place < all_.size() && all_[place].cost < cost) return;
    size_t useless = place;
    while (useless > first_ && all_[useless - 1].cost >= cost) --useless;
    if (useless == place) {
      all_.insert(at(place), added);
    } else {
      all_[useless] = added;
      all_.erase(at(useless + 1), at(place));
    }
  }

  // The cheapest one from which one chunk reaches the border; nullptr if there is none. Borders
  // ascend from call to call. The answer lives until the next call.
  const Candidate* cheapest(uint32_t border) {
    const uint32_t upto = cuts_.measured().borders()[border].upto;
    if (first_ > kMostUseless) {
      all_.erase(all_.begin(), at(first_));
      first_ = 0;
    }
    // What is asked for grows, but for a few tokens, so this moves forward on the whole.
    while (first_ < all_.size() && all_[first_].opening.reach < upto) ++first_;
    while (first_ > 0 && all_[first_ - 1].opening.reach >= upto) --first_;
    for (size_t i = first_; i < all_.size(); ++i) {
      if (cuts_.fits(all_[i].opening, border)) return &all_[i];
    }
    // The last one may be too near for prefix sums to say that it fits.
    if (!all_.empty() && cuts_.fits(all_.back().opening, border)) return &all_.back();
    return nullptr;
  }

 private:
  static constexpr size_t kMostUseless = 4096;

  std::vector<Candidate>::iterator at(size_t i) {
    return all_.begin() + static_cast<std::ptrdiff_t>(i);
  }

  Cuts& cuts_;
  std::vector<Candidate> all_;
  size_t first_ = 0;  // those before it reach less far than is asked now
};

class Optimal {
 public:
  explicit Optimal(Cuts& cuts)
      : cuts_(cuts), measured_(cuts.measured()), options_(measured_.options()), candidates_(cuts) {}

  void run() {
    candidates_.push(0, 0);
    double behind = 0;               // no chunk that ends behind last_ follows text of a lower cost
    uint32_t from = first_border();  // of those not reached yet
    for (uint32_t border = from; border <= measured_.last(); ++border) {
      if (measured_.borders()[border].level == Level::kWord) continue;
      if (from < border && !words_are_idle(from, border, behind)) {
        for (; from < border; ++from) {
          if (!extend(from)) return;
        }
      }
      if (!extend(border)) return;
      behind = last_cost_ - 1 - measured_.penalty(border);
      from = border + 1;
    }
  }

 private:
  // What is repeated at the start is known outside, as the part before this one ended there: the
  // first chunk is one that adds something to it.
  uint32_t first_border() const {
    uint32_t first = measured_.first_after(options_.from.cut);
    while (options_.trim && cuts_.overlaps(0) && first < measured_.last() &&
           cuts_.end_at(first) <= cuts_.end_at(0)) {
      ++first;
    }
    return first;
  }

  // The words from `from` on, since the last better border: splitting at one of them cannot pay if
  // the border here is reached at a cost that is no higher (csrc/README.md, "Chunks").
  bool words_are_idle(uint32_t from, uint32_t border, double behind) {
    double cost;
    if (!reach(border, &cost)) return false;
    const double word = measured_.penalty(from);  // they stand in one line and cost the same
    const uint32_t before = last_ == 0 ? 0 : measured_.borders()[last_].upto;
    return cost <= behind + 1 + word + kRounding &&
           (last_ == 0 || measured_.penalty(last_) <= word) &&
           measured_.borders()[from].upto >= before;
  }

  // The least cost of the text up to the border, if one chunk from a candidate reaches it.
  bool reach(uint32_t border, double* cost) {
    const Candidate* best = candidates_.cheapest(border);
    if (best == nullptr) return false;
    cuts_.follow(border, best->cut);
    *cost = best->cost + 1 + measured_.penalty(border);
    return true;
  }

  // Reaches the border, one way or the other. Returns false if a character is more than a chunk.
  bool extend(uint32_t border) {
    double cost;
    if (!reach(border, &cost)) return force(border);
    settle(border, cost);
    return true;
  }

  void settle(uint32_t border, double cost) {
    last_ = border;
    last_cost_ = cost;
    candidates_.push(border, cost);
  }

  // Reaches a border that no candidate reaches. Without the overlap it may be in reach (that at the
  // first cut stays, as it is known outside); else the text since the border before it is more than
  // a chunk, and is split where it is full.
  bool force(uint32_t border) {
    Cut cut = last_;
    double cost = last_cost_;
    const size_t stop = measured_.borders()[border].pos;
    // Untrimmed, what fits is filled up to the border: no need to ask before.
    const bool ask = options_.trim || options_.overlap != 0;
    while (!ask || !cuts_.slice_fits(cuts_.start_after(cut), border)) {
      if (cut != 0 && cuts_.overlaps(cut) &&
          cuts_.slice_fits(measured_.trimmed_start(cuts_.pos_of(cut)), border)) {
        cuts_.drop_overlap(cut);
        break;
      }
      const Cut next = cuts_.fill_from(cut, stop);
      if (next == kNoCut) return false;
      if (cuts_.pos_of(next) >= stop) {
        cuts_.drop_forced();
        break;
      }
      cut = next;
      cost += 1 + options_.weight * kCharacterPenalty / 10;
    }
    if (cut != last_) candidates_.push(cut, cost);
    cuts_.follow(border, cut);
    settle(border, cost + 1 + measured_.penalty(border));
    return true;
  }

  Cuts& cuts_;
  const MeasuredText& measured_;
  const ChunkOptions& options_;
  Candidates candidates_;
  uint32_t last_ = 0;  // the last border that was reached
  double last_cost_ = 0;
};

}  // namespace

Cut optimal_cuts(Cuts& cuts) {
  Optimal(cuts).run();
  return cuts.measured().last();
}

}  // namespace tokenkit
