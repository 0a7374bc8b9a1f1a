// What the cuts become: spans, levels, counts, and where the next call goes on.
#include <string>

#include "chunk/chunking.hpp"
#include "text/utf8.hpp"

namespace tokenkit {

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

// The cuts on the way to this one, which is the last of them.
std::vector<Cut> Chunking::cuts_to(Cut cut) const {
  std::vector<Cut> cuts;
  for (; cut != 0; cut = (cut & kForced) != 0 ? forced_[cut & ~kForced].before : before_[cut]) {
    cuts.push_back(cut);
  }
  cuts.push_back(0);
  std::reverse(cuts.begin(), cuts.end());
  return cuts;
}

void Chunking::collect() {
  std::vector<Cut> cuts = cuts_to(settled_);
  std::vector<Cut> moved;  // in order
  if (options_.min_tokens != 0 && options_.strategy != Strategy::kToken) balance(cuts, moved);
  out_.spans.reserve(cuts.size() - 1);
  Left left{0, options_.from.start, 0};  // where the next call may go on
  size_t heading = 0;
  size_t reached = end_at(0);
  for (size_t i = 0; i + 1 < cuts.size(); ++i) {
    const Cut cut = cuts[i + 1];
    const size_t end = end_at(cut);
    size_t start = start_after(cuts[i]);
    bool same = !std::binary_search(moved.begin(), moved.end(), cuts[i]);
    if (!out_.spans.empty() && start <= out_.spans.back().start) {
      start = trimmed_start(pos_of(cuts[i]));
      same = false;
    }
    if (start >= end || end <= reached) continue;  // white space only
    reached = end;
    if (same &&
        (options_.strategy != Strategy::kOptimal || start + options_.ahead <= text_.size())) {
      left = {cuts[i], start, out_.spans.size()};
    }
    const size_t words = skip_space(text_, pos_of(cuts[i]));
    while (heading < out_.headings.size() && out_.headings[heading].pos <= words) ++heading;
    const Forced* full = (cut & kForced) != 0 ? &forced_[cut & ~kForced] : nullptr;
    if (full != nullptr && full->before == cuts[i] && full->lowest == start && full->tokens != 0) {
      emit(start, end, full->tokens, heading);
      out_.spans.back().level = level_inside(end);
      continue;
    }
    std::optional<size_t> tokens = tokens_between(cuts[i], cut);
    if (!tokens) {
      // Where a cut lost its overlap, less text may have more tokens, if not many: cut once more.
      while (!filler_.fits(options_.prefix, start, end, options_.limit, options_.room)) {
        const size_t middle = fill(start, end);
        if (middle <= start) return fail(start);
        emit(start, trimmed_end(middle), count(start, trimmed_end(middle)), heading);
        out_.spans.back().level = level_inside(middle);
        start = trimmed_start(middle);
      }
      if (filler_.tokens() != 0) tokens = filler_.tokens();
    }
    emit(start, end, tokens ? *tokens : count(start, end), heading);
    out_.spans.back().level =
        (cut & kForced) != 0 ? level_inside(pos_of(cut)) : borders_[cut].level;
  }
  if (options_.more) {
    leave(left);
  } else if (!out_.spans.empty()) {
    out_.spans.back().level = Level::kEnd;
  }
}

// The tokens of the chunk between two cuts, if prefix sums say so.
std::optional<size_t> Chunking::tokens_between(Cut cut, Cut end) {
  const bool summed = options_.strategy != Strategy::kToken && options_.overlap == 0 &&
                      options_.prefix.empty() && ((cut | end) & kForced) == 0 &&
                      (cut != 0 || options_.from.start == 0);
  if (!summed) return std::nullopt;
  const Opening o = opening(cut);
  if (!pair_holds(o, end)) return std::nullopt;
  return borders_[end].upto - o.from;
}

// Gives out the chunks before a cut; the others wait for more text.
void Chunking::leave(const Left& left) {
  out_.spans.resize(left.spans);
  if (left.spans == 0) return;  // all of it, then
  Resume& rest = out_.rest;
  rest.cut = pos_of(left.cut);
  rest.start = std::min(left.start, rest.cut);
  if (left.cut != 0) rest.inside = (left.cut & kForced) != 0;
  if (options_.format != Format::kText) {
    std::vector<Border> borders;
    std::vector<Heading> headings;
    find_borders(text_, options_.format, options_.from.start, rest.start, rest.lines, borders,
                 headings);
  }
  const auto passed = [&](const Heading& h) { return h.pos <= rest.start; };
  rest.headings =
      static_cast<size_t>(std::count_if(out_.headings.begin(), out_.headings.end(), passed));
  // From a place between two clusters, if there is one not far away.
  size_t context = floor_char(text_, rest.start - std::min(rest.start, kContext));
  const size_t lowest = context - std::min(context, kContext);
  GraphemeBoundaries graphemes(text_);
  size_t between = context;
  while (between > lowest && !graphemes.at(between)) between = floor_char(text_, between - 1);
  rest.context = between > lowest ? between : context;
  rest.headless = options_.from.headless || rest.context != 0;
}

// Joins chunks of less than min_tokens with the one before, or moves the cut between the two back
// until neither is too small, where borders and limit allow it.
void Chunking::balance(std::vector<Cut>& cuts, std::vector<Cut>& moved) {
  const auto forced = [&](Cut cut) {
    return (cut & kForced) != 0 || (cut == 0 && options_.from.inside);
  };
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
    if (options_.overlap != 0) lowest_.resize(borders_.size());
    const Cut first = first_after(pos_of(cuts[k - 1]));
    for (Cut b = cuts[k] - 1; b >= first; --b) {
      if (!lowest_.empty()) lowest_[b] = static_cast<uint32_t>(before.start);
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
  out_.spans.push_back(
      {start, end, static_cast<uint32_t>(tokens), 0, Level::kEnd, static_cast<uint32_t>(headings)});
}

}  // namespace tokenkit
