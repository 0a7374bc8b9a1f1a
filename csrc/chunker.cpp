#include "chunker.hpp"

#include <algorithm>
#include <string>
#include <unordered_set>

#include "batch.hpp"
#include "edges.hpp"
#include "fill.hpp"
#include "utf8.hpp"

namespace tokenkit {
namespace {

// A place to cut: the number of a border, or of a forced one with this bit set.
using Cut = uint32_t;
constexpr Cut kForced = 0x80000000u;
constexpr Cut kNoCut = 0xFFFFFFFFu;

constexpr double kWordPenalty = 4;
constexpr double kRounding = 1e-9;

// A place inside what is more than a chunk by itself and has no border.
struct Forced {
  size_t pos;
  Cut before;     // the cut before it
  size_t lowest;  // where the chunk before it starts
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
        whole_(text),
        text_(text.substr(options.context)),
        options_(options),
        scratch_(scratch),
        edge_counter_(encoder, text_, scratch),
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

  void find();
  void drop_context();
  size_t pos_of(Cut cut) const {
    if (cut == 0) return options_.resume;
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
           (cut != 0 || options_.resume != 0);
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
  Cut best_end(Cut cut, Cut next);
  void token();

  void fail(size_t pos);
  void collect();
  void balance(std::vector<Cut>& cuts, std::vector<Cut>& moved);
  void emit(size_t start, size_t end, size_t tokens, size_t headings);
  Level level_inside(size_t pos) const;

  const Encoder& encoder_;
  const std::string_view whole_;
  const std::string_view text_;  // without the context
  const ChunkOptions& options_;
  Scratch& scratch_;
  EdgeCounter edge_counter_;
  Filler filler_;
  std::vector<Border> borders_;  // the first is the start of the text, the last its end
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

void Chunking::find() {
  borders_.reserve(text_.size() / 5 + 16);
  borders_.push_back(Border());
  if (options_.strategy != Strategy::kToken || options_.format == Format::kMarkdown) {
    find_borders(whole_, options_.format, borders_, out_.headings);
    if (options_.context != 0) drop_context();
  }
  if (options_.strategy == Strategy::kToken) borders_.resize(1);
  Border end;
  end.pos = static_cast<uint32_t>(text_.size());
  borders_.push_back(end);
  if (options_.strategy != Strategy::kToken) {
    edges_ = edge_counter_.measure(borders_, options_.trim);
  }
  before_.assign(borders_.size(), kNoCut);
}

// Borders are counted from the end of the context on; headings inside it are known already.
void Chunking::drop_context() {
  const uint32_t context = static_cast<uint32_t>(options_.context);
  const auto known = [&](const auto& found) { return found.pos < context; };
  const auto inside = [&](const Border& b) { return b.pos <= context; };
  borders_.erase(std::remove_if(borders_.begin() + 1, borders_.end(), inside), borders_.end());
  for (size_t i = 1; i < borders_.size(); ++i) borders_[i].pos -= context;
  std::vector<Heading>& headings = out_.headings;
  headings.erase(std::remove_if(headings.begin(), headings.end(), known), headings.end());
}

const Edge* Chunking::edge(Cut border) const {
  if (!borders_[border].unaligned) return nullptr;
  return &*std::lower_bound(edges_.begin(), edges_.end(), border,
                            [](const Edge& e, uint32_t wanted) { return e.border < wanted; });
}

uint32_t Chunking::sync_of(Cut border) const {
  const Edge* e = edge(border);
  return e != nullptr ? e->sync : borders_[border].pos;
}

uint32_t Chunking::first_after(size_t pos) const {
  const auto found = std::upper_bound(borders_.begin(), borders_.end(), pos,
                                      [](size_t p, const Border& b) { return p < b.pos; });
  return static_cast<uint32_t>(
      std::min<ptrdiff_t>(found - borders_.begin(), static_cast<ptrdiff_t>(borders_.size()) - 1));
}

// ---------------------------------------------------------------------------------------------
// Where chunks start, and what they may hold
// ---------------------------------------------------------------------------------------------

// The first border from which on the text up to `border` is not more than the overlap asked for;
// `border` itself if there is none.
uint32_t Chunking::overlapping(Cut border) {
  const uint32_t upto = borders_[border].upto;
  const uint32_t least = upto > options_.overlap ? upto - options_.overlap : 0;
  uint32_t at = static_cast<uint32_t>(
      std::partition_point(borders_.begin() + std::min(first_start(border), std::max(border, 1u)),
                           borders_.begin() + std::max(border, 1u),
                           [&](const Border& o) { return o.from < least; }) -
      borders_.begin());
  const size_t end = end_at(border);
  while (at < border && count(trimmed_start(borders_[at].pos), end) > options_.overlap) ++at;
  return std::min(at, border);
}

// Where the chunk after the cut starts.
size_t Chunking::start_after(Cut cut) {
  const size_t pos = pos_of(cut);
  if (!overlaps(cut)) return trimmed_start(pos);
  if (cut == 0) return 0;
  size_t lowest = 0;
  if ((cut & kForced) != 0) {
    lowest = forced_[cut & ~kForced].lowest;
  } else {
    const uint32_t at = overlapping(cut);
    if (at != cut) return trimmed_start(borders_[at].pos);
    lowest = borders_[cut - 1].pos;
    if (cut < lowest_.size()) lowest = std::max<size_t>(lowest, lowest_[cut]);
  }
  const size_t end = end_at(cut);
  const size_t start = filler_.fill_back(lowest, end, options_.overlap, options_.trim);
  return trimmed_start(start < end ? start : pos);
}

Opening Chunking::opening(Cut cut) {
  if ((cut & kForced) != 0) return opening_inside(start_after(cut));
  Cut at = cut;
  if (cut == 0 && options_.resume != 0) return opening_inside(start_after(cut));
  if (overlaps(cut)) {
    at = overlapping(cut);
    if (at == cut) return opening_inside(start_after(cut));
  }
  return opened(trimmed_start(borders_[at].pos), {borders_[at].from, sync_of(at)});
}

// At a place that is no border: it is read up to where the next border is known.
Opening Chunking::opening_inside(size_t pos) {
  const uint32_t next = first_after(pos);
  size_t known = text_.size();
  size_t total = edge_counter_.total();
  if (next + 1 < borders_.size()) {
    known = sync_of(next);
    total = borders_[next].from + count(trimmed_start(borders_[next].pos), known);
  }
  return opened(pos, edge_counter_.start_at({}, pos, known, total));
}

Opening Chunking::opened(size_t pos, Start at) {
  Opening o{pos, at.from, at.sync, 0};
  int64_t reach = int64_t{at.from} + std::min(options_.limit, options_.room);
  if (!options_.prefix.empty()) {
    const size_t total = at.from + count(pos, at.sync);
    const Start read = edge_counter_.start_at(options_.prefix, pos, at.sync, total);
    // The prefix counts, so that this may be below zero.
    reach = std::min(int64_t{at.from} + options_.limit,
                     static_cast<int32_t>(read.from) + int64_t{options_.room});
    o.sync = std::max(o.sync, read.sync);
  }
  o.reach = static_cast<uint32_t>(std::clamp<int64_t>(reach, 0, 0xFFFFFFFFll));
  return o;
}

// Is the number of tokens from `a` to the border the difference of their prefix sums?
bool Chunking::pair_holds(const Opening& a, Cut border) const {
  const Edge* e = edge(border);
  const size_t settled = e != nullptr ? e->settled : borders_[border].pos;
  return a.sync == a.start && options_.prefix.empty() ? a.sync <= settled : a.sync + 8 <= settled;
}

bool Chunking::fits(const Opening& a, Cut border) {
  if (pair_holds(a, border)) return borders_[border].upto <= a.reach;
  return slice_fits(a.start, border);
}

// ---------------------------------------------------------------------------------------------
// The partition of least cost
// ---------------------------------------------------------------------------------------------

void Chunking::push(Cut cut, double cost) {
  const Candidate added{opening(cut), cut, cost};
  const uint32_t reach = added.opening.reach;
  size_t place = candidates_.size();
  // Of two that reach equally far the later one is kept: it makes the chunks before it fuller.
  while (place > first_ && candidates_[place - 1].opening.reach > reach) --place;
  if (place < candidates_.size() && candidates_[place].cost < cost) return;
  size_t useless = place;
  while (useless > first_ && candidates_[useless - 1].cost >= cost) --useless;
  const auto at = [&](size_t i) { return candidates_.begin() + static_cast<ptrdiff_t>(i); };
  if (useless == place) {
    candidates_.insert(at(place), added);
  } else {
    candidates_[useless] = added;
    candidates_.erase(at(useless + 1), at(place));
  }
}

// The least cost of the text up to the border, if one chunk from a candidate reaches it.
bool Chunking::reach(Cut border, double* cost) {
  const uint32_t upto = borders_[border].upto;
  // What is asked for grows, but for a few tokens, so this moves forward on the whole.
  while (first_ < candidates_.size() && candidates_[first_].opening.reach < upto) ++first_;
  while (first_ > 0 && candidates_[first_ - 1].opening.reach >= upto) --first_;
  size_t found = first_;
  while (found < candidates_.size() && !fits(candidates_[found].opening, border)) ++found;
  if (found == candidates_.size()) {
    // The last one may be too near for prefix sums to say that it fits.
    if (found == 0 || !fits(candidates_[found - 1].opening, border)) return false;
    --found;
  }
  before_[border] = candidates_[found].cut;
  *cost = candidates_[found].cost + 1 + penalty(border);
  if (first_ > 4096) {
    candidates_.erase(candidates_.begin(), candidates_.begin() + static_cast<ptrdiff_t>(first_));
    first_ = 0;
  }
  return true;
}

// The end of a chunk that starts at `start` and is full, also when it is trimmed.
size_t Chunking::fill(size_t start, size_t stop) {
  for (;;) {
    const size_t end = filler_.fill(options_.prefix, start, stop, options_.limit, options_.room);
    const size_t trimmed = trimmed_end(end);
    if (trimmed == end || trimmed <= start ||
        filler_.fits(options_.prefix, start, trimmed, options_.limit, options_.room)) {
      return end;
    }
    stop = trimmed;
  }
}

// A new cut where the chunk after `cut` is full, at `stop` or before it; kNoCut if a character is
// more than a chunk. Gives up the overlap if it leaves no room for anything new.
Cut Chunking::fill_from(Cut cut, size_t stop) {
  size_t start = start_after(cut);
  size_t end = fill(start, stop);
  if (trimmed_end(end) <= end_at(cut) && overlaps(cut)) {
    bare_.insert(cut);
    start = start_after(cut);
    end = fill(start, stop);
  }
  if (end <= start) {
    fail(start);
    return kNoCut;
  }
  forced_.push_back({end, cut, start});
  return kForced | static_cast<Cut>(forced_.size() - 1);
}

// Reaches a border that no candidate reaches. Without the overlap it may be in reach; else the text
// since the border before it is more than a chunk, and is cut where it is full. Returns false if a
// character is more than a chunk.
bool Chunking::force(Cut border) {
  Cut cut = last_;
  double cost = last_cost_;
  const size_t stop = borders_[border].pos;
  while (!slice_fits(start_after(cut), border)) {
    if (overlaps(cut) && slice_fits(trimmed_start(pos_of(cut)), border)) {
      bare_.insert(cut);
      break;
    }
    const Cut next = fill_from(cut, stop);
    if (next == kNoCut) return false;
    if (pos_of(next) >= stop) {
      forced_.pop_back();
      break;
    }
    cut = next;
    cost += 1 + options_.weight * kCharacterPenalty / 10;
  }
  if (cut != last_) push(cut, cost);
  before_[border] = cut;
  last_ = border;
  last_cost_ = cost + 1 + penalty(border);
  push(border, last_cost_);
  return true;
}

// Reaches the border, one way or the other.
void Chunking::extend(Cut border) {
  double cost;
  if (reach(border, &cost)) {
    last_ = border;
    last_cost_ = cost;
    push(border, cost);
  } else {
    force(border);
  }
}

void Chunking::optimal() {
  push(0, 0);
  const double word = options_.weight * kWordPenalty;
  double behind = 0;  // no chunk that ends behind last_ follows text of a lower cost
  Cut from = first_after(options_.resume);  // borders from here on were not reached yet
  for (Cut border = from; border < borders_.size(); ++border) {
    if (borders_[border].level == Level::kWord) continue;
    // Words since the last better border: cutting at one of them cannot pay if the border here is
    // reached at a cost that is no higher (csrc/README.md, "Chunks").
    if (from < border) {
      double cost;
      const bool reached = reach(border, &cost);
      const bool idle = reached && cost <= behind + 1 + word + kRounding &&
                        (last_ == 0 || penalty(last_) <= word) &&
                        borders_[from].upto >= (last_ == 0 ? 0 : borders_[last_].upto);
      if (!idle) {
        for (; from < border; ++from) {
          extend(from);
          if (out_.failed_at != std::string_view::npos) return;
        }
      }
    }
    extend(border);
    if (out_.failed_at != std::string_view::npos) return;
    behind = last_cost_ - 1 - penalty(border);
    from = border + 1;
  }
}

// ---------------------------------------------------------------------------------------------
// Chunk by chunk
// ---------------------------------------------------------------------------------------------

void Chunking::greedy() {
  const Cut last = static_cast<Cut>(borders_.size() - 1);
  Cut cut = 0;
  if (options_.overlap != 0) lowest_.assign(borders_.size(), 0);
  while (cut != last) {
    const Cut next = first_after(pos_of(cut));
    if (overlaps(cut) && !slice_fits(start_after(cut), next) &&
        slice_fits(trimmed_start(pos_of(cut)), next)) {
      bare_.insert(cut);
    }
    const Cut best = slice_fits(start_after(cut), next) ? best_end(cut, next) : kNoCut;
    if (best != kNoCut) {
      before_[best] = cut;
      if (!lowest_.empty()) lowest_[best] = static_cast<uint32_t>(start_after(cut));
      cut = best;
      continue;
    }
    cut = fill_from(cut, borders_[next].pos);
    if (cut == kNoCut) return;
    if (pos_of(cut) >= borders_[next].pos) {
      before_[next] = forced_.back().before;
      if (!lowest_.empty()) lowest_[next] = static_cast<uint32_t>(forced_.back().lowest);
      forced_.pop_back();
      cut = next;
    }
  }
}

// The border at which a chunk after `cut` ends best: far away, and at a good place. `next` is the
// first one behind the cut; it is in reach.
Cut Chunking::best_end(Cut cut, Cut next) {
  const Cut last = static_cast<Cut>(borders_.size() - 1);
  const Opening o = opening(cut);
  Cut best = kNoCut;
  double least = 0;
  for (Cut b = next; b <= last && fits(o, b); ++b) {
    if (b == last) return last;
    const double tokens = static_cast<double>(borders_[b].upto) - o.from;
    const double score = penalty(b) - tokens / options_.limit;
    // A chunk of no more than the overlap would be repeated by the next one as a whole.
    if (tokens > options_.overlap && (best == kNoCut || score <= least)) {
      best = b;
      least = score;
    }
  }
  return best == kNoCut ? next : best;
}

void Chunking::token() {
  Cut cut = 0;
  const size_t stop = end_at(1);
  while (trimmed_start(pos_of(cut)) < stop && !slice_fits(start_after(cut), 1)) {
    const Cut next = fill_from(cut, stop);
    if (next == kNoCut) return;
    if (trimmed_end(pos_of(next)) >= stop) break;
    cut = next;
  }
  before_[1] = cut;
}

// ---------------------------------------------------------------------------------------------
// Results
// ---------------------------------------------------------------------------------------------

// What stands before a place that was not chosen for what stands there.
Level Chunking::level_inside(size_t pos) const {
  const char before = text_[pos - 1];
  if (before == '\n' || before == '\r') return Level::kLine;
  return is_word_border(text_, pos) ? Level::kWord : Level::kCharacter;
}

void Chunking::fail(size_t pos) {
  const size_t end = ceil_char(text_, pos + 1);
  out_.spans.clear();
  out_.failed_at = pos;
  out_.needed = count(pos, end);
  if (!options_.prefix.empty() || options_.room < options_.limit) {
    std::string joined(options_.prefix);
    joined += text_.substr(pos, end - pos);
    out_.needed = encoder_.count(joined, nullptr, scratch_) + options_.limit - options_.room;
  }
}

void Chunking::collect() {
  const Cut last = static_cast<Cut>(borders_.size() - 1);
  std::vector<Cut> cuts;
  for (Cut cut = last; cut != 0;) {
    cuts.push_back(cut);
    cut = (cut & kForced) != 0 ? forced_[cut & ~kForced].before : before_[cut];
  }
  cuts.push_back(0);
  std::reverse(cuts.begin(), cuts.end());
  std::vector<Cut> moved;  // in order
  if (options_.min_tokens != 0 && options_.strategy != Strategy::kToken) balance(cuts, moved);
  out_.spans.reserve(cuts.size() - 1);
  size_t heading = 0;
  for (size_t i = 0; i + 1 < cuts.size(); ++i) {
    const Cut cut = cuts[i + 1];
    const size_t end = end_at(cut);
    size_t start = start_after(cuts[i]);
    bool resumes = !std::binary_search(moved.begin(), moved.end(), cuts[i]);
    if (!out_.spans.empty() && start <= out_.spans.back().start) {
      start = trimmed_start(pos_of(cuts[i]));
      resumes = false;
    }
    if (start >= end) continue;
    const size_t words = skip_space(text_, pos_of(cuts[i]));
    while (heading < out_.headings.size() && out_.headings[heading].pos <= words + options_.context)
      ++heading;
    const bool plain = options_.strategy != Strategy::kToken && options_.overlap == 0 &&
                       options_.prefix.empty() && ((cuts[i] | cut) & kForced) == 0 &&
                       !borders_[cuts[i]].unaligned && !borders_[cut].unaligned;
    if (!plain) {
      // Where a cut lost its overlap, less text may have more tokens, if not many: cut once more.
      while (!filler_.fits(options_.prefix, start, end, options_.limit, options_.room)) {
        const size_t middle = fill(start, end);
        if (middle <= start) return fail(start);
        emit(start, trimmed_end(middle), count(start, trimmed_end(middle)), heading);
        out_.spans.back().level = level_inside(middle);
        out_.spans.back().resumes = resumes;
        resumes = false;
        start = trimmed_start(middle);
      }
    }
    emit(start, end, plain ? borders_[cut].upto - borders_[cuts[i]].from : count(start, end),
         heading);
    out_.spans.back().resumes = resumes;
    out_.spans.back().level =
        (cut & kForced) != 0 ? level_inside(pos_of(cut)) : borders_[cut].level;
  }
  if (!out_.spans.empty()) out_.spans.back().level = Level::kEnd;
}

// Joins chunks of less than min_tokens with the one before, or moves the cut between the two back
// until neither is too small, where borders and limit allow it.
void Chunking::balance(std::vector<Cut>& cuts, std::vector<Cut>& moved) {
  const auto forced = [](Cut cut) { return (cut & kForced) != 0; };
  const auto tokens = [&](const Opening& o, Cut end) {
    return int64_t{borders_[end].upto} - int64_t{o.from};
  };
  for (size_t k = 1; k + 1 < cuts.size(); ++k) {
    const Cut end = cuts[k + 1];
    if (forced(cuts[k - 1]) || forced(cuts[k]) || forced(end)) continue;
    if (tokens(opening(cuts[k]), end) >= options_.min_tokens) continue;
    const Opening before = opening(cuts[k - 1]);
    if (fits(before, end)) {
      cuts.erase(cuts.begin() + static_cast<ptrdiff_t>(k--));
      continue;
    }
    Cut best = kNoCut;
    for (Cut b = cuts[k] - 1; b > cuts[k - 1]; --b) {
      const Opening after = opening(b);
      if (tokens(before, b) < options_.min_tokens || !fits(after, end)) break;
      if (after.start <= before.start || tokens(after, end) < options_.min_tokens) continue;
      if (best == kNoCut || borders_[b].penalty < borders_[best].penalty) best = b;
    }
    if (best == kNoCut || !fits(before, best)) continue;
    cuts[k] = best;
    moved.push_back(best);
  }
}

void Chunking::emit(size_t start, size_t end, size_t tokens, size_t headings) {
  if (!out_.spans.empty()) {
    ChunkSpan& previous = out_.spans.back();
    previous.overlap = static_cast<uint32_t>(count(start, previous.end));
  }
  out_.spans.push_back({start, end, static_cast<uint32_t>(tokens), 0, Level::kEnd, true,
                        static_cast<uint32_t>(headings)});
}

Chunks Chunking::run() {
  if (text_.empty()) return std::move(out_);
  find();
  if (options_.strategy == Strategy::kOptimal) {
    optimal();
  } else if (options_.strategy == Strategy::kGreedy) {
    greedy();
  } else {
    token();
  }
  if (out_.failed_at == std::string_view::npos) {
    collect();
  } else {
    out_.failed_at += options_.context;
  }
  for (ChunkSpan& span : out_.spans) {
    span.start += options_.context;
    span.end += options_.context;
  }
  return std::move(out_);
}

}  // namespace

Chunks chunk_text(const Encoder& encoder, std::string_view text, const ChunkOptions& options,
                  Scratch& scratch) {
  if (text.size() >= kForced) throw Error(ErrorKind::kValue, "the text is 2 GB or more");
  return Chunking(encoder, text, options, scratch).run();
}

void chunk_batch(const Encoder& encoder, const std::vector<std::string_view>& texts,
                 const std::vector<ChunkOptions>& options, size_t threads,
                 std::vector<Chunks>& out) {
  out.resize(texts.size());
  run_on_threads(encoder, texts.size(), threads, [&](size_t k, Scratch& scratch) {
    out[k] = chunk_text(encoder, texts[k], options[k], scratch);
  });
}

}  // namespace tokenkit
