#include "chunk/cuts.hpp"

#include <algorithm>

namespace tokenkit {

Cuts::Cuts(const MeasuredText& measured)
    : measured_(measured),
      options_(measured.options()),
      filler_(measured.encoder(), measured.text(), measured.scratch()),
      before_(measured.borders().size(), kNoCut) {}

// The first border from which on the text up to `border` is not more than the overlap asked for;
// `border` itself if there is none.
uint32_t Cuts::overlapping(uint32_t border) const {
  const std::vector<Border>& borders = measured_.borders();
  const uint32_t upto = borders[border].upto;
  const uint32_t least = upto > options_.overlap ? upto - options_.overlap : 0;
  const uint32_t stop = std::max(border, 1u);
  uint32_t at = static_cast<uint32_t>(
      std::partition_point(borders.begin() + std::min(first_start(border), stop),
                           borders.begin() + stop,
                           [&](const Border& o) { return o.from < least; }) -
      borders.begin());
  const size_t end = end_at(border);
  const auto tokens_from = [&](uint32_t b) {
    return measured_.count(measured_.trimmed_start(borders[b].pos), end);
  };
  while (at < border && tokens_from(at) > options_.overlap) ++at;
  return std::min(at, border);
}

size_t Cuts::start_after(Cut cut) {
  const size_t pos = pos_of(cut);
  if (!overlaps(cut)) return measured_.trimmed_start(pos);
  if (cut == 0) return options_.from.start;
  size_t lowest = 0;
  if (const Forced* full = forced(cut)) {
    lowest = full->lowest;
  } else {
    const uint32_t at = overlapping(cut);
    if (at != cut) return measured_.trimmed_start(measured_.borders()[at].pos);
    lowest = measured_.borders()[cut - 1].pos;
    if (cut < starts_.size()) lowest = std::max<size_t>(lowest, starts_[cut]);
  }
  const size_t end = end_at(cut);
  const size_t start = filler_.fill_back(lowest, end, options_.overlap, options_.trim);
  return measured_.trimmed_start(start < end ? start : pos);
}

Opening Cuts::opening(Cut cut) {
  if ((cut & kForced) != 0) return measured_.opening_inside(start_after(cut));
  if (cut == 0 && options_.from.start != 0) return measured_.opening_inside(start_after(cut));
  if (!overlaps(cut)) return measured_.opening_at(cut);
  const uint32_t at = overlapping(cut);
  return at == cut ? measured_.opening_inside(start_after(cut)) : measured_.opening_at(at);
}

// Full also when it is trimmed.
size_t Cuts::fill(size_t start, size_t stop) {
  for (;;) {
    const size_t end = filler_.fill(options_.prefix, start, stop, options_.limit, options_.room);
    const size_t trimmed = measured_.trimmed_end(end);
    if (trimmed == end || trimmed <= start || text_fits(start, trimmed)) return end;
    stop = trimmed;
  }
}

Cut Cuts::fill_from(Cut cut, size_t stop) {
  size_t start = start_after(cut);
  size_t end = fill(start, stop);
  if (measured_.trimmed_end(end) <= end_at(cut) && overlaps(cut)) {
    drop_overlap(cut);
    start = start_after(cut);
    end = fill(start, stop);
  }
  if (end <= start) {
    failed_at_ = start;
    return kNoCut;
  }
  forced_.push_back({end, cut, start, options_.trim ? 0 : filler_.tokens()});
  return kForced | static_cast<Cut>(forced_.size() - 1);
}

std::vector<Cut> Cuts::path_to(Cut cut) const {
  std::vector<Cut> path;
  while (cut != 0) {
    path.push_back(cut);
    const Forced* full = forced(cut);
    cut = full != nullptr ? full->before : before_[cut];
  }
  path.push_back(0);
  std::reverse(path.begin(), path.end());
  return path;
}

}  // namespace tokenkit
