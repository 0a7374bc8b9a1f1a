// What is certain of a text that goes on behind its end.
//
// A small value, computed once for a text; of a text that is complete all is certain.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "chunk/borders.hpp"
#include "chunk/chunk_types.hpp"
#include "chunk/edges.hpp"
#include "text/utf8.hpp"

namespace tokenkit {

class Horizon {
 public:
  Horizon(std::string_view text, const ChunkOptions& options, size_t max_token_size)
      : open_(options.more),
        sure_(text.size()),
        longest_(size_t{options.limit} * max_token_size + 16) {
    if (!open_) return;
    sure_ = floor_char(text, sure_ - std::min(sure_, kUnsure));
    // White space whose end is not in sight may be left out.
    if (options.trim) sure_ = skip_space_back(text, sure_);
  }

  bool is_open() const { return open_; }
  // Nothing up to here depends on more text.
  size_t sure() const { return sure_; }
  // Could more text move the border at `pos`, or make it another one?
  bool is_unsure(size_t pos) const { return open_ && pos > sure_; }
  // Is all that is not certain out of reach for a chunk that starts at `start`, for any text?
  bool is_far(size_t start) const { return sure_ > start && sure_ - start > longest_; }

 private:
  // So many bytes before its end a text is not certain.
  static constexpr size_t kUnsure = 2 * kEdgeView + 512;
  static_assert(kUnsure > kBorderView);

  bool open_;
  size_t sure_;
  size_t longest_;  // bytes that a chunk can have
};

}  // namespace tokenkit
