#include "encode/truncate.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "text/grapheme.hpp"
#include "text/utf8.hpp"

namespace tokenkit {
namespace {

// Where a text may be split so that n of its ids stay. Its ids may be the first ones only, for
// heads. Not thread safe.
class Cuts {
 public:
  Cuts(const Encoder& encoder, std::string_view text, const IdSink& ids, const Truncation& how,
       Scratch& scratch)
      : encoder_(encoder), text_(text), how_(how), scratch_(scratch) {
    starts_.reserve(ids.size() + 1);
    size_t start = 0;
    for (size_t i = 0; i < ids.size(); ++i) {
      starts_.push_back(start);
      start += encoder.token(ids.data()[i]).size() - (i == 0 && encoder.leads(text));
    }
    starts_.push_back(start);
  }

  // The end of the longest head within the first n ids. The first cluster is split if it does not
  // fit by itself.
  size_t head(size_t n) const {
    const size_t end = floor_char(text_, starts_[n]);
    if (!how_.clusters) return end;
    // Whether clusters end there depends on one more character, and on what is before.
    const size_t border = floor_grapheme(text_.substr(0, ceil_char(text_, end + 1)), end);
    if (border > 0 || end == 0) return border;
    return fits_alone(0, ceil_grapheme(text_, end)) ? border : end;
  }

  // The start of the longest tail within the last n ids, as head().
  size_t tail(size_t n) const {
    const size_t start = ceil_char(text_, starts_[starts_.size() - 1 - n]);
    if (!how_.clusters) return start;
    const size_t border = ceil_grapheme(text_, start);
    if (border < text_.size() || start == border) return border;
    return fits_alone(floor_grapheme(text_, start), text_.size()) ? border : start;
  }

 private:
  bool fits_alone(size_t start, size_t end) const {
    return encoder_.fits(text_.substr(start, end - start), how_.max_tokens, scratch_);
  }

  const Encoder& encoder_;
  std::string_view text_;
  const Truncation& how_;
  Scratch& scratch_;
  std::vector<size_t> starts_;  // of the ids, and the end of the last one
};

// What may stay, and whether it does fit.
class Candidates {
 public:
  Candidates(const Encoder& encoder, std::string_view text, const Truncation& how, const Cuts& cuts,
             Scratch& scratch)
      : encoder_(encoder), text_(text), how_(how), cuts_(cuts), scratch_(scratch) {}

  Slices of(size_t n) const {
    if (how_.keep == Keep::kHead) return {cuts_.head(n), text_.size()};
    if (how_.keep == Keep::kTail) return {0, cuts_.tail(n)};
    return {cuts_.head(n - n / 2), cuts_.tail(n / 2)};
  }

  bool fit(Slices s) {
    std::string_view result = text_.substr(0, s.head);
    if (s.tail < text_.size() || !how_.marker.empty()) {
      joined_.assign(result);
      joined_ += how_.marker;
      joined_ += text_.substr(s.tail);
      result = joined_;
    }
    return encoder_.fits(result, how_.max_tokens, scratch_);
  }

 private:
  const Encoder& encoder_;
  std::string_view text_;
  const Truncation& how_;
  const Cuts& cuts_;
  Scratch& scratch_;
  std::string joined_;
};

// The candidate of n ids if it fits, else one of fewer; that of 0 ids always fits. Steps double
// until a candidate fits, then halve, so a logarithmic number of candidates is tried.
Slices longest(Candidates& candidates, size_t n) {
  size_t too_many = n + 1;
  Slices result = candidates.of(n);
  for (size_t step = 1; n > 0 && !candidates.fit(result); step *= 2) {
    too_many = n;
    n -= std::min(step, n);
    result = candidates.of(n);
  }
  while (too_many - n > 1) {
    const size_t middle = n + (too_many - n) / 2;
    const Slices attempt = candidates.of(middle);
    if (candidates.fit(attempt)) {
      n = middle;
      result = attempt;
    } else {
      too_many = middle;
    }
  }
  return result;
}

}  // namespace

std::optional<Slices> truncate(const Encoder& encoder, std::string_view text, const Truncation& how,
                               Scratch& scratch) {
  if (encoder.fits(text, how.max_tokens, scratch)) return std::nullopt;
  IdSink ids;
  if (how.keep == Keep::kHead) {
    encoder.encode_prefix(text, how.room, scratch, ids);
  } else {
    encoder.encode(text, nullptr, scratch, ids);
  }
  const Cuts cuts(encoder, text, ids, how, scratch);
  Candidates candidates(encoder, text, how, cuts, scratch);
  return longest(candidates, how.room);
}

}  // namespace tokenkit
