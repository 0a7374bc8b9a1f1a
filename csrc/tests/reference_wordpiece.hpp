// The slow twin of csrc/wordpiece: one step after the other over the whole text, as the package
// `tokenizers` does it. Shares nothing with the code under test but the data of characters.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/text_helpers.hpp"
#include "wordpiece/image.hpp"

namespace tokenkit::test {

CodePoints code_points(const std::string& text);

// What BertNormalizer makes of a text.
CodePoints reference_normal(const bert::Options& options, CodePoints text);

// The words that the pre-tokenizer makes of normalized text.
std::vector<CodePoints> reference_words(const bert::Options& options, const CodePoints& normal);

// The ids of a text.
std::vector<uint32_t> reference_wordpiece(const WordPieceModel& model, const std::string& text);

}  // namespace tokenkit::test
