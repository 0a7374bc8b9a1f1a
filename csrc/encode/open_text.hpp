// The part of a stream's text that a counter may still read, by offsets in the whole stream.
//
// That is all text from begin() on, and before it some bytes from each of a few points, at which
// pieces or loops of the scanner begin or end. Belongs to one counter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scan/scan_util.hpp"

namespace tokenkit {

// Loops of a scanner shorter than this are scanned again, longer ones are resumed.
constexpr size_t kLongLoop = 64;
// Bytes kept from a point on: two short loops and a few characters.
constexpr size_t kPointBytes = 2 * kLongLoop + 32;

class OpenText {
 public:
  size_t begin() const { return begin_; }
  size_t end() const { return begin_ + text_.size(); }

  void append(std::string_view part) { text_.append(part); }

  // The text from `offset` on, which is not before begin().
  std::string_view from(size_t offset) const {
    return std::string_view(text_).substr(offset - begin_);
  }

  // Drops what is before `begin`, but for what follows `points`, of which some may be dropped
  // already. Does so only where it is worth it.
  void drop(size_t begin, const std::vector<size_t>& points);

  // The byte at an offset, and those behind it up to the end of its character. Throws
  // Error(kValue) if it is dropped: the counter kept too little.
  const uint8_t* at(size_t offset) const {
    return offset >= begin_ ? bytes() + (offset - begin_) : kept(offset);
  }

 private:
  struct Point {
    size_t offset;
    std::string bytes;
  };
  const uint8_t* bytes() const { return reinterpret_cast<const uint8_t*>(text_.data()); }
  const uint8_t* kept(size_t offset) const;

  std::string text_;
  size_t begin_ = 0;
  std::vector<Point> points_;
};

namespace {

// What a Scan reads of an open text.
struct OpenBytes {
  const OpenText* text;

  uint8_t operator[](size_t i) const { return *text->at(i); }
};

inline size_t decode_at(const OpenBytes& s, size_t i, size_t n, uint32_t* cp) {
  const uint8_t* p = s.text->at(i);
  return decode(p, p + (n - i < 4 ? n - i : 4), cp);
}

}  // namespace

// Long loops of the scanner by where they start.
class RunMemo {
 public:
  bool resume(size_t start, uint32_t loop, RunState* state) const;
  void save(size_t start, uint32_t loop, const RunState& state);
  // Loops that start before this offset are never resumed.
  void forget(size_t before) { least_ = before; }
  // Appends where the remembered loops end, or what they note (not 0).
  void ends(std::vector<size_t>& out) const;
  void notes(std::vector<size_t>& out) const;

 private:
  struct Entry {
    size_t start;
    uint32_t loop;
    RunState state;
  };
  std::vector<Entry> entries_;
  size_t least_ = 0;
};

}  // namespace tokenkit
