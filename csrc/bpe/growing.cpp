#include "bpe/growing.hpp"

#include "bpe/leave.hpp"

namespace tokenkit {
GrowingCount::Result GrowingCount::run(const Vocab& vocab, const uint8_t* p, size_t n) {
  Result result = before_;
  merger_.run(vocab, p, n);
  for (const auto* ranks : {&merger_.settled(), &merger_.tail()}) {
    result.tokens += count_leaving(vocab, ranks->data(), ranks->size());
    if (result.lacking == kNone)
      result.lacking = first_lacking(vocab, ranks->data(), ranks->size());
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
  const uint32_t* ranks = merger_.settled().data();
  if (before_.lacking == kNone) before_.lacking = first_lacking(vocab, ranks, border.tokens);
  before_.tokens += count_leaving(vocab, ranks, border.tokens);
  from_ += border.offset;
  next_ = held_ + (n - border.offset);
  merger_.clear();
}

}  // namespace tokenkit
