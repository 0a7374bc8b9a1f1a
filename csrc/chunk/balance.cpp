#include "chunk/balance.hpp"

namespace tokenkit {
namespace {

class Balance {
 public:
  explicit Balance(Cuts& cuts)
      : cuts_(cuts), measured_(cuts.measured()), least_(measured_.options().min_tokens) {}

  void run(std::vector<Cut>& path, std::vector<Cut>& moved) {
    for (size_t k = 1; k + 1 < path.size(); ++k) {
      const Cut end = path[k + 1];
      if (is_forced(path[k - 1]) || is_forced(path[k]) || is_forced(end)) continue;
      if (tokens(cuts_.opening(path[k]), end) >= least_) continue;
      const Opening before = cuts_.opening(path[k - 1]);
      if (cuts_.fits(before, end)) {
        path.erase(path.begin() + static_cast<std::ptrdiff_t>(k--));
        continue;
      }
      const Cut best = best_between(before, path[k - 1], path[k], end);
      if (best == kNoCut || !cuts_.fits(before, best)) continue;
      path[k] = best;
      moved.push_back(best);
    }
  }

 private:
  bool is_forced(Cut cut) const {
    return (cut & kForced) != 0 || (cut == 0 && measured_.options().from.inside);
  }
  int64_t tokens(const Opening& o, Cut end) const {
    return int64_t{measured_.borders()[end].upto} - int64_t{o.from};
  }

  // The best border before `cut` to part the text from `first` to `end` at; kNoCut if there is
  // none. `before` is the opening of the first of the two chunks.
  Cut best_between(const Opening& before, Cut first, Cut cut, Cut end) {
    Cut best = kNoCut;
    if (measured_.options().overlap != 0) cuts_.keep_starts();
    const uint32_t lowest = measured_.first_after(cuts_.pos_of(first));
    for (Cut b = cut - 1; b >= lowest; --b) {
      cuts_.start_of(b, before.start);
      const Opening after = cuts_.opening(b);
      if (tokens(before, b) < least_ || !cuts_.fits(after, end)) break;
      if (after.start <= before.start || tokens(after, end) < least_) continue;
      if (best == kNoCut || penalty(b) < penalty(best)) best = b;
    }
    return best;
  }

  uint8_t penalty(Cut border) const { return measured_.borders()[border].penalty; }

  Cuts& cuts_;
  const MeasuredText& measured_;
  const int64_t least_;
};

}  // namespace

void balance(Cuts& cuts, std::vector<Cut>& path, std::vector<Cut>& moved) {
  Balance(cuts).run(path, moved);
}

}  // namespace tokenkit
