// Texts that no pattern splits have long pieces: lines of code, sentences without spaces. Here they
// fall apart into segments that no token crosses (bpe/cut.hpp), most of them short enough for the
// tables of pieces, so that they are looked up and merged together as the pieces of other texts.
//
// A scan belongs to one call, and borrows its text, which stays the same from next() to next().
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "bpe/cut.hpp"
#include "bpe/vocab.hpp"
#include "encode/lookup.hpp"
#include "scan/keyed_pieces.hpp"
#include "scan/pretokenizer.hpp"

namespace tokenkit {

// Pieces of up to so many bytes stay as they are; a key of the front table tells their size.
constexpr size_t kUncutMost = kShortMax - 1;

// Short pieces, and the segments of longer ones. Requires vocab.cuttable().
class Segments {
 public:
  // As ScanFunction; `pos` is the last end that was given, or where it is to begin.
  size_t next(const Vocab& vocab, ScanFunction scan, std::string_view text, size_t pos,
              size_t* ends, size_t capacity) {
    size_t count = 0;
    while (count < capacity) {
      if (done_ == size_) {
        size_ = scan(text, pos, pieces_, kBlock);
        done_ = 0;
        if (size_ == 0) break;
      }
      if (!inside_ && pieces_[done_] - pos <= kUncutMost) {
        ends[count++] = pieces_[done_];
      } else {
        count += cut_piece(vocab, text, pos, pieces_[done_], ends + count, capacity - count);
      }
      pos = ends[count - 1];
      inside_ = pos != pieces_[done_];
      done_ += !inside_;
    }
    return count;
  }

 private:
  size_t pieces_[kBlock];
  size_t size_ = 0, done_ = 0;
  bool inside_ = false;  // whether some segments of the next piece were given
};

// The same with keys, as KeyedScan.
class KeyedSegments {
 public:
  // Before the first next() of a text.
  void start() { size_ = done_ = 0; }

  size_t next(const Vocab& vocab, KeyedScan scan, std::string_view text, size_t pos,
              KeyedPieces& out) {
    size_t count = 0;
    while (count < KeyedPieces::kMost) {
      if (done_ == size_ && !scan_more(scan, text, pos)) break;
      const size_t few = std::min(long_[longs_done_] - done_, KeyedPieces::kMost - count);
      copy(few, out, count);
      count += few;
      done_ += few;
      if (few != 0) pos = out.ends[count - 1];
      if (count == KeyedPieces::kMost || done_ == size_) continue;
      const size_t n = cut_piece(vocab, text, pos, pieces_.ends[done_], out.ends + count,
                                 KeyedPieces::kMost - count);
      for (const size_t end = count + n; count != end; pos = out.ends[count++]) {
        const FrontKey key = front_key(text, pos, out.ends[count]);
        out.lo[count] = key.lo;
        out.hi[count] = key.hi;
      }
      if (pos == pieces_.ends[done_]) {
        ++done_;
        ++longs_done_;
      }
    }
    return count;
  }

 private:
  bool scan_more(KeyedScan scan, std::string_view text, size_t pos) {
    size_ = scan(text, pos, pieces_);
    done_ = longs_done_ = 0;
    size_t longs = 0;
    for (size_t i = 0; i < size_; ++i) {
      long_[longs] = i;
      longs += pieces_.hi[i] >> 40 > kUncutMost;
    }
    long_[longs] = size_;
    return size_ != 0;
  }

  // In one loop: most runs are short, and for each array a string instruction would take longer.
  void copy(size_t few, KeyedPieces& out, size_t count) const {
    for (size_t k = 0; k < few; ++k) {
      out.lo[count + k] = pieces_.lo[done_ + k];
      out.hi[count + k] = pieces_.hi[done_ + k];
      out.ends[count + k] = pieces_.ends[done_ + k];
    }
  }

  KeyedPieces pieces_;
  size_t long_[KeyedPieces::kMost + 1];  // pieces that may be too long, and the number of all
  size_t size_ = 0, done_ = 0, longs_done_ = 0;
};

}  // namespace tokenkit
