// Fuzzing chunks: bytes become a vocabulary, settings and a text. Prefix sums are compared with
// counts, chunks with what they promise, and the text in parts with the whole. A fault aborts.
//
// With libFuzzer (clang++ -fsanitize=fuzzer -DTOKENKIT_LIBFUZZER) it is driven by coverage;
// without, it is a program that makes its own inputs:
//     fuzz_chunks [SECONDS [SEED]]
#include <string>
#include <string_view>

#include "encode/encoder.hpp"
#include "fuzz/driver.hpp"
#include "tests/chunk_checks.hpp"
#include "tests/generators.hpp"
#include "text/utf8.hpp"

namespace tokenkit::test {
namespace {

constexpr uint32_t kVocabularies = 12;

struct Subject {
  explicit Subject(uint32_t number)
      : random(number),
        source(tokens(random)),
        encoder(source.view(), static_cast<Family>(1 + number % 3), SpecialTokens({})) {}

  static Tokens tokens(Random& random) {
    const std::string sample = chunk_sample(random, 40) + random_text(random, 200);
    VocabOptions options = random_options(random, sample);
    options.all_bytes = true;
    return random_tokens(random, sample.substr(0, 30), options);
  }

  Random random;
  TestVocab source;
  Encoder encoder;
};

const Encoder& encoder(uint32_t number) { return kept<Subject, kVocabularies>(number).encoder; }

// The text up to its first fault in UTF-8.
std::string_view valid(std::string_view text) { return text.substr(0, first_invalid(text)); }

}  // namespace
}  // namespace tokenkit::test

// Byte 0 names the vocabulary and its pattern, bytes 1 and 2 the seed for settings and parts; the
// rest is the text.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tokenkit;
  using namespace tokenkit::test;
  if (size < 3) return 0;
  const Encoder& by = encoder(data[0] % kVocabularies);
  Random random(static_cast<uint32_t>(data[1] << 8 | data[2]));
  const std::string_view text = valid({reinterpret_cast<const char*>(data + 3), size - 3});
  const ChunkOptions options = random_chunk_options(by, random, "It's\n");
  long slices = 0;
  std::string fault = broken_promise(by, text, options);
  if (fault.empty() && text.size() < 1000) fault = wrong_sum(by, text, options.trim, &slices);
  if (fault.empty()) fault = differing_part(by, text, options, random);
  stop_at(fault, data, size);
  return 0;
}

#ifndef TOKENKIT_LIBFUZZER
namespace {

std::string random_input(tokenkit::test::Random& random) {
  using namespace tokenkit::test;
  const std::string choice = random_choice(random);
  return choice + chunk_sample(random, random.below(random.below(4) == 0 ? 4000 : 60));
}

}  // namespace

int main(int argc, char** argv) {
  return tokenkit::test::fuzz(argc, argv, "fuzz_chunks", "all promises kept", random_input);
}
#endif
