#include "encode/open_text.hpp"

#include <algorithm>
#include <utility>

#include "base/error.hpp"

namespace tokenkit {

const uint8_t* OpenText::kept(size_t offset) const {
  for (const Point& point : points_) {
    if (offset >= point.offset && offset - point.offset < point.bytes.size()) {
      return reinterpret_cast<const uint8_t*>(point.bytes.data()) + (offset - point.offset);
    }
  }
  throw Error(ErrorKind::kValue, "the counter dropped text that it needs; this is a bug");
}

void OpenText::drop(size_t begin, const std::vector<size_t>& points) {
  if (begin - begin_ <= text_.size() / 2) return;
  std::vector<Point> kept;
  for (size_t offset : points) {
    if (offset >= begin) continue;
    if (offset >= begin_) {
      kept.push_back({offset, std::string(from(offset).substr(0, kPointBytes))});
      continue;
    }
    for (const Point& point : points_) {
      if (point.offset == offset) kept.push_back(point);
    }
  }
  points_ = std::move(kept);
  text_.erase(0, begin - begin_);
  begin_ = begin;
}

bool RunMemo::resume(size_t start, uint32_t loop, RunState* state) const {
  for (const Entry& e : entries_) {
    if (e.loop == loop && e.start == start) {
      *state = e.state;
      return true;
    }
  }
  return false;
}

void RunMemo::save(size_t start, uint32_t loop, const RunState& state) {
  std::erase_if(entries_, [&](const Entry& e) {
    return e.start < least_ || (e.loop == loop && e.start == start);
  });
  entries_.push_back({start, loop, state});
}

void RunMemo::ends(std::vector<size_t>& out) const {
  for (const Entry& e : entries_) out.push_back(e.state.end);
}

void RunMemo::notes(std::vector<size_t>& out) const {
  for (const Entry& e : entries_) {
    if (e.state.note != 0) out.push_back(e.state.note);
  }
}

}  // namespace tokenkit
