// Chunks: prefix sums at borders against plain counts of every slice, what chunks promise, and
// texts that come in parts.
#include <string>

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

}  // namespace
}  // namespace tokenkit::test

int main() {
  tokenkit::test::test_random();
  return tokenkit::test::report("test_chunker");
}
