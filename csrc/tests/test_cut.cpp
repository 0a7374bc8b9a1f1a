// Cuts inside pieces: merging the segments apart gives what merging the whole gives.
#include <string>
#include <string_view>
#include <vector>

#include "bpe/cut.hpp"
#include "tests/check.hpp"
#include "tests/generators.hpp"
#include "tests/reference.hpp"
#include "tests/text_helpers.hpp"
#include "text/utf8.hpp"

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

// The places at which cut_piece() cuts are those of cuts_at().
void check_places(const Vocab& vocab, std::string_view piece, Random& random) {
  std::vector<size_t> cut, wanted;
  size_t ends[20];
  for (size_t from = 0; from < piece.size(); from = cut.back()) {
    const size_t n = cut_piece(vocab, piece, from, piece.size(), ends, 1 + random.below(20));
    cut.insert(cut.end(), ends, ends + n);
  }
  for (size_t i = 1; i < piece.size(); ++i) {
    if (!is_continuation(static_cast<uint8_t>(piece[i])) && cuts_at(vocab, piece, i)) {
      wanted.push_back(i);
    }
  }
  wanted.push_back(piece.size());
  CHECK(cut == wanted);
}

// Lists of merges: where merging starts from characters, ASCII is cut, too. Some tokens are found
// as whole pieces alone; no segment may be one of these.
void test_lists() {
  Random random(4);
  size_t ascii_cuts = 0, characters = 0, compared = 0;
  for (uint32_t round = 0; round < 300; ++round) {
    const std::string sample = random_characters(random, 10) + random_text(random, 10) + "f(x) = [";
    const ListVocab source = random_list(random, sample);
    const Vocab vocab(source.view());
    CHECK_EQ(vocab.joins().ascii, source.list.characters);
    if (!vocab.cuttable()) continue;
    characters += vocab.characters();
    for (int k = 0; k < 20; ++k) {
      std::string piece = random_characters(random, random.below(20));
      piece += repeat("f(x) = [a]\n", random.below(4)) + random_text(random, 1 + random.below(6));
      if (vocab.find_any(piece) != kNone) continue;
      check_places(vocab, piece, random);
      ReferenceIds whole, parts;
      source.rule(piece, &whole);
      size_t from = 0;
      for (size_t end = 1; end <= piece.size(); ++end) {
        if (end < piece.size() &&
            (is_continuation(static_cast<uint8_t>(piece[end])) || !cuts_at(vocab, piece, end))) {
          continue;
        }
        if (end < piece.size()) ascii_cuts += ((piece[end - 1] | piece[end]) & 0x80) == 0;
        source.rule(std::string_view(piece).substr(from, end - from), &parts);
        from = end;
      }
      CHECK_EQ(parts.complete, whole.complete);
      if (!whole.complete) continue;
      CHECK(parts.ids == whole.ids);
      ++compared;
    }
  }
  CHECK(characters > 100);
  CHECK(compared > 1000);
  CHECK(ascii_cuts > 10000);
}

}  // namespace
}  // namespace tokenkit::test

int main() {
  tokenkit::test::test_segments();
  tokenkit::test::test_lists();
  return tokenkit::test::report("test_cut");
}
