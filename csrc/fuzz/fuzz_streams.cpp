// Fuzzing streams: bytes become a vocabulary and a text, which comes in parts. The counter's totals
// are compared with counts of what came so far, its copies with itself, and the chunks of the parts
// with those of the whole text. A fault aborts.
//
// With libFuzzer (clang++ -fsanitize=fuzzer -DTOKENKIT_LIBFUZZER) it is driven by coverage;
// without, it is a program that makes its own inputs:
//     fuzz_streams [SECONDS [SEED]]
#include <string>
#include <string_view>

#include "encode/counter.hpp"
#include "encode/encoder.hpp"
#include "fuzz/driver.hpp"
#include "tests/chunk_checks.hpp"
#include "tests/generators.hpp"
#include "tests/subjects.hpp"
#include "text/utf8.hpp"

namespace tokenkit::test {
namespace {

const ChunkSubject& subject(uint32_t number) { return kept<ChunkSubject, kChunkSubjects>(number); }

std::string wrong_total(const char* what, size_t got, size_t wanted, size_t pos) {
  if (got == wanted) return {};
  return std::string(what) + " is " + std::to_string(got) + ", expected " + std::to_string(wanted) +
         ", after byte " + std::to_string(pos);
}

// Feeds the text in parts of up to a random size, and asks a few times on the way, so that the time
// is linear in the text's length.
std::string wrong_counter(const Encoder& encoder, std::string_view text, Random& random) {
  constexpr uint32_t kQuestions = 6;
  if (!encoder.reading().added.empty()) return {};  // a counter finds none
  const uint32_t most = 1 + random.below(random.below(2) == 0 ? 8 : 3000);
  const auto size = static_cast<uint32_t>(text.size());
  StreamCounter counter(encoder);
  StreamCounter copy(encoder);
  size_t copied = 0;
  for (size_t pos = 0; pos < text.size();) {
    const size_t end = ceil_char(text, pos + 1 + random.below(most));
    counter.update(text.substr(pos, end - pos));
    const auto step = static_cast<uint32_t>(end - pos);
    pos = end;
    if (random.below(size) < kQuestions * step) {
      const std::string more = random.below(2) == 0 ? "" : random_text(random, 1);
      const size_t wanted = encoder.count(std::string(text.substr(0, pos)) + more, nullptr);
      const std::string fault = wrong_total("the total", counter.total(more), wanted, pos);
      if (!fault.empty()) return fault;
    }
    if (random.below(size) < step) {
      copy = counter;
      copied = pos;
    }
  }
  const size_t wanted = encoder.count(text, nullptr);
  copy.update(text.substr(copied));  // the copy goes its own way
  std::string fault = wrong_total("the last total", counter.total(), wanted, text.size());
  if (fault.empty()) fault = wrong_total("a copy's total", copy.total(), wanted, copied);
  if (fault.empty()) fault = wrong_total("the second answer", counter.total(), wanted, text.size());
  return fault;
}

}  // namespace
}  // namespace tokenkit::test

// Byte 0 names the vocabulary and its pattern, bytes 1 and 2 the seed for settings and parts; the
// rest is the text.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tokenkit;
  using namespace tokenkit::test;
  if (size < 3) return 0;
  const Encoder& by = subject(data[0] % kChunkSubjects).encoder;
  Random random(static_cast<uint32_t>(data[1] << 8 | data[2]));
  const std::string_view text = valid_part({reinterpret_cast<const char*>(data + 3), size - 3});
  std::string fault = wrong_counter(by, text, random);
  if (fault.empty()) {
    fault = differing_part(by, text, random_chunk_options(by, random, "It's\n"), random);
  }
  stop_at(fault, data, size);
  return 0;
}

#ifndef TOKENKIT_LIBFUZZER
namespace {

// Some are longer than what a stream of chunks holds back.
std::string random_input(tokenkit::test::Random& random) {
  using namespace tokenkit::test;
  const std::string choice = random_choice(random);
  if (random.below(50) == 0) return choice + chunk_sample(random, random.below(5000));
  if (random.below(2) == 0) return choice + random_text(random, random.below(40));
  return choice + chunk_sample(random, random.below(60), 100);
}

}  // namespace

int main(int argc, char** argv) {
  return tokenkit::test::fuzz(argc, argv, "fuzz_streams", "all totals and chunks agree",
                              random_input);
}
#endif
