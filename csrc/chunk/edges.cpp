#include "chunk/edges.hpp"

#include <algorithm>
#include <string>

#include "bpe/cut.hpp"
#include "chunk/borders.hpp"
#include "scan/families.hpp"
#include "text/unicode.hpp"
#include "text/utf8.hpp"

namespace tokenkit {
namespace {

constexpr size_t kBlock = 256;

// A border that takes more than this many bytes to measure is none: it stands inside a long run of
// line ends or signs. The same holds if no anchor is so near: see is_anchor().
constexpr size_t kMaxRecount = 4096;
static_assert(kEdgeView >= kMaxRecount + 2 * (kLookAhead + AddedTokens::kMostBytes));

// The most frequent case of the next one: a blank behind a visible character of ASCII.
bool between_words(std::string_view text, size_t pos) {
  return text[pos] == ' ' && static_cast<uint8_t>(text[pos - 1] - 0x21) < 0x5E;
}

// Does the text before a piece start at `pos` have the same pieces when it ends there? True says
// so for certain, whatever else stands around it.
bool ends_clean(Family family, std::string_view text, size_t pos) {
  if (visit(family, [](auto f) { return f.kUnsplit; })) return true;
  const uint8_t before = static_cast<uint8_t>(text[pos - 1]);
  const uint8_t after = static_cast<uint8_t>(text[pos]);
  const bool newline_after = after == '\n' || after == '\r';
  if (before < 0x80 && !is_ascii_space(before)) return is_ascii_space(after) && !newline_after;
  if (before >= 0x80) {
    if (!is_ascii_space(after) || newline_after) return false;
    uint32_t cp;
    const auto* s = reinterpret_cast<const uint8_t*>(text.data());
    decode_before(s, s + pos, &cp);
    return !is_space(char_class(cp));
  }
  if ((before != '\n' && before != '\r') || newline_after) return false;
  return visit(family, [&](auto f) { return f.ends_clean(text, pos); });
}

// Might long white space follow a line end before `pos`?
bool is_blank_tail(std::string_view text, size_t pos) {
  if (text[pos - 1] != '\n' && text[pos - 1] != '\r') return false;
  const std::string_view tail = text.substr(pos, 64);
  const auto words = std::find_if_not(
      tail.begin(), tail.end(), [](char c) { return is_ascii_space(static_cast<uint8_t>(c)); });
  return words == tail.end() || static_cast<uint8_t>(*words) >= 0x80;
}

}  // namespace

EdgeCounter::EdgeCounter(const Encoder& encoder, std::string_view text, bool headless,
                         Scratch& scratch)
    : encoder_(encoder),
      text_(text),
      headless_(headless),
      scratch_(scratch),
      look_ahead_(kLookAhead + encoder.reading().added.longest()),
      segmented_(encoder.vocab().cuttable() &&
                 visit(encoder.family(), [](auto f) { return f.kUnsplit; })) {}

// Does a piece start at `pos` for every reader that starts before it?
bool EdgeCounter::is_anchor(size_t pos) const {
  const auto* s = reinterpret_cast<const uint8_t*>(text_.data());
  Seen before, after;
  decode_before(s, s + pos, &before.cp);
  decode(s + pos, s + text_.size(), &after.cp);
  before.kind = char_class(before.cp);
  after.kind = char_class(after.cp);
  return (visit(encoder_.family(), [&](auto f) { return f.anchors_at(before, after); }) ||
          (segmented_ && cuts_at(encoder_.vocab(), text_, pos))) &&
         !encoder_.reading().added.cross(text_, pos);
}

// Is there an anchor shortly before `pos`? Then all readings of the text agree from there on, and
// so does what is said of a border, wherever they began. Places ascend.
bool EdgeCounter::anchored(size_t pos) {
  for (size_t at = pos; at > asked_;) {
    at = floor_char(text_, at - 1);
    if (at == 0 ? !headless_ : is_anchor(at)) {
      anchor_ = at;
      break;
    }
    if (pos - at > kMaxRecount) {
      anchor_ = kNone;
      break;
    }
  }
  asked_ = std::max(asked_, pos);
  return pos == 0 ? !headless_ : anchor_ != kNone && pos - anchor_ <= kMaxRecount;
}

// As a scanner does. Texts that no pattern splits are read in segments that no token crosses:
// their pieces, words of a language without spaces say, may be as long as they are.
size_t EdgeCounter::scan(std::string_view text, size_t pos, size_t* ends, size_t capacity) const {
  if (!segmented_) return encoder_.scan(text, pos, ends, capacity);
  const size_t longest = encoder_.reading().added.longest();
  // Not all of a piece is looked at for the end of its first segments.
  for (size_t window = 16 * capacity + 64;; window *= 4) {
    const size_t stop = window < text.size() - pos ? floor_char(text, pos + window) : text.size();
    size_t count = scan_segments(text, pos, stop, ends, capacity);
    if (stop == text.size()) return count;
    if (count != 0 && ends[count - 1] == stop) --count;              // it may go on
    while (count != 0 && ends[count - 1] + longest > stop) --count;  // an added token may be there
    if (count != 0) return count;
  }
}

size_t EdgeCounter::scan_segments(std::string_view text, size_t pos, size_t stop, size_t* ends,
                                  size_t capacity) const {
  constexpr size_t kPieces = 64;
  size_t pieces[kPieces];
  size_t count = 0;
  for (size_t from = pos; count < capacity && from < stop;) {
    // Each has a segment at least.
    const size_t n =
        encoder_.scan(text.substr(0, stop), from, pieces, std::min(capacity - count, kPieces));
    for (size_t i = 0; i < n && count < capacity; from = ends[count - 1], ++i) {
      if (encoder_.is_added(text.substr(from, pieces[i] - from))) {
        ends[count++] = pieces[i];
      } else {
        count += cut_piece(encoder_.vocab(), text, from, pieces[i], ends + count, capacity - count);
      }
    }
  }
  return count;
}

size_t EdgeCounter::next_piece(std::string_view text, size_t pos) const {
  size_t end = pos;
  scan(text, pos, &end, 1);
  return end;
}

// Tokens of the text that ends at `pos`, from the past pieces that it certainly shares.
bool EdgeCounter::measure_end(size_t pos, size_t* upto, size_t* settled) {
  // A piece is certain if the next one ends look_ahead_ before the end.
  size_t k = past_count_ - 1;
  const size_t oldest = past_count_ > kPast ? past_count_ - kPast : 0;
  auto past = [&](size_t i) -> const Past& { return past_[i % kPast]; };
  const auto is_open = [&] {
    return k + 1 >= past_count_ || past(k + 1).start + look_ahead_ > pos;
  };
  while (k > oldest && is_open()) --k;
  if (k != 0 && is_open()) return false;  // long white space in many segments
  if (!anchored(pos)) return false;
  if (pos - past(k).start > kMaxRecount) {  // a long piece, and the anchor is behind it
    for (++k; k < past_count_ && !is_anchor(past(k).start);) ++k;
    if (k == past_count_) return false;
  }
  size_t from = past(k).start;
  *settled = from;
  size_t total = past(k).total;
  const std::string_view head = text_.substr(0, pos);
  bool same = true;
  while (from < pos) {
    size_t end = next_piece(head, from);
    total += encoder_.count_pieces(text_, from, &end, 1, scratch_);
    same = same && k + 1 < past_count_ && past(k + 1).start == end;
    if (same) {
      ++k;
      *settled = end;
    }
    from = end;
  }
  *upto = total;
  return true;
}

Start EdgeCounter::start_at(std::string_view own_prefix, size_t pos, size_t known,
                            size_t total) const {
  std::string led;
  std::string_view prefix = own_prefix;
  if (prefix.empty() ? leads(pos) : encoder_.leads(prefix)) {
    led.assign(" ").append(prefix);
    prefix = led;
  }
  // What is read is the prefix and a window of the text, which is widened when it is too narrow.
  std::string joined;
  for (size_t window = own_prefix.empty() ? 192 : 512;; window *= 4) {
    const size_t stop = std::min(text_.size(), std::max(known, pos) + window);
    std::string_view view = text_;
    size_t shift = 0;  // offset in the view = offset in the text + shift
    size_t mine = pos;
    if (!prefix.empty()) {
      joined.assign(prefix);
      joined += text_.substr(pos, stop - pos);
      view = joined;
      shift = prefix.size() - pos;
      mine = 0;
    }
    size_t theirs = known;
    size_t my_total = 0;
    size_t their_total = total;
    bool narrow = false;
    for (;;) {
      const size_t here = mine - (prefix.empty() ? 0 : shift);
      const bool inside = prefix.empty() || mine >= prefix.size();
      if (inside && here == theirs) {
        return {static_cast<uint32_t>(their_total - my_total), static_cast<uint32_t>(theirs)};
      }
      if (inside && here > theirs) {
        size_t end = next_piece(text_, theirs);
        their_total += encoder_.count_pieces(text_, theirs, &end, 1, scratch_);
        theirs = end;
      } else {
        size_t end = next_piece(view, mine);
        // Near the end of the window a piece may be cut short.
        if (!prefix.empty() && stop < text_.size() && end + look_ahead_ + 64 > view.size()) {
          narrow = true;
          break;
        }
        my_total += encoder_.count_pieces(view, mine, &end, 1, scratch_);
        mine = end;
      }
    }
    if (!narrow) break;
  }
  return {static_cast<uint32_t>(total), static_cast<uint32_t>(known)};
}

size_t EdgeCounter::tokens_to(size_t pos, size_t sync) const {
  if (leads(pos)) return encoder_.count(text_.substr(pos, sync - pos), nullptr, scratch_);
  size_t total = 0;
  for (size_t end = pos; pos < sync; pos = end) {
    end = next_piece(text_, pos);
    total += encoder_.count_pieces(text_, pos, &end, 1, scratch_);
  }
  return total;
}

// One run of measure(): goes through the pieces of the text and the borders side by side. Borders
// that stay are moved to the front of the list.
class EdgeCounter::Run {
 public:
  Run(EdgeCounter& counter, std::vector<Border>& borders, bool trim)
      : counter_(counter),
        text_(counter.text_),
        family_(counter.encoder_.family()),
        borders_(borders),
        trim_(trim) {}

  std::vector<Edge> run() {
    size_t ends[kBlock];
    uint32_t counts[kBlock];
    if (borders_[0].pos != 0) {  // the first one stands inside of the text, and is not measured
      borders_[0].unaligned = true;
      edges_.push_back({0, borders_[0].pos, borders_[0].pos});
      next_ = kept_ = 1;
    }
    for (size_t pos = 0; size_t n = counter_.scan(text_, pos, ends, kBlock); pos = ends[n - 1]) {
      counter_.encoder_.count_pieces(text_, pos, ends, n, counter_.scratch_, counts);
      pass(ends, counts, n);
    }
    counter_.total_ = total_;
    borders_.resize(kept_);
    return std::move(edges_);
  }

 private:
  // The next pieces, and the borders up to where they end: of each piece those inside it (or at the
  // start of the text), then that at its end.
  void pass(const size_t* ends, const uint32_t* counts, size_t n) {
    // These are not members, which any store might change.
    const Border* const borders = borders_.data();
    size_t start = start_, total = total_, next = next_;
    for (size_t i = 0; i < n; ++i) {
      const size_t end = ends[i];
      counter_.remember({start, total});
      start = end;
      total += counts[i];
      for (; borders[next].pos < end; ++next) measure(borders[next], end, total);
      if (borders[next].pos != end) continue;
      if (end < text_.size() && is_plain(end)) {
        keep_plain(borders[next], total);
      } else {
        measure_at_end(borders[next], total);
      }
      ++next;
    }
    start_ = start;
    total_ = total;
    next_ = next;
  }

  // A border at which both readings are the whole text's, for certain: most are.
  bool is_plain(size_t end) const {
    if (trim_ || counter_.leads(end)) return false;
    return between_words(text_, end) ||
           (ends_clean(family_, text_, end) && !is_blank_tail(text_, end));
  }

  void keep_plain(const Border& b, size_t total) {
    Border& kept = borders_[kept_++];
    kept = b;
    kept.from = kept.upto = static_cast<uint32_t>(total);
  }

  // A border at the end of a piece, with `total` tokens before it. The piece behind it is in sight,
  // too.
  void measure_at_end(const Border& b, size_t total) {
    counter_.remember({b.pos, total});
    measure(b, b.pos, total);
    --counter_.past_count_;
  }

  // Any border. `known` is the first piece start of the text at or behind it, with `total` tokens
  // before it.
  void measure(Border b, size_t known, size_t total) {
    const bool last = b.pos == text_.size();
    const size_t end = trim_ ? trimmed_end(text_, b.pos) : b.pos;
    const size_t words = skip_space(text_, b.pos);
    // A line end at the far end of long white space would make all of it one piece.
    if (b.pos != 0 && !last && std::max(words - b.pos, b.pos - end) > kMaxRecount) return;
    size_t upto = 0;
    size_t settled = 0;
    if (end == b.pos && end == known && (last || ends_clean(family_, text_, end))) {
      upto = total;
      settled = b.pos;
    } else if (!counter_.measure_end(end, &upto, &settled)) {
      if (!last) return;
      // The last border must stay: count what is not known.
      upto = kZeroTokens + counter_.encoder_.count_rest(text_.substr(0, end), counter_.scratch_);
      settled = 0;
    }
    const size_t begin = trim_ ? trimmed_start(text_, b.pos) : b.pos;
    if (!last && b.pos != 0 && known > begin + kMaxRecount) return;
    const Start at = start_of(b, begin, known, total);
    b.from = at.from;
    b.upto = static_cast<uint32_t>(upto);
    keep(b, settled, at.sync);
  }

  // How a chunk that starts at the border, at `begin`, is read.
  Start start_of(const Border& b, size_t begin, size_t known, size_t total) const {
    const bool led = counter_.leads(begin);
    if (b.pos == 0 && begin == 0 && !led) return {kZeroTokens, 0};
    const bool last = b.pos == text_.size();
    if (b.pos == 0 || (!last && (begin != known || led))) {
      return counter_.start_at({}, begin, known, total);
    }
    return {static_cast<uint32_t>(total), static_cast<uint32_t>(known)};
  }

  void keep(Border b, size_t settled, size_t sync) {
    b.unaligned = settled != b.pos || sync != b.pos;
    if (b.unaligned) {
      edges_.push_back({static_cast<uint32_t>(kept_), static_cast<uint32_t>(settled),
                        static_cast<uint32_t>(sync)});
    }
    borders_[kept_++] = b;
  }

  EdgeCounter& counter_;
  const std::string_view text_;
  const Family family_;
  std::vector<Border>& borders_;
  const bool trim_;
  std::vector<Edge> edges_;
  size_t next_ = 0;  // the border to be measured next
  size_t kept_ = 0;
  size_t start_ = 0;            // of the piece at hand
  size_t total_ = kZeroTokens;  // tokens before it
};

std::vector<Edge> EdgeCounter::measure(std::vector<Border>& borders, bool trim) {
  past_count_ = 0;
  return Run(*this, borders, trim).run();
}

}  // namespace tokenkit
