// Fuzzing chunks: bytes become a vocabulary, settings and a text. Prefix sums are compared with
// counts, and chunks with what they promise; fuzz_streams has the text in parts. A fault aborts.
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
#include "tests/subjects.hpp"

namespace tokenkit::test {
namespace {

const Encoder& encoder(uint32_t number) {
  return kept<ChunkSubject, kChunkSubjects>(number).encoder;
}

}  // namespace
}  // namespace tokenkit::test

// Byte 0 names the vocabulary and its pattern, bytes 1 and 2 the seed for settings; the rest is
// the text.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tokenkit;
  using namespace tokenkit::test;
  if (size < 3) return 0;
  const Encoder& by = encoder(data[0] % kChunkSubjects);
  Random random(static_cast<uint32_t>(data[1] << 8 | data[2]));
  const std::string_view text = valid_part({reinterpret_cast<const char*>(data + 3), size - 3});
  const ChunkOptions options = random_chunk_options(by, random, "It's\n");
  long slices = 0;
  std::string fault = broken_promise(by, text, options);
  if (fault.empty()) fault = wrong_sum(by, text, options.trim, &slices);
  stop_at(fault, data, size);
  return 0;
}

#ifndef TOKENKIT_LIBFUZZER
namespace {

std::string random_input(tokenkit::test::Random& random) {
  using namespace tokenkit::test;
  const std::string choice = random_choice(random);
  // Most are short, so that many are tried.
  if (random.below(50) != 0) return choice + chunk_sample(random, random.below(40), 60);
  return choice + chunk_sample(random, random.below(random.below(8) == 0 ? 4000 : 60));
}

}  // namespace

int main(int argc, char** argv) {
  return tokenkit::test::fuzz(argc, argv, "fuzz_chunks", "all promises kept", random_input);
}
#endif
