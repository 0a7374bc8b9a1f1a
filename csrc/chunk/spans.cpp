#include "chunk/spans.hpp"

#include <algorithm>
#include <vector>

#include "chunk/balance.hpp"

namespace tokenkit {
namespace {

class SpanMaker {
 public:
  SpanMaker(Cuts& cuts, Chunks& out)
      : cuts_(cuts),
        measured_(cuts.measured()),
        options_(measured_.options()),
        out_(out),
        stop_{0, options_.from.start, 0},
        reached_(cuts.end_at(0)) {}

  bool run(Cut last) {
    std::vector<Cut> path = cuts_.path_to(last);
    std::vector<Cut> moved;  // in order
    if (options_.min_tokens != 0 && options_.strategy != Strategy::kToken) {
      balance(cuts_, path, moved);
    }
    out_.spans.reserve(path.size() - 1);
    for (size_t i = 0; i + 1 < path.size(); ++i) {
      const bool stays = !std::binary_search(moved.begin(), moved.end(), path[i]);
      if (!add(path[i], path[i + 1], stays)) return false;
    }
    return true;
  }

  const Stop& stop() const { return stop_; }

 private:
  // Adds the chunk between two cuts; none if it is white space only. Returns false if a character
  // is too long. `stays`: the cut before it is where the strategy made it.
  bool add(Cut cut, Cut next, bool stays) {
    const size_t end = cuts_.end_at(next);
    size_t start = cuts_.start_after(cut);
    if (!out_.spans.empty() && start <= out_.spans.back().start) {
      start = measured_.trimmed_start(cuts_.pos_of(cut));
      stays = false;
    }
    if (start >= end || end <= reached_) return true;
    reached_ = end;
    const bool in_time = options_.strategy != Strategy::kOptimal ||
                         start + options_.ahead <= measured_.text().size();
    if (stays && in_time) stop_ = {cut, start, out_.spans.size()};
    pass_headings(cuts_.pos_of(cut), end);
    const Forced* full = cuts_.forced(next);
    if (full != nullptr && full->before == cut && full->lowest == start && full->tokens != 0) {
      emit(start, end, full->tokens, level_inside(end));
      return true;
    }
    std::optional<size_t> tokens = tokens_between(cut, next);
    if (!tokens) {
      if (!fill_up(&start, end)) return false;
      if (cuts_.tokens() != 0) tokens = cuts_.tokens();
    }
    const Level level = full != nullptr ? level_inside(full->pos) : measured_.borders()[next].level;
    emit(start, end, tokens ? *tokens : measured_.count(start, end), level);
    return true;
  }

  // Where a cut lost its overlap, less text may have more tokens, if not many: full chunks first,
  // until what is left fits.
  bool fill_up(size_t* start, size_t end) {
    while (!cuts_.text_fits(*start, end)) {
      const size_t middle = cuts_.fill(*start, end);
      if (middle <= *start) {
        out_.failed_at = *start;
        return false;
      }
      const size_t stop = measured_.trimmed_end(middle);
      emit(*start, stop, measured_.count(*start, stop), level_inside(middle));
      *start = measured_.trimmed_start(middle);
    }
    return true;
  }

  // The tokens of the chunk between two cuts, if prefix sums say so.
  std::optional<size_t> tokens_between(Cut cut, Cut next) {
    const bool summed = options_.strategy != Strategy::kToken && options_.overlap == 0 &&
                        options_.prefix.empty() && ((cut | next) & kForced) == 0 &&
                        (cut != 0 || options_.from.start == 0);
    if (!summed) return std::nullopt;
    const Opening o = cuts_.opening(cut);
    if (!measured_.sums_hold(o, next)) return std::nullopt;
    return measured_.borders()[next].upto - o.from;
  }

  // Counts the headings before the first word from `pos` to `end`. White space of any length may
  // stand before a heading: a chunk of it alone belongs to the heading before.
  void pass_headings(size_t pos, size_t end) {
    const std::vector<Heading>& all = measured_.headings();
    if (headings_ == all.size()) return;
    const size_t words = std::min(words_from(pos), end - 1);
    while (headings_ < all.size() && all[headings_].pos <= words) ++headings_;
  }

  // skip_space(), in time that is linear over all chunks of a run of white space.
  size_t words_from(size_t pos) {
    if (pos < blank_start_ || pos > blank_end_) {
      blank_start_ = pos;
      blank_end_ = skip_space(measured_.text(), pos);
    }
    return blank_end_;
  }

  // What stands before an offset that was not chosen for what stands there.
  Level level_inside(size_t pos) const {
    const char before = measured_.text()[pos - 1];
    if (before == '\n' || before == '\r') return Level::kLine;
    return is_word_border(measured_.text(), pos) ? Level::kWord : Level::kCharacter;
  }

  void emit(size_t start, size_t end, size_t tokens, Level level) {
    if (!out_.spans.empty()) {
      ChunkSpan& previous = out_.spans.back();
      previous.overlap = static_cast<uint32_t>(measured_.count(start, previous.end));
    }
    out_.spans.push_back(
        {start, end, static_cast<uint32_t>(tokens), 0, level, static_cast<uint32_t>(headings_)});
  }

  Cuts& cuts_;
  const MeasuredText& measured_;
  const ChunkOptions& options_;
  Chunks& out_;
  Stop stop_;
  size_t reached_;                          // the end of the last chunk
  size_t headings_ = 0;                     // those passed so far
  size_t blank_start_ = 1, blank_end_ = 0;  // the last run of white space that was skipped
};

}  // namespace

std::optional<Stop> make_spans(Cuts& cuts, Cut last, Chunks& out) {
  SpanMaker maker(cuts, out);
  if (!maker.run(last)) return std::nullopt;
  return maker.stop();
}

}  // namespace tokenkit
