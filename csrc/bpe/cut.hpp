// Borders inside a piece that no token can cross.
//
// If no token of the vocabulary holds the end of character a directly followed by the start of
// character b, no merge ever crosses between them, so both sides may be merged separately, exactly
// (csrc/README.md, theorem 3). Long pieces of CJK fall into short segments that way; most of these
// are tokens as they are, or come again and again. A function without state.
#pragma once

#include <cstddef>
#include <string_view>

#include "bpe/vocab.hpp"

namespace tokenkit {

// Writes the end offsets of the segments of text[start..end), at most `capacity` >= 1 of them, and
// returns how many; the last one written is `end` or a cut. The range is a piece, or starts at a
// cut of one, and is valid UTF-8. Requires vocab.cuttable().
size_t cut_piece(const Vocab& vocab, std::string_view text, size_t start, size_t end, size_t* ends,
                 size_t capacity);

// Whether no token crosses `pos`, which is between two characters of valid UTF-8; always false
// between two of ASCII. Requires vocab.cuttable().
bool cuts_at(const Vocab& vocab, std::string_view text, size_t pos);

}  // namespace tokenkit
