// Texts behind a space that is not there, and texts with added tokens: all roads, and chunks.
#include <memory>
#include <string>

#include "encode/str_parts.hpp"
#include "tests/check.hpp"
#include "tests/roads.hpp"
#include "tests/subjects.hpp"

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
  for (uint32_t seed = 0; seed < 64; ++seed) {
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
  CHECK(slices > 1000);
  CHECK(led > 2);
  CHECK(added > 10);
}

// Roads of random vocabularies, as fuzz_roads takes them.
void test_roads() {
  for (uint32_t seed = 0; seed < 52; ++seed) {
    Random random(seed);
    const Family family = nth_family(seed);
    const std::string sample = random_text(random, 300) + "<b>the</b> <table>";
    const auto some = random_added(random, sample, 6000);
    const Reading reading = random_reading(random, family, some);
    if (reading.lead == Lead::kNowhere && reading.added.empty()) continue;
    const SpecialTokens added(reading.added.empty() ? decltype(some){} : some);
    const TestVocab vocab(
        random_tokens(random, sample.substr(0, 30), random_options(random, sample)));
    const Encoder encoder(vocab.view(), family, SpecialTokens(some), reading);
    const PieceRule rule = rank_rule(vocab.ranks);
    for (uint32_t k = 0; k < 4; ++k) {
      const std::string text = random_text(random, random.below(40)) + tagged_sample(random, k);
      CHECK_EQ(compare_roads(encoder, rule, text, nullptr, random, added), "");
    }
    if (seed % 8 != 0) continue;
    // More than a part of a str: a token may stand where one ends.
    std::u32string characters;
    while (characters.size() < 200000) characters += U" one <table>the</b> it's<b the\n";
    const std::string text(characters.begin(), characters.end());
    const auto counted = count_str(encoder, characters.data(), characters.size(), 4, kNoLimit,
                                   *Encoder::Lease(encoder));
    CHECK_EQ(counted.value_or(0), encoder.count(text, nullptr));
  }
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
  tokenkit::test::test_roads();
  tokenkit::test::test_refused();
  return tokenkit::test::report("test_reading");
}
