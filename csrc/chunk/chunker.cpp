#include "chunk/chunker.hpp"

#include <string>

#include "chunk/horizon.hpp"
#include "chunk/measured.hpp"
#include "chunk/partition.hpp"
#include "chunk/resume.hpp"
#include "chunk/spans.hpp"
#include "encode/batch.hpp"
#include "text/utf8.hpp"

namespace tokenkit {
namespace {

Cut partition(Cuts& cuts, const Horizon& horizon) {
  switch (cuts.measured().options().strategy) {
    case Strategy::kGreedy:
      return greedy_cuts(cuts, horizon);
    case Strategy::kToken:
      return token_cuts(cuts, horizon);
    default:
      return optimal_cuts(cuts);
  }
}

// Tokens that the character at `pos` needs, with the prefix and what `room` keeps back.
size_t needed(const MeasuredText& measured, size_t pos) {
  const ChunkOptions& options = measured.options();
  const std::string_view text = measured.text();
  const size_t end = ceil_char(text, pos + 1);
  if (options.prefix.empty() && options.room >= options.limit) return measured.count(pos, end);
  std::string joined(options.prefix);
  joined += text.substr(pos, end - pos);
  return measured.encoder().count(joined, nullptr, measured.scratch()) + options.limit -
         options.room;
}

void fail(const MeasuredText& measured, size_t pos, Chunks& out) {
  out.spans.clear();
  out.failed_at = pos;
  out.needed = needed(measured, pos);
}

// Keeps the chunks before a cut; the others wait for more text.
void keep_up_to(const Stop& stop, const Cuts& cuts, Chunks& out) {
  out.spans.resize(stop.spans);
  if (stop.spans == 0) return;  // all of the text waits
  const MeasuredText& measured = cuts.measured();
  const bool inside = stop.cut == 0 ? measured.options().from.inside : (stop.cut & kForced) != 0;
  out.rest = resume_after(measured, cuts.pos_of(stop.cut), inside, stop.start);
}

}  // namespace

Chunks chunk_text(const Encoder& any, std::string_view text, const ChunkOptions& options,
                  Scratch& scratch) {
  // A prefix may be the start of an added token, and the text its end.
  const Encoder& encoder = options.prefix.empty() ? any.reader_of(text) : any;
  if (text.size() >= kForced) throw Error(ErrorKind::kValue, "the text is 2 GB or more");
  Chunks out;
  out.rest = options.from;
  if (text.size() == options.from.start) return out;
  const Horizon horizon(text, options, encoder.max_token_size());
  const MeasuredText measured(encoder, text, options, scratch);
  Cuts cuts(measured);
  const Cut last = partition(cuts, horizon);
  const size_t failed_at = cuts.failed_at();
  if (failed_at != std::string_view::npos) {
    // Of a text that goes on, the character may not be all there.
    if (options.more && failed_at >= horizon.sure()) return out;
    out.headings = measured.headings();
    fail(measured, failed_at, out);
    return out;
  }
  out.headings = measured.headings();
  const std::optional<Stop> stop = make_spans(cuts, last, out);
  if (!stop) {
    fail(measured, out.failed_at, out);
  } else if (options.more) {
    keep_up_to(*stop, cuts, out);
  } else if (!out.spans.empty()) {
    out.spans.back().level = Level::kEnd;
  }
  return out;
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
