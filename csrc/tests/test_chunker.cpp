// Chunks: prefix sums at borders against plain counts of every slice, what chunks promise, and
// texts that come in parts.
#include <string>
#include <vector>

#include "chunk/chunker.hpp"
#include "chunk/edges.hpp"
#include "tests/check.hpp"
#include "tests/chunk_checks.hpp"
#include "tests/generators.hpp"

namespace tokenkit::test {
namespace {

TestVocab sample_vocab(Random& random) {
  const std::string sample = chunk_sample(random, 30) + random_text(random, 200);
  VocabOptions options = random_options(random, sample);
  options.all_bytes = true;
  return TestVocab(random_tokens(random, sample.substr(0, 30), options));
}

void test_random() {
  long slices = 0;
  for (uint32_t seed = 0; seed < 60; ++seed) {
    Random random(seed);
    const TestVocab vocab = sample_vocab(random);
    const Encoder encoder(vocab.view(), nth_family(seed), SpecialTokens({}));
    for (int k = 0; k < 8; ++k) {
      const std::string text = chunk_sample(random, random.below(60));
      CHECK_EQ(wrong_sum(encoder, text, k % 2 == 1, &slices), "");
      for (int j = 0; j < 4; ++j) {
        CHECK_EQ(broken_promise(encoder, text, random_chunk_options(encoder, random, "A b\n")), "");
      }
    }
    const std::string text = chunk_sample(random, 2500);
    CHECK_EQ(differing_part(encoder, text, random_chunk_options(encoder, random, "A b\n"), random),
             "");
  }
  CHECK(slices > 20000);  // else nothing was tested
}

// Of texts that no pattern splits, all of which may be one piece, borders are measured all the
// same, where the vocabulary allows cuts.
void test_without_pattern() {
  Random random(71);
  long slices = 0;
  int cuttable = 0;
  for (int round = 0; round < 12; ++round) {
    VocabOptions options;
    options.joins = 20;
    options.substrings = 0;  // mostly, BPE reaches all tokens then
    const std::string sample = chunk_sample(random, 40);
    const TestVocab vocab(random_tokens(random, sample.substr(0, 30), options));
    for (Family family : {Family::kSpaces, Family::kWhole}) {
      const Encoder encoder(vocab.view(), family, SpecialTokens({}));
      cuttable += encoder.vocab().cuttable();
      CHECK_EQ(wrong_sum(encoder, chunk_sample(random, 60), round % 2 == 1, &slices), "");
      const std::string text = chunk_sample(random, 2500);
      CHECK_EQ(differing_part(encoder, text, random_chunk_options(encoder, random, "b\n"), random),
               "");
      CHECK_EQ(broken_promise(encoder, text, random_chunk_options(encoder, random, "b\n")), "");
    }
  }
  CHECK(slices > 2000);
  CHECK(cuttable > 8);
}

// A segment that is longer than what is looked at at once.
void test_long_segments() {
  Random random(73);
  const TestVocab vocab(random_tokens(random, "ab", {8, 0, {}}));
  const std::string text = "b" + repeat("ab", 9000);
  for (Family family : {Family::kSpaces, Family::kWhole}) {
    const Encoder encoder(vocab.view(), family, SpecialTokens({}));
    Encoder::Lease scratch(encoder);
    std::vector<Border> borders(2);
    borders[1].pos = static_cast<uint32_t>(text.size());
    EdgeCounter counter(encoder, text, false, *scratch);
    counter.measure(borders, false);
    CHECK_EQ(counter.total() - kZeroTokens, encoder.count(text, nullptr, *scratch));
  }
}

void test_sentences_without_spaces() {
  Random random(72);
  const TestVocab vocab(random_tokens(random, "\xE6\xBC\xA2\xE5\xAD\x97", {20, 0, {}}));
  std::string text;
  while (text.size() < 30000) {
    text += repeat("\xE6\xBC\xA2\xE5\xAD\x97", 1 + random.below(12)) + "\xE3\x80\x82";
  }
  ChunkOptions options;
  options.limit = options.room = 200;
  for (Family family : {Family::kSpaces, Family::kWhole}) {
    const Encoder encoder(vocab.view(), family, SpecialTokens({}));
    CHECK(encoder.vocab().cuttable());
    const Chunks chunks = chunk_text(encoder, text, options, *Encoder::Lease(encoder));
    CHECK(chunks.spans.size() > 20);
    for (const ChunkSpan& span : chunks.spans) CHECK(span.level != Level::kCharacter);
  }
}

}  // namespace
}  // namespace tokenkit::test

int main() {
  tokenkit::test::test_random();
  tokenkit::test::test_without_pattern();
  tokenkit::test::test_long_segments();
  tokenkit::test::test_sentences_without_spaces();
  return tokenkit::test::report("test_chunker");
}
