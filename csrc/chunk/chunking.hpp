// One text on its way to chunks. For chunker.cpp and chunk_results.cpp only.
#pragma once

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "chunk/borders.hpp"
#include "chunk/chunk_types.hpp"
#include "chunk/edges.hpp"
#include "chunk/fill.hpp"
#include "text/grapheme.hpp"

namespace tokenkit {

// A place to cut: the number of a border, or of a forced one with this bit set.
using Cut = uint32_t;
constexpr Cut kForced = 0x80000000u;
constexpr Cut kNoCut = 0xFFFFFFFFu;

constexpr double kRounding = 1e-9;

// Of a text that goes on, so many bytes before its end are too near to be certain of.
constexpr size_t kUnsure = 2 * kEdgeView + 512;
static_assert(kUnsure > kBorderView);

// Bytes to look back at: enough for a border behind them to be the same with all of the text.
constexpr size_t kContext = 2 * kEdgeView;

// A place inside what is more than a chunk by itself and has no border.
struct Forced {
  size_t pos;
  Cut before;     // the cut before it
  size_t lowest;  // where the chunk before it starts
  size_t tokens;  // of that chunk, if known, else 0
};

// A chunk about to start.
struct Opening {
  size_t start;    // bytes
  uint32_t from;   // see Border
  uint32_t sync;   // see Edge
  uint32_t reach;  // it may end at a border whose upto is at most this
};

class Chunking {
 public:
  Chunking(const Encoder& encoder, std::string_view text, const ChunkOptions& options,
           Scratch& scratch)
      : encoder_(encoder),
        text_(text),
        options_(options),
        scratch_(scratch),
        edge_counter_(encoder, text_, options.from.headless, scratch),
        filler_(encoder, text_, scratch) {}

  Chunks run();

 private:
  // A cut that may still be the best one to start the last chunk at. They are kept in order of
  // reach; one that reaches farther costs more, or the other one would be of no use.
  struct Candidate {
    Opening opening;
    Cut cut;
    double cost;
  };

  // A cut, where the chunk after it starts, and how many chunks are before it.
  struct Left {
    Cut cut;
    size_t start;
    size_t spans;
  };

  void find();
  void find_sure();
  size_t pos_of(Cut cut) const {
    if (cut == 0) return options_.from.cut;
    return (cut & kForced) != 0 ? forced_[cut & ~kForced].pos : borders_[cut].pos;
  }
  size_t trimmed_end(size_t pos) const { return options_.trim ? skip_space_back(text_, pos) : pos; }
  size_t end_at(Cut cut) const { return trimmed_end(pos_of(cut)); }
  size_t trimmed_start(size_t pos) const { return options_.trim ? skip_space(text_, pos) : pos; }
  const Edge* edge(Cut border) const;
  uint32_t sync_of(Cut border) const;
  uint32_t first_after(size_t pos) const;
  size_t count(size_t start, size_t end) {
    return start >= end ? 0 : encoder_.count(text_.substr(start, end - start), nullptr, scratch_);
  }

  bool overlaps(Cut cut) const {
    return options_.overlap != 0 && bare_.find(cut) == bare_.end() &&
           (cut != 0 || options_.from.cut != options_.from.start);
  }
  // Is this border, or what it is, not certain as long as the end of the text is not known?
  bool unsure(Cut border) const { return options_.more && borders_[border].pos > sure_; }
  // Is all that is not certain too far away for a chunk that starts at `start`?
  bool is_far(size_t start) const {
    return sure_ > start &&
           sure_ - start > size_t{options_.limit} * encoder_.vocab().max_token_size() + 16;
  }
  // The first border that the chunk after `border` may start at: chunks move on.
  uint32_t first_start(Cut border) const {
    return border < lowest_.size() ? first_after(lowest_[border]) : 1;
  }
  uint32_t overlapping(Cut border);
  size_t start_after(Cut cut);
  Opening opening(Cut cut);
  Opening opening_inside(size_t pos);
  Opening opened(size_t pos, Start at);
  bool pair_holds(const Opening& a, Cut border) const;
  bool fits(const Opening& a, Cut border);
  bool slice_fits(size_t start, Cut border) {
    const size_t end = end_at(border);
    return end <= start || filler_.fits(options_.prefix, start, end, options_.limit, options_.room);
  }

  double penalty(Cut border) const { return options_.weight * borders_[border].penalty / 10; }
  void push(Cut cut, double cost);
  bool reach(Cut border, double* cost);
  void extend(Cut border);
  bool force(Cut border);
  size_t fill(size_t start, size_t stop);
  Cut fill_from(Cut cut, size_t stop);
  void optimal();
  void greedy();
  bool next_fits(Cut cut, Cut next);
  Cut best_end(Cut cut, Cut next);
  void token();

  void fail(size_t pos);
  std::vector<Cut> cuts_to(Cut cut) const;
  void collect();
  std::optional<size_t> tokens_between(Cut cut, Cut end);
  void leave(const Left& left);
  void balance(std::vector<Cut>& cuts, std::vector<Cut>& moved);
  void emit(size_t start, size_t end, size_t tokens, size_t headings);
  Level level_inside(size_t pos) const;

  const Encoder& encoder_;
  const std::string_view text_;
  const ChunkOptions& options_;
  Scratch& scratch_;
  EdgeCounter edge_counter_;
  Filler filler_;
  size_t sure_ = 0;              // with `more`: what is behind it is not certain
  Cut settled_ = 0;              // the last cut that stays, whatever comes
  std::vector<Border> borders_;  // the first is the start, the last the end of the text
  std::vector<Edge> edges_;
  std::vector<Forced> forced_;
  std::unordered_set<Cut> bare_;  // cuts that nothing before them is repeated after
  std::vector<Cut> before_;       // of each border: the cut that the chunk up to it follows
  std::vector<uint32_t> lowest_;  // of borders, where known: the start of the chunk before
  std::vector<Candidate> candidates_;
  size_t first_ = 0;  // candidate: those before it reach less far than is asked now
  Cut last_ = 0;      // the last border that was reached
  double last_cost_ = 0;
  Chunks out_;
};

}  // namespace tokenkit
