// The cuts of one text: where its chunks end, as they are decided one by one.
//
// A strategy (partition.hpp) asks what a chunk after a cut can hold, and records which cut each
// border follows. Between borders, cuts are made where a chunk is full; those are kept here, too.
// What a chunk repeats of the one before it, its overlap, follows from the cuts. Borrows the
// measured text; not thread safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "chunk/fill.hpp"
#include "chunk/measured.hpp"

namespace tokenkit {

// The number of a border, or of a forced cut with this bit set. Cut 0 is the start.
using Cut = uint32_t;
constexpr Cut kForced = 0x80000000u;
constexpr Cut kNoCut = 0xFFFFFFFFu;

// A cut inside what is more than a chunk by itself and has no border.
struct Forced {
  size_t pos;
  Cut before;     // the cut before it
  size_t lowest;  // where the chunk before it starts
  size_t tokens;  // of that chunk, if known, else 0
};

class Cuts {
 public:
  explicit Cuts(const MeasuredText& measured);

  const MeasuredText& measured() const { return measured_; }

  // Offsets: of the cut, and of the end of the chunk before it.
  size_t pos_of(Cut cut) const {
    if (cut == 0) return options_.from.cut;
    return (cut & kForced) != 0 ? forced_[cut & ~kForced].pos : measured_.borders()[cut].pos;
  }
  size_t end_at(Cut cut) const { return measured_.trimmed_end(pos_of(cut)); }

  // Where the chunk after the cut starts: before the cut if it repeats something.
  size_t start_after(Cut cut);
  // The same, and how far that chunk reaches. Needs prefix sums.
  Opening opening(Cut cut);

  // Does a chunk with this opening, or from this offset, fit if it ends at the border?
  bool fits(const Opening& a, uint32_t border) {
    if (measured_.sums_hold(a, border)) return measured_.borders()[border].upto <= a.reach;
    return slice_fits(a.start, border);
  }
  bool slice_fits(size_t start, uint32_t border) {
    const size_t end = end_at(border);
    return end <= start || text_fits(start, end);
  }
  bool text_fits(size_t start, size_t end) {
    return filler_.fits(options_.prefix, start, end, options_.limit, options_.room);
  }
  // The tokens of the slice that was last asked about and fitted; 0 if they were not counted.
  size_t tokens() const { return filler_.tokens(); }

  // Does the chunk after the cut repeat something? May it no longer?
  bool overlaps(Cut cut) const {
    return options_.overlap != 0 && bare_.find(cut) == bare_.end() &&
           (cut != 0 || options_.from.cut != options_.from.start);
  }
  void drop_overlap(Cut cut) { bare_.insert(cut); }

  // The end of a full chunk that starts at `start`, at `stop` or before it; `start` if not even one
  // character fits.
  size_t fill(size_t start, size_t stop);
  // Makes a cut where the chunk after `cut` is full, at `stop` or before it. Gives up the overlap
  // if that leaves no room for anything new. Returns kNoCut if a character is more than a chunk;
  // failed_at() then says which.
  Cut fill_from(Cut cut, size_t stop);
  // The forced cut with this number, nullptr for a border. The one made last can be taken back.
  const Forced* forced(Cut cut) const {
    return (cut & kForced) != 0 ? &forced_[cut & ~kForced] : nullptr;
  }
  void drop_forced() { forced_.pop_back(); }

  // The offset of a character that is more than a chunk; npos if there is none so far.
  size_t failed_at() const { return failed_at_; }

  // Records that the chunk up to the border follows the cut.
  void follow(uint32_t border, Cut cut) { before_[border] = cut; }
  // Records where the chunk up to the border starts, so that an overlap begins behind it; only
  // after keep_starts().
  void keep_starts() { starts_.resize(measured_.borders().size()); }
  void start_of(uint32_t border, size_t start) {
    if (!starts_.empty()) starts_[border] = static_cast<uint32_t>(start);
  }

  // The cuts on the way to this one, which is the last of them; the first is 0.
  std::vector<Cut> path_to(Cut cut) const;

 private:
  // The first border that the chunk after `border` may start at: chunks move on.
  uint32_t first_start(uint32_t border) const {
    return border < starts_.size() ? measured_.first_after(starts_[border]) : 1;
  }
  uint32_t overlapping(uint32_t border) const;

  const MeasuredText& measured_;
  const ChunkOptions& options_;
  Filler filler_;
  std::vector<Forced> forced_;
  std::unordered_set<Cut> bare_;  // cuts that nothing before them is repeated after
  std::vector<Cut> before_;       // of each border: the cut that the chunk up to it follows
  std::vector<uint32_t> starts_;  // of borders, where known: the start of the chunk before
  size_t failed_at_ = std::string_view::npos;
};

}  // namespace tokenkit
