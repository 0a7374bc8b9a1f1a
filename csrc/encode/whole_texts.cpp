// The functions of Encoder for whole texts: what comes before the pieces.
#include <algorithm>
#include <string>

#include "bpe/cut.hpp"
#include "encode/encoder.hpp"
#include "encode/lookup.hpp"
#include "encode/segments.hpp"
#include "encode/split.hpp"
#include "scan/families.hpp"
#include "text/utf8.hpp"

namespace tokenkit {

// The text is searched for added tokens in windows, so that those far away are not looked for again
// and again.
size_t Encoder::scan_between(std::string_view text, size_t pos, size_t* ends,
                             size_t capacity) const {
  const AddedTokens& added = reading_.added;
  size_t n = 0;
  for (size_t window = 4 * capacity + 64; n < capacity && pos < text.size();) {
    const size_t stop = window < text.size() - pos ? pos + window : text.size();
    const SpecialTokens::Match match = added.find(text.substr(0, stop + added.longest()), pos);
    if (match.start == pos) {
      ends[n++] = pos += added.size_of(match.index);
      continue;
    }
    const bool found = match.found() && match.start < stop;
    size_t more = scan_(found ? text.substr(0, match.start) : text, pos, ends + n, capacity - n);
    // Behind the window a token may start, which the pieces before it would see.
    if (!found && stop < text.size()) {
      while (more != 0 && ends[n + more - 1] + kLookAhead > stop) --more;
    }
    if (more == 0) {
      window *= 4;
      continue;
    }
    n += more;
    pos = ends[n - 1];
  }
  return n;
}

void Encoder::piece_ends(std::string_view text, std::vector<size_t>& ends) const {
  size_t block[kBlock];
  for (size_t pos = 0; size_t n = scan(text, pos, block, kBlock); pos = block[n - 1]) {
    ends.insert(ends.end(), block, block + n);
  }
}

// A space, and the text up to the first place that no token crosses.
std::string Encoder::led_head(std::string_view text) const {
  size_t end = 0;
  scan_(text, 0, &end, 1);
  if (vocab_.cuttable()) cut_piece(vocab_, text, 0, end, &end, 1);
  std::string head(" ");
  head += text.substr(0, end);
  return head;
}

void Encoder::refuse_led() const {
  if (reading_.lead == Lead::kNowhere) return;
  throw Error(ErrorKind::kValue,
              "special tokens: expected none, as each text begins with a space that is not there");
}

// Calls take(ends, n) for the pieces from `pos` on, or their segments.
template <class Take>
void Encoder::scan_blocks(std::string_view text, size_t pos, const Take& take) const {
  size_t ends[kBlock];
  if (!segmented_) {
    for (; size_t n = scan_(text, pos, ends, kBlock); pos = ends[n - 1]) take(ends, n);
    return;
  }
  Segments segments;
  while (size_t n = segments.next(vocab_, scan_, text, pos, ends, kBlock)) {
    take(ends, n);
    pos = ends[n - 1];
  }
}

void Encoder::encode_from(std::string_view text, size_t pos, Scratch& scratch, IdSink& out) const {
  const AddedTokens& added = reading_.added;
  for (;;) {
    const SpecialTokens::Match match = added.find(text, pos);
    const std::string_view section = text.substr(0, match.start);
    if (is_fronted(section, pos, scratch)) {
      encode_fronted(section, pos, scratch, out);
      pos = section.size();
    }
    scan_blocks(section, pos, [&](const size_t* ends, size_t n) {
      encode_plain(section, pos, ends, n, scratch, out);
      pos = ends[n - 1];
    });
    if (!match.found()) break;
    out.push(added.id_at(match.index));
    pos = match.start + added.size_of(match.index);
  }
}

void Encoder::encode_rest(std::string_view text, Scratch& scratch, IdSink& out) const {
  out.reserve(text.size() / 4 + 16);
  encode_from(text, 0, scratch, out);
}

void Encoder::encode(std::string_view text, const SpecialSet* allowed, Scratch& scratch,
                     IdSink& out) const {
  if (allowed != nullptr) refuse_led();
  size_t pos = 0;
  while (allowed != nullptr) {
    SpecialTokens::Match match = specials_.find(text, pos, *allowed);
    if (!match.found()) break;
    const auto& [token, id] = specials_.tokens()[match.index];
    encode_rest(text.substr(pos, match.start - pos), scratch, out);
    out.push(id);
    pos = match.start + token.size();
  }
  if (!leads(text)) return encode_rest(text.substr(pos), scratch, out);
  out.reserve(text.size() / 4 + 16);
  const std::string head = led_head(text);
  const size_t end = head.size();
  encode_pieces(head, 0, &end, 1, scratch, out);
  encode_from(text, end - 1, scratch, out);
}

void Encoder::encode_prefix(std::string_view text, size_t max_ids, Scratch& scratch,
                            IdSink& out) const {
  size_t target = out.size() + max_ids;
  size_t ends[kBlock];
  size_t pos = 0;
  if (out.size() < target && leads(text)) {
    const std::string head = led_head(text);
    const size_t end = head.size();
    encode_pieces(head, 0, &end, 1, scratch, out);
    pos = end - 1;
  }
  // The scanner looks at the whole text, so the pieces are those of the whole.
  while (out.size() < target) {
    size_t n = scan(text, pos, ends, kBlock);
    if (n == 0) return;
    encode_pieces(text, pos, ends, n, scratch, out);
    pos = ends[n - 1];
  }
}

size_t Encoder::count_from(std::string_view text, size_t pos, Scratch& scratch) const {
  const AddedTokens& added = reading_.added;
  size_t total = 0;
  for (;;) {
    const SpecialTokens::Match match = added.find(text, pos);
    const std::string_view section = text.substr(0, match.start);
    if (is_fronted(section, pos, scratch)) {
      total += count_fronted(section, pos, scratch);
      pos = section.size();
    }
    scan_blocks(section, pos, [&](const size_t* ends, size_t n) {
      total += count_plain(section, pos, ends, n, scratch);
      pos = ends[n - 1];
    });
    if (!match.found()) return total;
    ++total;
    pos = match.start + added.size_of(match.index);
  }
}

size_t Encoder::count_rest(std::string_view text, Scratch& scratch) const {
  return count_from(text, 0, scratch);
}

size_t Encoder::count(std::string_view text, const SpecialSet* allowed, Scratch& scratch) const {
  if (allowed != nullptr) refuse_led();
  size_t total = 0;
  size_t pos = 0;
  while (allowed != nullptr) {
    SpecialTokens::Match match = specials_.find(text, pos, *allowed);
    if (!match.found()) break;
    total += count_rest(text.substr(pos, match.start - pos), scratch) + 1;
    pos = match.start + specials_.tokens()[match.index].first.size();
  }
  if (!leads(text)) return total + count_rest(text.substr(pos), scratch);
  const std::string head = led_head(text);
  const size_t end = head.size();
  return count_pieces(head, 0, &end, 1, scratch) + count_from(text, end - 1, scratch);
}

std::optional<size_t> Encoder::within_from(std::string_view text, size_t pos, size_t total,
                                           size_t limit, Scratch& scratch) const {
  // A piece has at least this many tokens for its bytes; that spares merging a piece that cannot
  // fit.
  const auto at_least = [&](size_t bytes) {
    return (bytes + max_token_size() - 1) / max_token_size();
  };
  size_t ends[kBlock];
  while (size_t n = scan(text, pos, ends, kBlock)) {
    if (total + at_least(ends[n - 1] - pos) > limit) return std::nullopt;
    total += count_pieces(text, pos, ends, n, scratch);
    if (total > limit) return std::nullopt;
    pos = ends[n - 1];
  }
  return total;
}

std::optional<size_t> Encoder::within_rest(std::string_view text, size_t limit,
                                           Scratch& scratch) const {
  return within_from(text, 0, 0, limit, scratch);
}

std::optional<size_t> Encoder::within(std::string_view text, size_t limit, Scratch& scratch) const {
  if (!leads(text)) return within_rest(text, limit, scratch);
  const std::string head = led_head(text);
  const size_t end = head.size();
  if (end / max_token_size() > limit) return std::nullopt;  // for certain; nothing need be merged
  const size_t total = count_pieces(head, 0, &end, 1, scratch);
  if (total > limit) return std::nullopt;
  return within_from(text, end - 1, total, limit, scratch);
}

bool Encoder::fits(std::string_view text, size_t limit, Scratch& scratch) const {
  // A token has a byte at least; but a byte that the vocabulary lacks is an error, also here.
  if (text.size() + leads(text) <= limit && vocab_.complete()) return true;
  return within(text, limit, scratch).has_value();
}

size_t Encoder::settled(std::string_view text, size_t from) const {
  const AddedTokens& added = reading_.added;
  if (added.empty()) return from + settled_prefix(family_, text.substr(from));
  // An added token may go on behind the text.
  size_t end = text.size() < from + added.longest() ? from : text.size() - added.longest();
  for (end = floor_char(text, end); end > from;) {
    end = from + settled_prefix(family_, text.substr(from, end - from));
    if (end > from && !added.cross(text, end)) return end;
  }
  return from;
}

void Encoder::split(std::string_view text, size_t bytes, std::vector<size_t>& ends) const {
  std::vector<size_t> found;
  split_text(family_, text, bytes, found);
  for (size_t end : found) {
    if (!reading_.added.cross(text, end)) ends.push_back(end);
  }
}

}  // namespace tokenkit
