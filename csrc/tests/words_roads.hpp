// All roads of a coder of words, against the ids that its slow twin gives.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "encode/words.hpp"

namespace tokenkit::test {

using Twin = std::function<std::vector<uint32_t>(const std::string&)>;

std::vector<uint32_t> ids_of(const IdSink& sink);

// Encoding and counting, whole, in part and in parts; twice, so that tables are asked that were
// filled before.
void check_word_roads(const Words& words, const std::string& text, const Twin& twin,
                      Scratch& scratch);

// Special tokens divide a text; what is between them is encoded by itself. `later` is the twin for
// what follows one.
void check_word_specials(const Words& words, const std::string& text, const Twin& twin,
                         const Twin& later, Scratch& scratch);

// All roads of a coder of words whose ids nobody knows: they end, or throw an Error.
void walk_word_roads(const Words& words, const std::string& text);

}  // namespace tokenkit::test
