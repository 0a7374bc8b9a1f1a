#include "encode/stepped_counter.hpp"

#include <algorithm>

#include "text/normal.hpp"
#include "text/utf8.hpp"

namespace tokenkit {

void SteppedCounter::update(std::string_view part) {
  open_ += part;
  take(false);
}

size_t SteppedCounter::total(std::string_view more) {
  const std::string rest = open_ + std::string(more);
  if (!coder_->find(rest, 0).found()) {
    std::string made;
    return ended_ + counter_.total(coder_->nfc() ? in_nfc(rest, made) : rest);
  }
  SteppedCounter other = *this;
  other.open_ += more;
  other.take(true);
  return other.ended_ + other.counter_.total();
}

void SteppedCounter::feed(std::string_view text) {
  std::string made;
  counter_.update(coder_->nfc() ? in_nfc(text, made) : text);
}

// Ends sections at the tokens that are certain, and leaves `searched_` where the next may start.
void SteppedCounter::end_sections(bool last) {
  size_t start = 0;
  while (true) {
    const SpecialTokens::Match match = coder_->find(open_, searched_);
    // Of one at the end, an earlier or a longer one may still come.
    if (!match.found() || (!last && match.start + coder_->longest() > open_.size())) {
      const size_t begun = last || coder_->longest() == 0 ? 0 : coder_->longest() - 1;
      const size_t sure = open_.size() - std::min(begun, open_.size());
      searched_ = std::max(searched_, floor_char(open_, sure));
      break;
    }
    feed(std::string_view(open_).substr(start, match.start - start));
    ended_ += counter_.total() + 1;
    counter_ = StreamCounter(coder_->encoder());
    const std::string& content = coder_->encoder().specials().tokens()[match.index].first;
    start = searched_ = match.start + content.size();
    marks_ = 0;
  }
  open_.erase(0, start);
  searched_ -= start;
}

void SteppedCounter::take(bool last) {
  end_sections(last);
  const std::string_view sure = std::string_view(open_).substr(0, searched_);
  size_t end = sure.size();
  if (coder_->nfc() && !last) {
    const size_t from = std::min(marks_, sure.size());
    const size_t safe = nfc_settled(sure.substr(from));
    end = safe == std::string_view::npos ? 0 : from + safe;
    marks_ = end == 0 ? sure.size() : 0;
  }
  if (end == 0) return;
  feed(sure.substr(0, end));
  open_.erase(0, end);
  searched_ -= end;
}

}  // namespace tokenkit
