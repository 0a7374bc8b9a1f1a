// Exact counting of a text that arrives in parts, in bounded memory.
//
// Pieces that no further text can change are counted and dropped; the open rest, usually a word or
// two, is kept. A piece may also stay open for long (a gigabyte without a border). Then the scanner
// resumes its loops where they stopped, tokens that are certain inside the piece become a number,
// and of its text remain the end and some bytes at the points that the scanner reads again
// (theorem 4 in csrc/README.md). So time is near-linear in all, whenever the total is asked for,
// and memory does not grow with the text.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "bpe/growing.hpp"
#include "encode/encoder.hpp"
#include "encode/open_text.hpp"

namespace tokenkit {

// Copies are independent counters of the same text so far. Not thread safe.
class StreamCounter {
 public:
  // `encoder` must outlive the counter and have a pretokenizer of its own (not kCustom). Of a piece
  // that does not end, about `held` bytes are held at a time. Throws Error(kValue) if the encoder
  // finds added tokens.
  explicit StreamCounter(const Encoder& encoder, size_t held = size_t{256} << 10);

  // Takes the next part: whole characters of valid UTF-8.
  void update(std::string_view part);

  // The count of all parts joined, special tokens as ordinary text; `more` follows them for
  // this question only (a few bytes, say a replacement character).
  size_t total(std::string_view more = {});

  // Bytes of text that are held.
  size_t held_bytes() const { return text_.end() - text_.begin(); }

 private:
  // A place where a long piece starts, or will start if the one before ends there.
  struct Track {
    size_t start;
    GrowingCount count;
    std::vector<std::pair<size_t, GrowingCount::Result>> at;  // up to the later ones of such places

    size_t from() const { return start + count.from(); }
  };

  void scan(std::vector<size_t>& ends);
  void settle();
  size_t count(const std::vector<size_t>& ends, size_t n);
  static const GrowingCount::Result* known_at(const Track& track, size_t end);
  size_t tracked(Track& track, size_t end);
  GrowingCount::Result run(Track& track, size_t end);
  Track* find_track(size_t start);
  void follow(const std::vector<size_t>& ends, size_t first);
  void drop();

  const Encoder* encoder_;
  size_t held_;
  OpenText text_;
  size_t base_ = 0;       // all before it is settled, and a piece starts there
  size_t unscanned_ = 0;  // bytes that came since the last settle()
  size_t settled_total_ = 0;
  RunMemo memo_;
  std::vector<Track> tracks_;
  std::vector<size_t> points_;  // where pieces start or may start, from base_ on, in order
};

}  // namespace tokenkit
