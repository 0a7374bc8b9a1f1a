#include "chunk/chunker.hpp"

#include "chunk/chunking.hpp"
#include "encode/batch.hpp"
#include "scan/families.hpp"
#include "text/utf8.hpp"

namespace tokenkit {

void Chunking::find() {
  const size_t start = options_.from.start;
  LineState lines = options_.from.lines;
  find_sure();
  borders_.reserve((text_.size() - start) / 5 + 16);
  borders_.push_back(Border());
  borders_[0].pos = static_cast<uint32_t>(start);
  if (options_.strategy != Strategy::kToken || options_.format == Format::kMarkdown) {
    find_borders(text_, options_.format, start, text_.size(), lines, borders_, out_.headings);
  }
  if (options_.strategy == Strategy::kToken) borders_.resize(1);
  Border end;
  end.pos = static_cast<uint32_t>(text_.size());
  borders_.reserve(borders_.size() + 1);  // and no more
  borders_.push_back(end);
  if (options_.strategy != Strategy::kToken) {
    edges_ = edge_counter_.measure(borders_, options_.trim);
  }
  before_.assign(borders_.size(), kNoCut);
}

// With trim, white space whose end is not in sight may be left out.
void Chunking::find_sure() {
  sure_ = text_.size();
  if (!options_.more) return;
  sure_ = trimmed_end(floor_char(text_, sure_ - std::min(sure_, kUnsure)));
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
  if (cut == 0) return options_.from.start;
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
  if (cut == 0 && options_.from.start != 0) return opening_inside(start_after(cut));
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
    total = borders_[next].from + edge_counter_.tokens_to(trimmed_start(borders_[next].pos), known);
  }
  return opened(pos, edge_counter_.start_at({}, pos, known, total));
}

Opening Chunking::opened(size_t pos, Start at) {
  Opening o{pos, at.from, at.sync, 0};
  int64_t reach = int64_t{at.from} + std::min(options_.limit, options_.room);
  if (!options_.prefix.empty()) {
    const size_t total = at.from + edge_counter_.tokens_to(pos, at.sync);
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
  return a.sync == a.start && options_.prefix.empty() ? a.sync <= settled
                                                      : a.sync + kLookAhead <= settled;
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
  forced_.push_back({end, cut, start, options_.trim ? 0 : filler_.tokens()});
  return kForced | static_cast<Cut>(forced_.size() - 1);
}

// Reaches a border that no candidate reaches. Without the overlap it may be in reach; else the text
// since the border before it is more than a chunk, and is cut where it is full. Returns false if a
// character is more than a chunk.
bool Chunking::force(Cut border) {
  Cut cut = last_;
  double cost = last_cost_;
  const size_t stop = borders_[border].pos;
  // Untrimmed, what fits is filled up to the border: no need to ask before.
  const bool ask = options_.trim || options_.overlap != 0;
  while (!ask || !slice_fits(start_after(cut), border)) {
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
  double behind = 0;  // no chunk that ends behind last_ follows text of a lower cost
  Cut from = first_after(options_.from.cut);  // borders from here on were not reached yet
  for (Cut border = from; border < borders_.size(); ++border) {
    if (borders_[border].level == Level::kWord) continue;
    // Words since the last better border: cutting at one of them cannot pay if the border here is
    // reached at a cost that is no higher (csrc/README.md, "Chunks").
    if (from < border) {
      double cost;
      const bool reached = reach(border, &cost);
      const double word = penalty(from);  // they stand in one line and cost the same
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
  for (; cut != last; settled_ = cut) {
    const Cut next = first_after(pos_of(cut));
    const bool inside = unsure(next);  // what follows is more than a chunk
    if (inside && !is_far(trimmed_start(pos_of(cut)))) return;
    if (overlaps(cut) && !inside && !slice_fits(start_after(cut), next) &&
        slice_fits(trimmed_start(pos_of(cut)), next)) {
      bare_.insert(cut);
    }
    if (!inside && next_fits(cut, next)) {
      const Cut best = best_end(cut, next);
      if (best == kNoCut) return;
      before_[best] = cut;
      if (!lowest_.empty()) lowest_[best] = static_cast<uint32_t>(start_after(cut));
      cut = best;
      continue;
    }
    const size_t stop = inside ? sure_ : borders_[next].pos;
    cut = fill_from(cut, stop);
    if (cut == kNoCut) return;
    if (!inside && pos_of(cut) >= stop) {
      before_[next] = forced_.back().before;
      if (!lowest_.empty()) lowest_[next] = static_cast<uint32_t>(forced_.back().lowest);
      forced_.pop_back();
      cut = next;
    }
  }
}

// Is the next border in reach of the cut? Where both stand in the prefix sums, nothing is counted.
bool Chunking::next_fits(Cut cut, Cut next) {
  const bool aligned = (cut & kForced) == 0 && (cut != 0 || options_.from.start == 0);
  if (aligned && options_.overlap == 0) return fits(opening(cut), next);
  return slice_fits(start_after(cut), next);
}

// The border at which a chunk after `cut` ends best: far away, and at a good place. `next` is the
// first one behind the cut; it is in reach. kNoCut if more text could make another one the best.
Cut Chunking::best_end(Cut cut, Cut next) {
  const Cut last = static_cast<Cut>(borders_.size() - 1);
  const Opening o = opening(cut);
  Cut best = kNoCut;
  double least = 0;
  for (Cut b = next; b <= last && (unsure(b) || fits(o, b)); ++b) {
    if (unsure(b)) {
      if (is_far(o.start)) break;
      return kNoCut;
    }
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
  const size_t stop = options_.more ? sure_ : end_at(1);
  while (trimmed_start(pos_of(cut)) < stop) {
    if (options_.more) {
      if (!is_far(trimmed_start(pos_of(cut)))) return;
    } else if (slice_fits(start_after(cut), 1)) {
      break;
    }
    const Cut next = fill_from(cut, stop);
    if (next == kNoCut) return;
    if (!options_.more && trimmed_end(pos_of(next)) >= stop) break;
    cut = settled_ = next;
  }
  if (options_.more) return;
  before_[1] = cut;
  settled_ = 1;
}

Chunks Chunking::run() {
  out_.rest = options_.from;
  if (text_.size() == options_.from.start) return std::move(out_);
  find();
  if (options_.strategy == Strategy::kOptimal) {
    optimal();
    settled_ = static_cast<Cut>(borders_.size() - 1);
  } else if (options_.strategy == Strategy::kGreedy) {
    greedy();
  } else {
    token();
  }
  if (out_.failed_at == std::string_view::npos) {
    collect();
  } else if (options_.more && out_.failed_at >= sure_) {  // the character may not be all there
    out_ = Chunks();
    out_.rest = options_.from;
  }
  return std::move(out_);
}

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
