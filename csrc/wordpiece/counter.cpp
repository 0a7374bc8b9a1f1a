#include "wordpiece/counter.hpp"

#include "text/utf8.hpp"

namespace tokenkit {

// Takes what belongs to the open word; returns its length.
size_t WordCounter::go_on(std::string_view part) {
  const auto* s = reinterpret_cast<const uint8_t*>(part.data());
  size_t pos = 0;
  while (pos < part.size()) {
    uint32_t cp;
    const size_t size = decode(s + pos, s + part.size(), &cp);
    const bert::Kind kind = words_->kinds().of(cp);
    if (kind == bert::Kind::kSpace || kind == bert::Kind::kMark) break;
    open_.push(cp);
    pos += size;
  }
  return pos;
}

void WordCounter::close() {
  open_.finish();
  closed_ += words_->count_normal(open_);
  open_.clear();
}

void WordCounter::update(std::string_view part) {
  part.remove_prefix(go_on(part));
  if (part.empty()) return;
  close();
  const size_t settled = words_->settled_prefix(part);
  closed_ += words_->count(part.substr(0, settled), nullptr, *WordPiece::Lease(*words_));
  go_on(part.substr(settled));
}

size_t WordCounter::total(std::string_view more) const {
  WordCounter whole(*this);
  whole.update(more);
  whole.close();
  return whole.closed_;
}

}  // namespace tokenkit
