#include "chunk/fill.hpp"

#include <algorithm>
#include <optional>

#include "bpe/cut.hpp"
#include "chunk/borders.hpp"
#include "text/utf8.hpp"

namespace tokenkit {

bool Filler::fits(std::string_view prefix, size_t start, size_t end, size_t limit, size_t room) {
  tokens_ = 0;
  const size_t bytes = end - start;
  // So many bytes have more tokens for certain; nothing need be read.
  if (bytes > limit * encoder_.max_token_size()) return false;
  // One whose beginning is too much is not read to its end, which may be far away.
  if (bytes > kFar * limit) {
    if (reach({}, start, end, limit) < end) return false;
    if (prefix.empty() && room >= limit && tokens_ != 0) return true;
  }
  const std::string_view slice = text_.substr(start, bytes);
  if (bytes + encoder_.leads(slice) > limit) {
    const std::optional<size_t> found = encoder_.within(slice, limit, scratch_);
    if (!found) return false;
    tokens_ = *found;
  }
  if (prefix.empty()) return room >= limit || encoder_.within(slice, room, scratch_).has_value();
  joined_.assign(prefix);
  joined_ += slice;
  return encoder_.within(joined_, room, scratch_).has_value();
}

size_t Filler::floor_cluster(size_t pos, size_t lowest) {
  while (pos > lowest && !graphemes_.at(pos)) pos = floor_char(text_, pos - 1);
  return std::max(pos, lowest);
}

size_t Filler::ceil_cluster(size_t pos, size_t highest) {
  while (pos < highest && !graphemes_.at(pos)) pos = ceil_char(text_, pos + 1);
  return std::min(pos, highest);
}

// Is the text from `start` on one long piece?
bool Filler::is_run(size_t start, size_t stop) const {
  const std::string_view view =
      text_.substr(start, std::min(stop, floor_char(text_, start + kRun)) - start);
  size_t end = 0;
  return view.size() > kRun / 2 && encoder_.scan(view, 0, &end, 1) != 0 && end == view.size();
}

// Has view[0, bytes) by itself the pieces that it has in the view, the last one cut short?
bool Filler::same_pieces(std::string_view view, size_t bytes) const {
  const std::string_view slice = view.substr(0, bytes);
  for (size_t pos = 0;;) {
    size_t mine = 0;
    size_t whole = 0;
    encoder_.scan(slice, pos, &mine, 1);
    encoder_.scan(view, pos, &whole, 1);
    if (mine == bytes) return whole >= bytes;
    if (mine != whole) return false;
    pos = mine;
  }
}

// The number of tokens of the view, or budget + 1 if there are more than that: then *bytes is where
// the first `budget` end. Pieces are counted, not encoded, which spares the tables of ids; long
// ones, which would be merged again for the place, are not counted.
size_t Filler::first_tokens(std::string_view view, size_t budget, size_t* bytes) {
  size_t total = 0;
  size_t ends[kBlock];
  for (size_t pos = 0; size_t n = encoder_.scan(view, pos, ends, kBlock);) {
    size_t few = 0;
    while (few < n && ends[few] - (few == 0 ? pos : ends[few - 1]) <= kLong) ++few;
    total = add_pieces(view, pos, ends, few, budget, total, bytes);
    if (total > budget) return total;
    if (few != 0) pos = ends[few - 1];
    if (few == n) continue;
    const size_t end = ends[few];
    while (pos < end) {
      size_t cuts[kBlock] = {end};
      const Vocab& vocab = encoder_.vocab();
      const size_t parts = vocab.cuttable() ? cut_piece(vocab, view, pos, end, cuts, kBlock) : 1;
      total = add_pieces(view, pos, cuts, parts, budget, total, bytes);
      if (total > budget) return total;
      pos = parts > 1 ? cuts[parts - 1] : end;
    }
  }
  return total;
}

// Adds the tokens of n pieces, or parts of one, as first_tokens() does.
size_t Filler::add_pieces(std::string_view view, size_t start, const size_t* ends, size_t n,
                          size_t budget, size_t total, size_t* bytes) {
  for (size_t i = 0; i < n;) {
    uint32_t counts[kBlock];
    size_t few = i;
    while (few < n && ends[few] - (few == i ? start : ends[few - 1]) <= kLong) ++few;
    encoder_.count_pieces(view, start, ends + i, few - i, scratch_, counts);
    const size_t first = i;
    for (; i < few && total + counts[i - first] <= budget; start = ends[i++]) {
      total += counts[i - first];
    }
    if (i == n) break;
    // A long one, or the one that is too much.
    ids_.clear();
    encoder_.encode_piece(view.substr(start, ends[i] - start), scratch_, ids_);
    if (total + ids_.size() > budget) {
      *bytes = start;
      for (size_t k = 0; k < budget - total; ++k) *bytes += encoder_.token(ids_.data()[k]).size();
      return budget + 1;
    }
    total += ids_.size();
    start = ends[i++];
  }
  return total;
}

// Where the first `budget` tokens of prefix and text[start, stop) end, or `stop`.
size_t Filler::reach(std::string_view own_prefix, size_t start, size_t stop, size_t budget) {
  std::string led;
  std::string_view prefix = own_prefix;
  if (encoder_.leads(prefix.empty() ? text_.substr(start, stop - start) : prefix)) {
    led.assign(" ").append(prefix);
    prefix = led;
  }
  // More bytes than `enough` have more tokens for certain.
  const size_t enough = budget * encoder_.max_token_size() + 8;
  // Pieces behind the budget are not encoded; but a long one is, to its end in the window.
  // No farther, or what is decided here would depend on borders that more text may move.
  const bool run = is_run(start, std::min(stop, floor_char(text_, start + enough)));
  size_t window = (run ? 2 : kFar) * budget + 64;
  tokens_ = 0;
  for (;;) {
    window = std::min(window, enough);
    const size_t end = window >= stop - start ? stop : floor_char(text_, start + window);
    std::string_view view = text_.substr(start, end - start);
    if (!prefix.empty()) {
      joined_.assign(prefix);
      joined_ += view;
      view = joined_;
    }
    size_t bytes = 0;
    const size_t found = first_tokens(view, budget, &bytes);
    if (found <= budget) {
      if (end == stop) {
        tokens_ = found;
        return stop;
      }
      window = std::max(2 * window, window * (budget + 1) / (found + 1) * 9 / 8);
      continue;
    }
    // Of a piece, the first tokens are those of their bytes (csrc/README.md, theorem 2).
    if (run && encoder_.vocab().all_merged() && same_pieces(view, bytes)) tokens_ = budget;
    return start + (bytes > prefix.size() ? bytes - prefix.size() : 0);
  }
}

size_t Filler::fill(std::string_view prefix, size_t start, size_t stop, size_t limit, size_t room) {
  size_t far = reach({}, start, stop, limit);
  if (!prefix.empty() || room < limit) far = std::min(far, reach(prefix, start, stop, room));
  const bool plain = prefix.empty() && room >= limit;
  if (plain && tokens_ != 0 && far > start && graphemes_.at(far)) return far;
  // Fewer tokens of a text are not always fewer tokens: look back until a slice fits.
  size_t end = floor_cluster(far, start);
  for (size_t back = 1; end > start && !fits(prefix, start, end, limit, room); back *= 2) {
    end = end - start > back ? floor_cluster(floor_char(text_, end - back), start) : start;
  }
  if (end > start) return end;
  // Not even one cluster fits, or the steps were too long: character by character, then.
  // A long one is not read to its end: it does not fit for certain.
  const size_t enough = start + limit * encoder_.max_token_size() + 1;
  const size_t first = ceil_char(text_, start + 1);
  const size_t one = ceil_cluster(first, ceil_char(text_, std::max(enough, far)));
  if (one <= stop && fits(prefix, start, one, limit, room)) return one;
  end = floor_char(text_, std::min(far, one));
  while (end > start && !fits(prefix, start, end, limit, room)) end = floor_char(text_, end - 1);
  if (end > start) return end;
  return fits(prefix, start, first, limit, room) ? first : start;
}

size_t Filler::fill_back(size_t lowest, size_t end, size_t limit, bool trim) {
  if (limit == 0) return end;
  size_t start = end;
  for (size_t window = 8 * limit + 64;; window *= 4) {
    const size_t from = window >= end - lowest ? lowest : floor_char(text_, end - window);
    const std::string_view view = text_.substr(from, end - from);
    ids_.clear();
    encoder_.encode(view, nullptr, scratch_, ids_);
    start = from;
    if (ids_.size() <= limit && from > lowest) continue;
    for (size_t i = 0; i + limit < ids_.size(); ++i) {
      start += encoder_.token(ids_.data()[i]).size() - (i == 0 && encoder_.leads(view));
    }
    break;
  }
  start = ceil_char(text_, start);
  const auto good = [&](size_t pos) -> bool {
    if (pos <= lowest) return false;
    if (trim) pos = trimmed_start(text_, pos);
    return pos < end && encoder_.within(text_.substr(pos, end - pos), limit, scratch_).has_value();
  };
  for (size_t pos = start; pos < end; pos = ceil_char(text_, pos + 1)) {
    if (is_word_border(text_, pos) && good(pos)) return pos;
  }
  for (size_t pos = start; pos < end; pos = ceil_char(text_, pos + 1)) {
    if (graphemes_.at(pos) && good(pos)) return pos;
  }
  return end;
}

}  // namespace tokenkit
