// Random WordPiece vocabularies, and texts that they cover in part.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/reference_wordpiece.hpp"
#include "tests/text_helpers.hpp"
#include "wordpiece/wordpiece.hpp"

namespace tokenkit::test {

// A vocabulary, and what was built of it.
struct WordPieceSubject {
  explicit WordPieceSubject(WordPieceModel m)
      : model(std::move(m)),
        image(build_wordpiece_image(model)),
        words({reinterpret_cast<const char*>(image.data()), image.size()}, specials()) {}
  static SpecialTokens specials() { return {{{"[A]", 100}, {"b.", 101}, {"\xE4\xB8\xAD", 102}}}; }
  WordPieceModel model;
  std::vector<uint8_t> image;
  WordPiece words;
};

inline bert::Options options_of(uint32_t bits) {
  return {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, (bits & 16) != 0};
}

constexpr uint32_t kAllOptions = 32;

// Characters whose order, decomposition, case or class matters, and some letters.
constexpr uint32_t kCharacters[] = {
    'a',    'a',     'b',    'A',    ' ',    ' ',    '.',    '#',    0x0,     0x85,
    0xA0,   0xAD,    0xC5,   0xE9,   0x130,  0x300,  0x315,  0x323,  0x334,   0x344,
    0x345,  0x34F,   0x37E,  0x200B, 0x200D, 0x2260, 0x3000, 0x3002, 0x302E,  0x302F,
    0x4E2D, 0x1D165, 0xAC01, 0xF900, 0xFFFD, 0xCC0,  0xCCB,  0xFB1D, 0x1D16D, 0x1112E};

inline std::string random_words(Random& random, uint32_t size) {
  CodePoints out;
  for (uint32_t i = 0; i < size; ++i) {
    out.push_back(random.below(20) == 0 ? random.code_point()
                                        : kCharacters[random.below(std::size(kCharacters))]);
  }
  return to_utf8(out);
}

// Tokens cut out of the words of a normalized text, so that its words are partly covered.
inline WordPieceModel random_model(Random& random, const bert::Options& options,
                                   const std::string& text) {
  static const std::string kPrefixes[] = {"##", "", "a", "\xE2\x96\x81"};
  WordPieceModel model{
      {{"[UNK]", 7}}, kPrefixes[random.below(4)], "[UNK]", 1 + random.below(9), options};
  uint32_t id = 8;
  for (const CodePoints& word :
       reference_words(options, reference_normal(options, code_points(text)))) {
    for (uint32_t i = 0; i < 3; ++i) {
      const size_t start = random.below(static_cast<uint32_t>(word.size()));
      const size_t size = 1 + random.below(static_cast<uint32_t>(word.size() - start));
      const CodePoints part(word.begin() + static_cast<std::ptrdiff_t>(start),
                            word.begin() + static_cast<std::ptrdiff_t>(start + size));
      const std::string token = (start == 0 ? "" : model.prefix) + to_utf8(part);
      const bool known = std::any_of(model.tokens.begin(), model.tokens.end(),
                                     [&](const auto& other) { return other.first == token; });
      if (!known) model.tokens.emplace_back(token, id++);
    }
  }
  return model;
}

}  // namespace tokenkit::test
