#include "chunk/measured.hpp"

#include <algorithm>

namespace tokenkit {

MeasuredText::MeasuredText(const Encoder& encoder, std::string_view text,
                           const ChunkOptions& options, Scratch& scratch)
    : encoder_(encoder),
      text_(text),
      options_(options),
      scratch_(scratch),
      edge_counter_(encoder, text_, options.from.headless, scratch) {
  find();
  if (options_.strategy != Strategy::kToken)
    edges_ = edge_counter_.measure(borders_, options_.trim);
}

void MeasuredText::find() {
  const size_t start = options_.from.start;
  LineState lines = options_.from.lines;
  borders_.reserve((text_.size() - start) / 5 + 16);
  borders_.push_back(Border());
  borders_[0].pos = static_cast<uint32_t>(start);
  if (options_.strategy != Strategy::kToken || options_.format == Format::kMarkdown) {
    find_borders(text_, options_.format, options_.own_separators(), start, text_.size(), lines,
                 borders_, headings_);
  }
  if (options_.strategy == Strategy::kToken) borders_.resize(1);
  Border end;
  end.pos = static_cast<uint32_t>(text_.size());
  borders_.reserve(borders_.size() + 1);  // and no more
  borders_.push_back(end);
}

const Edge& MeasuredText::edge(uint32_t border) const {
  // Where a space is put before each chunk, all are unaligned.
  if (border < edges_.size() && edges_[border].border == border) return edges_[border];
  return *std::lower_bound(edges_.begin(), edges_.end(), border,
                           [](const Edge& e, uint32_t wanted) { return e.border < wanted; });
}

uint32_t MeasuredText::first_after(size_t pos) const {
  const auto after = std::upper_bound(borders_.begin(), borders_.end(), pos,
                                      [](size_t p, const Border& b) { return p < b.pos; });
  return std::min(static_cast<uint32_t>(after - borders_.begin()), last());
}

Opening MeasuredText::opening_at(uint32_t border) const {
  const Border& b = borders_[border];
  return opened(trimmed_start(b.pos), {b.from, sync_of(border)});
}

// The text is read from `pos` up to where the next border is known.
Opening MeasuredText::opening_inside(size_t pos) const {
  const uint32_t next = first_after(pos);
  size_t known = text_.size();
  size_t total = edge_counter_.total();
  if (next < last()) {
    known = sync_of(next);
    total = borders_[next].from + edge_counter_.tokens_to(trimmed_start(borders_[next].pos), known);
  }
  return opened(pos, edge_counter_.start_at({}, pos, known, total));
}

Opening MeasuredText::opened(size_t pos, Start at) const {
  Opening o{pos, at.from, at.sync, 0};
  int64_t reach = int64_t{at.from} + std::min(options_.limit, options_.room);
  if (!options_.prefix.empty()) {
    const size_t total = at.from + edge_counter_.tokens_to(pos, at.sync);
    const Start read = edge_counter_.start_at(options_.prefix, pos, at.sync, total);
    // The prefix counts, so this may be below zero.
    reach = std::min(int64_t{at.from} + options_.limit,
                     static_cast<int32_t>(read.from) + int64_t{options_.room});
    o.sync = std::max(o.sync, read.sync);
  }
  o.reach = static_cast<uint32_t>(std::clamp<int64_t>(reach, 0, 0xFFFFFFFFll));
  return o;
}

}  // namespace tokenkit
