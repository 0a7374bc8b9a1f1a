#include "encode/counter.hpp"

#include <algorithm>

#include "scan/families.hpp"

namespace tokenkit {
namespace {

// Loops shorter than this are not worth a place in the memo.
constexpr size_t kLongLoop = 64;
// Pieces longer than this keep their merges while they are open.
constexpr size_t kLongPiece = 256;
// Parts are scanned once this much has come, or when the total is asked for.
constexpr size_t kSettleBytes = 4096;

// Hands the memo to a scanner whose text starts at `offset` of the stream.
struct MemoView {
  RunMemo* memo = nullptr;
  size_t offset = 0;

  bool resume(size_t i, uint32_t loop, RunState* r) const {
    if (!memo->resume(offset + i, loop, r)) return false;
    r->end -= offset;
    r->last -= offset;
    if (r->note != 0) r->note -= offset;
    return true;
  }
  void save(size_t i, uint32_t loop, const RunState& r) const {
    if (r.end - i < kLongLoop) return;
    RunState absolute{r.end + offset, r.note == 0 ? 0 : r.note + offset, r.last + offset};
    memo->save(offset + i, loop, absolute);
  }
};

template <class Family>
void scan_all(std::string_view text, const MemoView& memo, std::vector<size_t>& ends) {
  Scan<MemoView> t(text, memo);
  for (size_t i = 0; i < t.n;) {
    i = Family::piece(t, i);
    ends.push_back(i);
  }
}

}  // namespace

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
  for (Entry& e : entries_) {
    if (e.loop == loop && e.start == start) {
      e.state = state;
      return;
    }
  }
  entries_[next_] = {start, loop, state};
  next_ = (next_ + 1) % entries_.size();
}

StreamCounter::StreamCounter(const Encoder& encoder) : encoder_(&encoder) {}

void StreamCounter::update(std::string_view part) {
  open_.append(part);
  unscanned_ += part.size();
  if (unscanned_ >= kSettleBytes) settle();
}

// Ends of the pieces of the open text as if it ended here, relative to base().
void StreamCounter::scan_open(std::vector<size_t>& ends) {
  std::string_view text = std::string_view(open_).substr(done_);
  MemoView memo{&memo_, base()};
  const Family family = encoder_->family();
  if (family == Family::kCustom) {
    throw Error(ErrorKind::kValue, "a custom pattern has no stream counter of its own");
  }
  visit(family, [&](auto f) { scan_all<decltype(f)>(text, memo, ends); });
}

// Counts and forgets the pieces that more text cannot change.
void StreamCounter::settle() {
  unscanned_ = 0;
  std::vector<size_t> ends;
  scan_open(ends);
  size_t size = open_.size() - done_;
  size_t final = 0;
  while (final + 1 < ends.size() && ends[final + 1] + kLookAhead <= size) ++final;
  if (final == 0) return;
  Encoder::Lease scratch(*encoder_);
  std::string_view text = std::string_view(open_).substr(done_);
  size_t start = 0;
  for (size_t i = 0; i < final; ++i) {
    // Long pieces may have their merges at hand; the others go through the piece tables together.
    if (ends[i] - start <= kLongPiece) {
      size_t first = i;
      size_t first_start = start;
      while (i < final && ends[i] - start <= kLongPiece) start = ends[i++];
      settled_total_ +=
          encoder_->count_pieces(text, first_start, ends.data() + first, i - first, *scratch);
      --i;
    } else {
      settled_total_ += count_open_piece(start, ends[i]);
      start = ends[i];
    }
  }
  done_ += start;
  if (done_ > open_.size() / 2) {
    stream_offset_ += done_;
    open_.erase(0, done_);
    done_ = 0;
  }
  for (LongPiece& piece : long_pieces_) {
    if (piece.used && piece.start < base()) piece = LongPiece();
  }
}

// The tokens of the long piece at [start, end) of the open text.
size_t StreamCounter::count_open_piece(size_t start, size_t end) {
  const auto* p = reinterpret_cast<const uint8_t*>(open_.data()) + done_ + start;
  size_t n = end - start;
  if (encoder_->vocab().find(p, n) != kNone) return 1;
  auto mine = [&](const LongPiece& piece) { return piece.used && piece.start == base() + start; };
  auto found = std::find_if(long_pieces_.begin(), long_pieces_.end(), mine);
  if (found == long_pieces_.end()) {
    found = long_pieces_.begin() + static_cast<ptrdiff_t>(next_long_);
    next_long_ = (next_long_ + 1) % long_pieces_.size();
    found->start = base() + start;
    found->used = true;
    found->merger.clear();
  }
  size_t count = found->merger.run(encoder_->vocab(), p, n);
  encoder_->check_ids(found->merger.settled().data(), found->merger.settled().size());
  encoder_->check_ids(found->merger.tail().data(), found->merger.tail().size());
  return count;
}

// The settled pieces and those of the open text, as if it ended here.
size_t StreamCounter::total_so_far() {
  std::vector<size_t> ends;
  scan_open(ends);
  Encoder::Lease scratch(*encoder_);
  std::string_view text = std::string_view(open_).substr(done_);
  size_t total = settled_total_;
  size_t start = 0;
  for (size_t end : ends) {
    if (end - start > kLongPiece) {
      total += count_open_piece(start, end);
    } else {
      total += encoder_->count_pieces(text, start, &end, 1, *scratch);
    }
    start = end;
  }
  return total;
}

size_t StreamCounter::total(std::string_view more) {
  settle();
  if (more.empty()) return total_so_far();
  struct Undo {  // forgets `more` again, also when it cannot be encoded
    StreamCounter& counter;
    const size_t size;
    const RunMemo memo;
    ~Undo() {
      counter.open_.resize(size);
      counter.memo_ = memo;
    }
  };
  const Undo undo{*this, open_.size(), memo_};
  open_.append(more);
  return total_so_far();
}

}  // namespace tokenkit
