// What chunks promise, checked by plain counts of slices. Each check gives what is wrong first, or
// nothing.
#pragma once

#include <string>
#include <string_view>

#include "chunk/chunker.hpp"
#include "tests/text_helpers.hpp"

namespace tokenkit::test {

// Words, marks, lines and runs, few of them of up to `longest` times a part: text with places to
// cut.
std::string chunk_sample(Random& random, uint32_t parts, uint32_t longest = 6000);

// Some settings that can be met, sometimes with the prefix, which is borrowed.
ChunkOptions random_chunk_options(const Encoder& encoder, Random& random, std::string_view prefix);

// Do prefix sums give the count of slices between two borders, where they claim to hold: of all
// between near ones, and of some between others? Adds the number of these slices to *slices. Takes
// near-linear time.
std::string wrong_sum(const Encoder& encoder, std::string_view text, bool trim, long* slices);

// Does chunk_text keep its promises?
std::string broken_promise(const Encoder& encoder, std::string_view text, const ChunkOptions& o);

// Does a text that comes in parts have the same chunks? (Not for kOptimal, which may differ: there
// it must keep the promises that concern neighbours.)
std::string differing_part(const Encoder& encoder, std::string_view text, const ChunkOptions& o,
                           Random& random);

}  // namespace tokenkit::test
