// The slow twin of csrc/unigram: one step after the other over the whole text, as the package
// `tokenizers` does it. Shares nothing with the code under test but the rules of grapheme clusters.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "unigram/image.hpp"

namespace tokenkit::test {

// The strings of a character map, which stand for it here, and the map as SentencePiece writes it.
using CharsMapEntries = std::vector<std::pair<std::string, std::string>>;
std::string charsmap_of(const CharsMapEntries& entries);

// What the steps make of a text.
std::string reference_normal(const UnigramModel& model, const CharsMapEntries& map,
                             std::string text);

// The ids of a text.
std::vector<uint32_t> reference_unigram(const UnigramModel& model, const CharsMapEntries& map,
                                        const std::string& text);

}  // namespace tokenkit::test
