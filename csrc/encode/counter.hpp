// Exact counting of a text that arrives in parts.
//
// Pieces that no further text can change are counted and dropped; the open rest, usually a word or
// two, is kept. A piece may also stay open for long (a megabyte without a border): then the
// scanner resumes its loops where they stopped, and the merges of what is settled inside the piece
// are kept too, so that asking for the total after every part stays near-linear in all.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "encode/encoder.hpp"
#include "scan/scan_util.hpp"

namespace tokenkit {

// Long loops of the scanner by where they start, in offsets of the whole stream.
class RunMemo {
 public:
  bool resume(size_t start, uint32_t loop, RunState* state) const;
  void save(size_t start, uint32_t loop, const RunState& state);

 private:
  struct Entry {
    size_t start = 0;
    uint32_t loop = 0;  // 0: free
    RunState state{};
  };
  std::array<Entry, 8> entries_;
  size_t next_ = 0;
};

// Copies are independent counters of the same text so far. Not thread safe.
class StreamCounter {
 public:
  // `encoder` must outlive the counter and have a pretokenizer of its own (not kCustom).
  explicit StreamCounter(const Encoder& encoder);

  // Takes the next part: whole characters of valid UTF-8.
  void update(std::string_view part);

  // The count of all parts joined, special tokens as ordinary text; `more` follows them for
  // this question only (a few bytes, say a replacement character).
  size_t total(std::string_view more = {});

 private:
  // A long piece at the open end, with its merges.
  struct LongPiece {
    size_t start = 0;  // offset in the stream
    bool used = false;
    LongMerger merger;
  };

  size_t base() const { return stream_offset_ + done_; }
  void scan_open(std::vector<size_t>& ends);
  void settle();
  size_t count_open_piece(size_t start, size_t end);
  size_t total_so_far();

  const Encoder* encoder_;
  std::string open_;  // text from stream_offset_ on; the first done_ bytes are settled
  size_t stream_offset_ = 0;
  size_t done_ = 0;
  size_t unscanned_ = 0;  // bytes that came since the last settle()
  size_t settled_total_ = 0;
  RunMemo memo_;
  std::array<LongPiece, 4> long_pieces_;
  size_t next_long_ = 0;
};

}  // namespace tokenkit
