// Cuts inside pieces: merging the segments apart gives what merging the whole gives.
#include <string>
#include <string_view>
#include <vector>

#include "bpe/cut.hpp"
#include "tests/check.hpp"
#include "tests/generators.hpp"
#include "tests/reference.hpp"
#include "tests/text_helpers.hpp"

namespace tokenkit::test {
namespace {

// Characters of one to four bytes that share leads and tails, so that partial joins are met.
const std::vector<std::string> kCharacters = {"a",
                                              "b",
                                              "\xC3\xA9",
                                              "\xC3\xAA",
                                              "\xD0\xB6",
                                              "\xE5\xAD\x97",
                                              "\xE5\xAD\x98",
                                              "\xE6\xAD\x97",
                                              "\xE6\x97\xA5",
                                              "\xE3\x81\xAE",
                                              "\xF0\x9F\x98\x80",
                                              "\xF0\x9F\x98\x81"};

std::string random_characters(Random& random, uint32_t count) {
  std::string text;
  for (uint32_t i = 0; i < count; ++i) {
    text += kCharacters[random.below(static_cast<uint32_t>(kCharacters.size()))];
    if (random.below(8) == 0) text += repeat("ab", 1 + random.below(9));  // cuts skip long ASCII
  }
  return text;
}

// All bytes, and tokens cut out of random text anywhere, also inside characters.
Tokens cut_out_tokens(Random& random) {
  Tokens tokens;
  Ranks known;
  auto add = [&](const std::string& token) {
    const uint32_t rank = static_cast<uint32_t>(tokens.size());
    if (known.emplace(token, rank).second) tokens.emplace_back(token, rank);
  };
  for (int b = 0; b < 256; ++b) add(std::string(1, static_cast<char>(b)));
  const std::string sample = random_characters(random, 60);
  for (uint32_t i = 0; i < 60; ++i) {
    const size_t size = 2 + random.below(5);
    add(sample.substr(random.below(static_cast<uint32_t>(sample.size() - size)), size));
  }
  return tokens;
}

void test_segments() {
  Random random(3);
  size_t cuts = 0;
  for (int round = 0; round < 300; ++round) {
    const TestVocab source(cut_out_tokens(random));
    const Vocab vocab(source.view());
    for (int k = 0; k < 20; ++k) {
      const std::string piece = random_characters(random, 1 + random.below(40));
      std::vector<std::string> joined;
      size_t ends[7];
      for (size_t from = 0; from < piece.size();) {
        const size_t n = cut_piece(vocab, piece, from, piece.size(), ends, 1 + random.below(7));
        for (size_t i = 0; i < n; ++i) {
          const std::string segment = piece.substr(from, ends[i] - from);
          for (std::string& token : reference_merge(source.ranks, segment)) {
            joined.push_back(std::move(token));
          }
          from = ends[i];
          ++cuts;
        }
      }
      CHECK(joined == reference_merge(source.ranks, piece));
    }
  }
  CHECK(cuts > 20000);  // else nothing was tested
}

}  // namespace
}  // namespace tokenkit::test

int main() {
  tokenkit::test::test_segments();
  return tokenkit::test::report("test_cut");
}
