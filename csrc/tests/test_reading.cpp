// Texts behind a space that is not there, and texts with added tokens: all roads, and chunks.
#include <string>

#include "fuzz/subjects.hpp"
#include "tests/check.hpp"
#include "tests/roads.hpp"

namespace tokenkit::test {
namespace {

// Words between tags.
std::string tagged_sample(Random& random, uint32_t parts) {
  std::string text;
  for (; parts > 0; --parts) {
    text += chunk_sample(random, random.below(4), 80);
    const char* tags[] = {"<b>", "</b>", "<table>", "<b", " <x> ", "the", "<tab", "\n"};
    text += tags[random.below(8)];
  }
  return text;
}

void test_chunks() {
  long slices = 0;
  long led = 0;
  long added = 0;
  for (uint32_t seed = 0; seed < 48; ++seed) {
    ChunkSubject subject(seed);
    const Encoder& encoder = subject.encoder;
    if (encoder.reading().lead == Lead::kNowhere && encoder.reading().added.empty()) continue;
    (encoder.reading().added.empty() ? led : added) += 1;
    Random random(seed);
    for (int k = 0; k < 4; ++k) {
      const std::string text = tagged_sample(random, random.below(60));
      CHECK_EQ(wrong_sum(encoder, text, k % 2 == 1, &slices), "");
      for (int j = 0; j < 4; ++j) {
        CHECK_EQ(broken_promise(encoder, text, random_chunk_options(encoder, random, "A b\n")), "");
      }
    }
    const std::string text = tagged_sample(random, 900);
    CHECK_EQ(differing_part(encoder, text, random_chunk_options(encoder, random, "A b\n"), random),
             "");
  }
  CHECK(slices > 10000 && led > 3 && added > 10);
}

// A space is put before what a family splits nowhere, and tokens are short enough to look for.
void test_refused() {
  const Tokens tokens = random_tokens(*std::make_unique<Random>(1), "ab", {8, 0, {}});
  const TestVocab vocab(tokens);
  const auto refuses = [](const auto& call) {
    try {
      call();
    } catch (const Error& error) {
      return error.kind() == ErrorKind::kValue;
    }
    return false;
  };
  CHECK(refuses([&] {
    return Encoder(vocab.view(), Family::kGpt2, SpecialTokens({}), {Lead::kAlways, {}});
  }));
  CHECK(refuses([] { return AddedTokens({{std::string(65, 'a'), 1}}); }));
  const Encoder led(vocab.view(), Family::kWhole, SpecialTokens({{"b", 900}}),
                    {Lead::kUnlessSpace, {}});
  const SpecialSet all{true};
  CHECK(refuses([&] { return led.count("ab", &all); }));
  CHECK(led.leads("a") && !led.leads(" a") && !led.leads(""));
}

}  // namespace
}  // namespace tokenkit::test

int main() {
  tokenkit::test::test_chunks();
  tokenkit::test::test_refused();
  return tokenkit::test::report("test_reading");
}
