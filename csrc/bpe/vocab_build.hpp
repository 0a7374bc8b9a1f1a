// Building vocabulary images; vocab.hpp says what they hold.
//
// The same tokens give the same image, byte for byte, in whatever order they come. A function
// without state: any thread may call it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tokenkit {

// Builds an image from (bytes, rank) pairs in any order. Throws Error(kVocabulary) on an empty
// token, a duplicate token or rank, a rank that is too large, or an empty vocabulary.
std::vector<uint8_t> build_image(const std::vector<std::pair<std::string, uint32_t>>& tokens);

}  // namespace tokenkit
