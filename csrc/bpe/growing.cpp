#include "bpe/growing.hpp"

#include <algorithm>

namespace tokenkit {
namespace {

// The first internal id among some ids, kNone if there is none.
uint32_t find_lacking(const Vocab& vocab, const uint32_t* ids, size_t n) {
  if (vocab.complete()) return kNone;
  const uint32_t* found =
      std::find_if(ids, ids + n, [&](uint32_t id) { return id >= vocab.public_ids(); });
  return found == ids + n ? kNone : *found;
}

}  // namespace

GrowingCount::Result GrowingCount::run(const Vocab& vocab, const uint8_t* p, size_t n) {
  Result result = before_;
  result.tokens += merger_.run(vocab, p, n);
  for (const auto* ids : {&merger_.settled(), &merger_.tail()}) {
    if (result.lacking == kNone) result.lacking = find_lacking(vocab, ids->data(), ids->size());
  }
  return result;
}

void GrowingCount::settle(const Vocab& vocab, const uint8_t* p, size_t n) {
  if (n < next_) return;
  const LongMerger::Border border = merger_.certain_border(vocab, p, n);
  if (border.offset == 0) {
    next_ = 2 * n;
    return;
  }
  if (before_.lacking == kNone) {
    before_.lacking = find_lacking(vocab, merger_.settled().data(), border.tokens);
  }
  before_.tokens += border.tokens;
  from_ += border.offset;
  next_ = held_ + (n - border.offset);
  merger_.clear();
}

}  // namespace tokenkit
