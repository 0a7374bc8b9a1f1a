// Differential fuzzing: bytes become a vocabulary and a text, which goes down every road of the
// encoder and is compared with the slow twin. A difference aborts.
//
// With libFuzzer (clang++ -fsanitize=fuzzer -DTOKENKIT_LIBFUZZER) it is driven by coverage;
// without, it is a program that makes its own inputs:
//     fuzz_roads [SECONDS [SEED]]
#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "encode/encoder.hpp"
#include "fuzz/driver.hpp"
#include "tests/generators.hpp"
#include "tests/roads.hpp"
#include "text/utf8.hpp"

namespace tokenkit::test {
namespace {

constexpr uint32_t kVocabularies = 24;

// A vocabulary with its encoder: of ranks, or with a list of merges.
struct Subject {
  explicit Subject(uint32_t seed) : random(seed) {
    const std::string sample = random_text(random, 400);
    const Family family = nth_family(seed);
    // All are special tokens as well, some of them with another number.
    auto some = random_added(random, sample, 6000);
    auto known = sample_specials(5000).tokens();
    for (auto& token : some) {
      const auto same = [&](const auto& other) { return other.first == token.first; };
      const auto found = std::find_if(known.begin(), known.end(), same);
      token.second = found == known.end() ? token.second : found->second;
      if (found == known.end()) known.push_back(token);
    }
    Reading reading = random_reading(random, family, some);
    if (!reading.added.empty()) added = SpecialTokens(some);
    const SpecialTokens specials(std::move(known));
    // Each family meets both kinds, as the number of families may be even or odd.
    if (seed / 3 % 2 == 0) {
      const VocabOptions options = random_options(random, sample);
      source = std::make_unique<TestVocab>(random_tokens(random, sample.substr(0, 30), options));
      rule = rank_rule(source->ranks);
      tokens = source->tokens;
      encoder = std::make_unique<Encoder>(source->view(), family, specials, std::move(reading));
    } else {
      const std::string_view start(sample.data(), floor_char(sample, 40));
      list = std::make_unique<ListVocab>(random_list(random, start));
      rule = list->rule;
      tokens = list->tokens;
      encoder = std::make_unique<Encoder>(list->view(), family, specials, std::move(reading));
    }
  }

  Random random;
  std::unique_ptr<TestVocab> source;
  std::unique_ptr<ListVocab> list;
  PieceRule rule;
  SpecialTokens added{{}};
  Tokens tokens;
  std::unique_ptr<Encoder> encoder;
};

Subject& subject(uint32_t number) { return kept<Subject, kVocabularies>(number); }

// Valid UTF-8 out of any bytes: each that starts no character becomes U+FFFD.
std::string repaired(std::string_view bytes) {
  std::string text;
  for (;;) {
    const size_t bad = first_invalid(bytes);
    text += bytes.substr(0, bad);
    if (bad == std::string_view::npos) return text;
    text += "\xEF\xBF\xBD";
    bytes.remove_prefix(bad + 1);
  }
}

}  // namespace
}  // namespace tokenkit::test

// Byte 0 names the vocabulary and its pattern, byte 1 the allowed special tokens, byte 2 the seed
// for cuts and limits; the rest is the text.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tokenkit;
  using namespace tokenkit::test;
  if (size < 3) return 0;
  Subject& s = subject(data[0] % kVocabularies);
  SpecialSet allowed(s.encoder->specials().tokens().size());
  for (size_t i = 0; i < allowed.size(); ++i) allowed[i] = data[1] >> (i % 8) & 1;
  Random random(data[2]);
  const std::string text = repaired({reinterpret_cast<const char*>(data + 3), size - 3});
  const std::string fault = compare_roads(*s.encoder, s.rule, text, &allowed, random, s.added);
  stop_at(fault, data, size);
  return 0;
}

#ifndef TOKENKIT_LIBFUZZER
namespace {

std::string random_input(tokenkit::test::Random& random) {
  using namespace tokenkit::test;
  std::string input = random_choice(random);
  const Tokens& tokens = subject(static_cast<uint8_t>(input[0]) % kVocabularies).tokens;
  // Most are short: a fault that a text meets, a few words of it meet as well, in less time.
  const bool large = random.below(16) == 0;
  for (uint32_t left = random.below(large ? 6 : 3); left > 0; --left) {
    std::string part =
        random_text(random, random.below(large ? random.below(10) == 0 ? 300 : 30 : 9));
    if (random.below(3) == 0) {
      part.clear();
      for (uint32_t k = random.below(30); k > 0; --k) {
        part += tokens[random.below(static_cast<uint32_t>(tokens.size()))].first;
      }
    }
    if (random.below(8) == 0 && !part.empty()) {
      part[random.below(static_cast<uint32_t>(part.size()))] = static_cast<char>(random.below(256));
    }
    input += part;
  }
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  return tokenkit::test::fuzz(argc, argv, "fuzz_roads", "all roads agree", random_input);
}
#endif
