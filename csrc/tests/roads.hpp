// Sends one text down every road of the encoder and compares each with the slow twin.
#pragma once

#include <string>
#include <string_view>

#include "encode/encoder.hpp"
#include "tests/reference.hpp"
#include "tests/text_helpers.hpp"

namespace tokenkit::test {

// The first road that gives another result than the reference, with what was expected; empty if all
// agree. `text` is valid UTF-8; `allowed` as in Encoder::encode; `added` are the added tokens of
// the encoder. `random` draws limits, cuts and the moments at which a stream is asked for its
// total.
std::string compare_roads(const Encoder& encoder, const PieceRule& rule, std::string_view text,
                          const SpecialSet* allowed, Random& random,
                          const SpecialTokens& added = SpecialTokens({}));

// Special tokens that begin alike, are parts of each other, or look like text. Their ids start at
// `first_id`.
SpecialTokens sample_specials(uint32_t first_id);

}  // namespace tokenkit::test
