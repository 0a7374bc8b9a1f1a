#include "encode/counter.hpp"

#include <algorithm>

#include "bpe/leave.hpp"
#include "scan/families.hpp"
#include "text/utf8.hpp"

namespace tokenkit {
namespace {

// Where more text than this is open behind a point, the tokens behind it are followed.
constexpr size_t kLongPiece = 256;
static_assert(kLongPiece > kPointBytes + kLookAhead + kMayChange);
// Parts are scanned once this much has come, or when the total is asked for.
constexpr size_t kSettleBytes = 4096;
// As much of a part is taken in at once.
constexpr size_t kSliceBytes = size_t{64} << 10;

struct MemoView {
  RunMemo* memo;

  bool resume(size_t i, uint32_t loop, RunState* r) const { return memo->resume(i, loop, r); }
  void save(size_t i, uint32_t loop, const RunState& r) const {
    if (r.end - i >= kLongLoop) memo->save(i, loop, r);
  }
};

using OpenScan = Scan<MemoView, OpenBytes>;

OpenScan open_scan(const OpenText& text, RunMemo& memo) {
  return OpenScan(OpenBytes{&text}, text.end(), MemoView{&memo});
}

template <class Family>
void scan_all(const OpenText& text, size_t start, RunMemo& memo, std::vector<size_t>& ends) {
  const OpenScan t = open_scan(text, memo);
  for (size_t before = start; start < t.n; ends.push_back(start)) {
    memo.forget(before);  // the last two pieces may be open
    before = start;
    start = Family::piece(t, start);
  }
}

}  // namespace

StreamCounter::StreamCounter(const Encoder& encoder, size_t held)
    : encoder_(&encoder), held_(held) {
  if (!encoder.reading().added.empty()) {
    throw Error(ErrorKind::kValue, "added tokens: a stream counter finds none in its parts");
  }
}

void StreamCounter::update(std::string_view part) {
  if (text_.end() == 0 && encoder_->leads(part)) text_.append(" ");
  while (!part.empty()) {
    const size_t size = floor_char(part, kSliceBytes);
    text_.append(part.substr(0, size));
    unscanned_ += size;
    part.remove_prefix(size);
    if (unscanned_ >= kSettleBytes) settle();
  }
}

// Ends of the pieces from base_ on, as if the text ended here.
void StreamCounter::scan(std::vector<size_t>& ends) {
  const Family family = encoder_->family();
  if (family == Family::kCustom) {
    throw Error(ErrorKind::kValue, "a custom pattern has no stream counter of its own");
  }
  visit(family, [&](auto f) { scan_all<decltype(f)>(text_, base_, memo_, ends); });
}

// Counts and forgets the pieces that more text cannot change.
void StreamCounter::settle() {
  std::vector<size_t> ends;
  scan(ends);
  unscanned_ = 0;
  size_t final = 0;
  while (final + 1 < ends.size() && ends[final + 1] + kLookAhead <= text_.end()) ++final;
  settled_total_ += count(ends, final);
  if (final != 0) base_ = ends[final - 1];
  memo_.forget(base_);
  follow(ends, final);
  drop();
}

// The tokens of the first n pieces from base_ on.
size_t StreamCounter::count(const std::vector<size_t>& ends, size_t n) {
  if (n == 0) return 0;
  Encoder::Lease scratch(*encoder_);
  std::vector<size_t> relative;  // ends of pieces that are not followed, from text_.begin() on
  size_t total = 0;
  size_t start = base_;
  for (size_t i = 0; i < n;) {
    if (Track* track = find_track(start)) {
      total += tracked(*track, ends[i]);
      start = ends[i++];
      continue;
    }
    relative.clear();
    const size_t first = start - text_.begin();
    do {
      start = ends[i++];
      relative.push_back(start - text_.begin());
    } while (i < n && find_track(start) == nullptr);
    total += encoder_->count_pieces(text_.from(text_.begin()), first, relative.data(),
                                    relative.size(), *scratch);
  }
  return total;
}

StreamCounter::Track* StreamCounter::find_track(size_t start) {
  for (Track& track : tracks_) {
    if (track.start == start) return &track;
  }
  return nullptr;
}

const GrowingCount::Result* StreamCounter::known_at(const Track& track, size_t end) {
  for (const auto& [place, result] : track.at) {
    if (place == end) return &result;
  }
  return nullptr;
}

// The tokens of a piece that is followed. Throws Error(kVocabulary) if it has a byte without one.
size_t StreamCounter::tracked(Track& track, size_t end) {
  const GrowingCount::Result* known = known_at(track, end);
  const GrowingCount::Result result = known != nullptr ? *known : run(track, end);
  if (result.lacking != kNone) refuse_lacking(encoder_->vocab(), result.lacking);
  return result.tokens;
}

GrowingCount::Result StreamCounter::run(Track& track, size_t end) {
  const uint8_t* p = text_.at(track.from());
  if (track.count.from() == 0 && encoder_->vocab().find(p, end - track.start) != kNone) {
    return {1, kNone};
  }
  if (end <= track.from()) {
    throw Error(ErrorKind::kValue, "the counter needs tokens that it added up; this is a bug");
  }
  return track.count.run(encoder_->vocab(), p, end - track.from());
}

// Follows the open pieces, of which those before the end of the text end at `ends` from `first` on:
// one track for each place at which one starts, or may start, that is not near the end.
void StreamCounter::follow(const std::vector<size_t>& ends, size_t first) {
  points_.clear();
  if (text_.end() - base_ <= kLongPiece) return tracks_.clear();
  const size_t near = text_.end() - kLongPiece;  // later places are not looked at yet
  points_.push_back(base_);
  points_.insert(points_.end(), ends.begin() + static_cast<ptrdiff_t>(first), ends.end());
  memo_.notes(points_);
  std::sort(points_.begin(), points_.end());
  points_.erase(std::unique(points_.begin(), points_.end()), points_.end());
  std::erase_if(points_, [&](size_t p) { return p < base_ || p >= near; });
  // A piece that may start at a note, but does not yet, has loops to remember, too.
  visit(encoder_->family(), [&](auto f) {
    for (size_t p : points_) decltype(f)::piece(open_scan(text_, memo_), p);
  });
  const auto is_point = [&](size_t p) {
    return std::binary_search(points_.begin(), points_.end(), p);
  };
  std::erase_if(tracks_, [&](const Track& track) { return !is_point(track.start); });
  for (size_t i = 0; i < points_.size(); ++i) {
    Track* track = find_track(points_[i]);
    if (track == nullptr) {
      tracks_.push_back({points_[i], GrowingCount(held_), {}});
      track = &tracks_.back();
    }
    std::erase_if(track->at, [&](const auto& known) { return !is_point(known.first); });
    for (size_t k = i + 1; k < points_.size(); ++k) {
      if (known_at(*track, points_[k]) != nullptr) continue;
      track->at.emplace_back(points_[k], run(*track, points_[k]));
    }
    const size_t from = track->from();
    if (near <= from) continue;
    run(*track, near);
    track->count.settle(encoder_->vocab(), text_.at(from), near - from);
  }
}

// Drops the text that is no longer needed.
void StreamCounter::drop() {
  size_t begin = base_;
  if (!tracks_.empty()) {
    begin = text_.end() - kLongPiece;
    for (const Track& track : tracks_) begin = std::min(begin, track.from());
    memo_.ends(points_);
  }
  text_.drop(begin, points_);
}

size_t StreamCounter::total(std::string_view more) {
  if (!more.empty()) {
    StreamCounter asked(*this);
    asked.update(more);
    return asked.total();
  }
  settle();
  std::vector<size_t> ends;
  scan(ends);
  return settled_total_ + count(ends, ends.size());
}

}  // namespace tokenkit
