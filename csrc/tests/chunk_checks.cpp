#include "tests/chunk_checks.hpp"

#include <algorithm>
#include <vector>

#include "chunk/borders.hpp"
#include "chunk/edges.hpp"
#include "scan/families.hpp"
#include "tests/generators.hpp"
#include "text/grapheme.hpp"
#include "text/utf8.hpp"

namespace tokenkit::test {
namespace {

constexpr size_t kNothing = static_cast<size_t>(-1);

std::string at(const char* what, size_t place) {
  return std::string(what) + " at byte " + std::to_string(place);
}

std::string described(const ChunkOptions& o) {
  return " with format " + std::to_string(static_cast<int>(o.format)) + ", strategy " +
         std::to_string(static_cast<int>(o.strategy)) + ", limit " + std::to_string(o.limit) +
         ", overlap " + std::to_string(o.overlap) + ", min_tokens " + std::to_string(o.min_tokens) +
         (o.trim ? ", trim" : "") + (o.prefix.empty() ? "" : ", a prefix");
}

// Checks chunks one after the other, in time that is linear in their text.
class ChunkChecks {
 public:
  ChunkChecks(const Encoder& encoder, std::string_view text, const ChunkOptions& o,
              Scratch& scratch)
      : encoder_(encoder), text_(text), o_(o), scratch_(scratch), boundaries_(text) {}

  // Are the chunks within the limit, and do they follow each other as they should?
  std::string broken(const std::vector<ChunkSpan>& spans) {
    size_t reached = 0;
    for (size_t i = 0; i < spans.size(); ++i) {
      const ChunkSpan& c = spans[i];
      if (c.start >= c.end || c.end > text_.size()) return at("no chunk", c.start);
      if (!is_char_boundary(text_, c.start) || !is_char_boundary(text_, c.end)) {
        return at("a chunk inside a character", c.start);
      }
      if (count(c.start, c.end) != c.tokens) return at("a wrong count", c.start);
      if (c.tokens > o_.limit) return at("too many tokens", c.start);
      if (!o_.prefix.empty() && with_prefix(c.start, c.end) > o_.room)
        return at("no room", c.start);
      if (o_.overlap == 0 && !o_.trim && c.start != reached) return at("a gap", reached);
      if (!o_.trim && c.start > reached) return at("a gap", reached);
      reached = c.end;
      if (cuts_a_cluster(c.start)) return at("a cut cluster", c.start);
      if (cuts_a_cluster(c.end)) return at("a cut cluster", c.end);
      if (i + 1 == spans.size()) break;
      const ChunkSpan& next = spans[i + 1];
      if (next.start <= c.start || next.end <= c.end) return at("no progress", c.end);
      const size_t shared = next.start < c.end ? count(next.start, c.end) : 0;
      if (shared != c.overlap || shared > o_.overlap) return at("a wrong overlap", next.start);
    }
    return {};
  }

 private:
  size_t count(size_t start, size_t end) {
    return encoder_.count(text_.substr(start, end - start), nullptr, scratch_);
  }

  // The count of a slice behind the prefix.
  size_t with_prefix(size_t start, size_t end) {
    const std::string input =
        std::string(o_.prefix) + std::string(text_.substr(start, end - start));
    return encoder_.count(input, nullptr, scratch_);
  }

  // Is `pos` inside a cluster that a chunk could have held? The last cluster is kept: a long one
  // may be cut many times.
  bool cuts_a_cluster(size_t pos) {
    if (pos > cluster_start_ && pos < cluster_end_) return cluster_fits_;
    if (boundaries_.at(pos)) return false;
    cluster_start_ = floor_grapheme(text_, pos);
    cluster_end_ = next_grapheme(text_, cluster_start_);
    cluster_fits_ = count(cluster_start_, cluster_end_) <= o_.limit &&
                    with_prefix(cluster_start_, cluster_end_) <= o_.room;
    return cluster_fits_;
  }

  const Encoder& encoder_;
  std::string_view text_;
  const ChunkOptions& o_;
  Scratch& scratch_;
  GraphemeBoundaries boundaries_;
  size_t cluster_start_ = 0, cluster_end_ = 0;
  bool cluster_fits_ = false;
};

std::string broken_chunk(const Encoder& encoder, std::string_view text, const ChunkOptions& o,
                         const std::vector<ChunkSpan>& spans, Scratch& scratch) {
  return ChunkChecks(encoder, text, o, scratch).broken(spans);
}

bool same(const ChunkSpan& a, const ChunkSpan& b, size_t shift) {
  return a.start == b.start + shift && a.end == b.end + shift && a.tokens == b.tokens &&
         a.overlap == b.overlap && a.level == b.level;
}

}  // namespace

std::string chunk_sample(Random& random, uint32_t parts, uint32_t longest) {
  static const std::vector<std::string> words = {"one",
                                                 "Two",
                                                 "it's",
                                                 "}",
                                                 "{",
                                                 "//",
                                                 "/",
                                                 "1.",
                                                 "x,",
                                                 "End.",
                                                 "\xE3\x80\x82",
                                                 "\xE6\xBC\xA2\xE5\xAD\x97",
                                                 "\xEF\xBC\x8C",
                                                 "```",
                                                 "~~~~",
                                                 "# Head",
                                                 "|a|",
                                                 "\xC2\xA0",
                                                 "==",
                                                 "\xCC\x81",  // U+0301 joins what is before it
                                                 "\xD8\x85",  // U+0605 what is behind it
                                                 "J."};
  static const std::vector<std::string> joints = {
      " ", " ", " ", "\n", "\n\n", "\r\n", "\n ", " \n ", "  ", "", "\t", "\r", "\xE1\x9A\x80"};
  const auto one_of = [&](const std::vector<std::string>& all) {
    return all[random.below(static_cast<uint32_t>(all.size()))];
  };
  std::string text;
  for (uint32_t i = parts; i > 0; --i) {
    const std::string part = random.below(8) == 0 ? random_text(random, 2) : one_of(words);
    const std::string joint = one_of(joints);
    // Few runs, but some of them long.
    uint32_t times = random.below(40) == 0 ? random.below(random.below(20) == 0 ? longest : 40) : 1;
    for (; times > 0; --times) text += part;
    times = random.below(60) == 0 ? random.below(random.below(20) == 0 ? longest : 40) : 1;
    for (; times > 0; --times) text += joint;
  }
  return text;
}

ChunkOptions random_chunk_options(const Encoder& encoder, Random& random, std::string_view prefix) {
  Encoder::Lease scratch(encoder);
  ChunkOptions o;
  o.format = static_cast<Format>(random.below(5));
  o.strategy = static_cast<Strategy>(random.below(3));
  o.limit = 1 + random.below(random.below(2) == 0 ? 8 : 60);
  o.room = o.limit;
  const size_t used = encoder.count(prefix, nullptr, *scratch);
  if (used < o.room && random.below(4) == 0) o.prefix = prefix;
  const uint32_t free = o.limit - static_cast<uint32_t>(o.prefix.empty() ? 0 : used);
  o.overlap = random.below(2) == 0 ? 0 : random.below(free);
  o.min_tokens = random.below(3) == 0 ? o.limit / 2 : 0;
  o.weight = 0.05 * random.below(9);
  o.trim = random.below(3) == 0;
  o.ahead = 1000;
  return o;
}

std::string wrong_sum(const Encoder& encoder, std::string_view text, bool trim, long* slices) {
  if (text.empty()) return {};
  Encoder::Lease scratch(encoder);
  std::vector<Border> borders(1);
  std::vector<Heading> headings;
  LineState lines;
  find_borders(text, Format::kText, kNoSeparators, 0, text.size(), lines, borders, headings);
  Border end;
  end.pos = static_cast<uint32_t>(text.size());
  borders.push_back(end);
  EdgeCounter counter(encoder, text, false, *scratch);
  std::vector<Edge> edges;  // of all borders
  const std::vector<Edge> unaligned = counter.measure(borders, trim);
  for (size_t i = 0; i < borders.size(); ++i) {
    edges.push_back({static_cast<uint32_t>(i), borders[i].pos, borders[i].pos});
  }
  for (const Edge& e : unaligned) edges[e.border] = e;
  const auto wrong = [&](size_t a, size_t b) {
    const size_t start = trim ? trimmed_start(text, borders[a].pos) : borders[a].pos;
    const size_t stop = trim ? trimmed_end(text, borders[b].pos) : borders[b].pos;
    const size_t sync = edges[a].sync;
    if (sync + (sync == start ? 0 : counter.look_ahead()) > edges[b].settled || start >= stop)
      return false;
    ++*slices;
    return borders[b].upto - borders[a].from !=
           encoder.count(text.substr(start, stop - start), nullptr, *scratch);
  };
  // All near ones; of the others so few that each byte is counted a number of times that grows as
  // the logarithm of the text.
  constexpr size_t kNear = 8;
  for (size_t a = 0; a + 1 < borders.size(); ++a) {
    for (size_t step = 1; a + step < borders.size(); step += step < kNear ? 1 : step) {
      if (step > kNear && a % step != 0) break;
      if (wrong(a, a + step)) return at("a wrong sum", borders[a].pos);
    }
  }
  return {};
}

std::string broken_promise(const Encoder& encoder, std::string_view text, const ChunkOptions& o) {
  Encoder::Lease scratch(encoder);
  const Chunks chunks = chunk_text(encoder, text, o, *scratch);
  if (chunks.failed_at != kNothing) {
    return chunks.spans.empty() && chunks.needed > o.limit ? "" : "a failure without a reason";
  }
  const std::string fault = broken_chunk(encoder, text, o, chunks.spans, *scratch);
  if (!fault.empty()) return fault + described(o);
  if (o.trim || text.empty()) return {};
  return chunks.spans.back().end == text.size() ? "" : "the end is missing";
}

std::string differing_part(const Encoder& encoder, std::string_view text, const ChunkOptions& o,
                           Random& random) {
  Encoder::Lease scratch(encoder);
  const Chunks whole = chunk_text(encoder, text, o, *scratch);
  std::vector<ChunkSpan> spans;
  ChunkOptions part = o;
  size_t shift = 0;  // of the window
  const size_t least = 1 + random.below(random.below(2) == 0 ? 500 : 12000);
  size_t size = least;
  part.more = true;
  while (part.more) {
    // What is looked back at may be longer than a part.
    size_t end = ceil_char(text, shift + part.from.start + size + random.below(5000));
    part.more = end < text.size();
    const Chunks chunks = chunk_text(encoder, text.substr(shift, end - shift), part, *scratch);
    if (chunks.failed_at != kNothing) {
      return whole.failed_at == chunks.failed_at + shift ? "" : at("another failure", shift);
    }
    for (const ChunkSpan& c : chunks.spans) {
      if (o.strategy != Strategy::kOptimal && whole.failed_at == kNothing &&
          (spans.size() == whole.spans.size() || !same(whole.spans[spans.size()], c, shift))) {
        return at("another chunk", c.start + shift) + described(o);
      }
      spans.push_back(c);
      spans.back().start += shift;
      spans.back().end += shift;
    }
    if (chunks.spans.empty()) {
      size *= 2;
      continue;
    }
    size = least;
    if (!part.more) break;
    const Resume& rest = chunks.rest;
    part.from = rest;
    part.from.start -= rest.context;
    part.from.cut -= rest.context;
    shift += rest.context;
  }
  if (whole.failed_at != kNothing) return "no failure";
  if (o.strategy == Strategy::kOptimal) {
    return broken_chunk(encoder, text, o, spans, *scratch);
  }
  return spans.size() == whole.spans.size() ? "" : "chunks are missing";
}

}  // namespace tokenkit::test
