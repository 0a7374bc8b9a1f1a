// As much text as fits a number of tokens, wherever it ends.
//
// Every answer was counted. Borrows the text, valid UTF-8, and the scratch of the call; belongs to
// one thread.
#pragma once

#include <string>
#include <string_view>

#include "encode/encoder.hpp"
#include "text/grapheme.hpp"

namespace tokenkit {

// Looks for the longest slices within a limit, between grapheme clusters.
class Filler {
 public:
  Filler(const Encoder& encoder, std::string_view text, Scratch& scratch)
      : encoder_(encoder), text_(text), scratch_(scratch), graphemes_(text) {}

  // Does text[start, end) have at most `limit` tokens and, behind the prefix, at most `room`?
  bool fits(std::string_view prefix, size_t start, size_t end, size_t limit, size_t room);

  // The tokens of the slice that fits() approved or fill() found last, 0 if they were not counted.
  size_t tokens() const { return tokens_; }

  // A far end in (start, stop] for which fits() holds, at the end of a cluster or, if not even one
  // cluster fits, of a character. Returns `start` if no character fits.
  size_t fill(std::string_view prefix, size_t start, size_t stop, size_t limit, size_t room);

  // The start of a slice that ends at `end` and has at most `limit` tokens: the first word border
  // in reach, else the first border between clusters; `end` if there is none after `lowest`.
  // With `trim` the white space behind the start does not count.
  size_t fill_back(size_t lowest, size_t end, size_t limit, bool trim);

 private:
  static constexpr size_t kRun = 512;  // bytes
  static constexpr size_t kLong = 255;
  static constexpr size_t kBlock = 64;
  static constexpr size_t kFar = 8;  // bytes for a token, more than most texts have

  bool is_run(size_t start, size_t stop) const;
  bool same_pieces(std::string_view view, size_t bytes) const;
  size_t floor_cluster(size_t pos, size_t lowest);
  size_t ceil_cluster(size_t pos, size_t highest);
  size_t first_tokens(std::string_view view, size_t budget, size_t* bytes);
  size_t add_pieces(std::string_view view, size_t start, const size_t* ends, size_t n,
                    size_t budget, size_t total, size_t* bytes);
  size_t reach(std::string_view own_prefix, size_t start, size_t stop, size_t budget);

  const Encoder& encoder_;
  std::string_view text_;
  Scratch& scratch_;
  GraphemeBoundaries graphemes_;
  IdSink ids_;
  std::string joined_;
  size_t tokens_ = 0;
};

}  // namespace tokenkit
