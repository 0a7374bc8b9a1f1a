// Truncation: the longest slices of a text that fit in so many tokens.
//
// The first ids of a text need not be the ids of the text that they decode to: a shorter text may
// be split into other pieces, and a marker may merge with its neighbours. So every candidate is
// counted again, and where one is too long, fewer ids are tried. `tokenkit/encodings/truncation.py`
// has the same search, to read, and for engines of other patterns.
//
// Texts and markers are valid UTF-8, borrowed for the call; special tokens are ordinary text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "encode/encoder.hpp"

namespace tokenkit {

enum class Keep : uint8_t { kHead, kTail, kEnds };

struct Truncation {
  size_t max_tokens;        // of the result
  size_t room;              // max_tokens without those of the marker
  Keep keep;                // which part of the text stays
  std::string_view marker;  // where text is taken out
  bool clusters;            // slices end between grapheme clusters where they can, not characters
};

// What stays of a text: text[0..head), the marker, text[tail..), in bytes.
struct Slices {
  size_t head, tail;
};

// What stays of a text; nothing if all of it fits.
std::optional<Slices> truncate(const Encoder& encoder, std::string_view text, const Truncation& how,
                               Scratch& scratch);
inline std::optional<Slices> truncate(const Encoder& encoder, std::string_view text,
                                      const Truncation& how) {
  return truncate(encoder, text, how, *Encoder::Lease(encoder));
}

}  // namespace tokenkit
