// Differential fuzzing of WordPiece: bytes become a vocabulary and a text, which goes down the
// roads of csrc/wordpiece and is compared with the slow twin. A difference aborts.
//
// With libFuzzer (clang++ -fsanitize=fuzzer -DTOKENKIT_LIBFUZZER) it is driven by coverage;
// without, it is a program that makes its own inputs:
//     fuzz_wordpiece [SECONDS [SEED]]
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/driver.hpp"
#include "tests/text_helpers.hpp"
#include "tests/wordpiece_subject.hpp"
#include "text/utf8.hpp"
#include "wordpiece/counter.hpp"

namespace tokenkit::test {
namespace {

constexpr uint32_t kVocabularies = 64;  // each of the 32 options twice

struct Kept {
  explicit Kept(uint32_t seed) : random(seed), subject(model(random, seed)) {}

  static WordPieceModel model(Random& random, uint32_t seed) {
    const bert::Options options = options_of(seed % kAllOptions);
    return random_model(random, options, random_words(random, 60));
  }

  Random random;
  WordPieceSubject subject;
};

std::string wrong(const char* road, size_t got, size_t wanted) {
  if (got == wanted) return {};
  return std::string(road) + ": " + std::to_string(got) + ", expected " + std::to_string(wanted);
}

std::string wrong_stream(const WordPiece& words, std::string_view text, size_t wanted,
                         Random& random) {
  WordCounter counter(words);
  for (size_t pos = 0; pos < text.size();) {
    const size_t end = ceil_char(text, pos + 1 + random.below(9));
    counter.update(text.substr(pos, end - pos));
    pos = end;
  }
  return wrong("a stream", counter.total({}), wanted);
}

std::string wrong_parts(const WordPiece& words, std::string_view text, size_t wanted,
                        Scratch& scratch) {
  std::vector<size_t> ends;
  words.split(text, 9, ends);
  size_t total = 0;
  size_t start = 0;
  for (const size_t end : ends) {
    total += words.count(text.substr(start, end - start), nullptr, scratch);
    start = end;
  }
  std::string fault = wrong("parts", total, wanted);
  std::vector<int64_t> places;
  std::vector<int64_t> counts;
  words.count_words(text, scratch, places, counts);
  total = 0;
  for (const int64_t count : counts) total += static_cast<size_t>(count);
  return fault.empty() ? wrong("words", total, wanted) : fault;
}

std::string wrong_road(const WordPieceSubject& subject, const std::string& text, Random& random) {
  Scratch scratch;
  const WordPiece& words = subject.words;
  const std::vector<uint32_t> wanted = reference_wordpiece(subject.model, text);
  IdSink sink;
  words.encode(text, nullptr, scratch, sink);
  if (std::vector<uint32_t>(sink.data(), sink.data() + sink.size()) != wanted) return "other ids";
  std::string fault = wrong("count", words.count(text, nullptr, scratch), wanted.size());
  if (fault.empty()) fault = wrong_stream(words, text, wanted.size(), random);
  if (fault.empty()) fault = wrong_parts(words, text, wanted.size(), scratch);
  return fault;
}

}  // namespace
}  // namespace tokenkit::test

// Byte 0 names the vocabulary, bytes 1 and 2 the seed for parts; the rest is the text.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tokenkit;
  using namespace tokenkit::test;
  if (size < 3) return 0;
  Random random(static_cast<uint32_t>(data[1] << 8 | data[2]));
  const std::string_view given(reinterpret_cast<const char*>(data + 3), size - 3);
  const std::string text(given.substr(0, first_invalid(given)));
  const Kept& made = kept<Kept, kVocabularies>(data[0] % kVocabularies);
  stop_at(wrong_road(made.subject, text, random), data, size);
  return 0;
}

#ifndef TOKENKIT_LIBFUZZER
namespace {

std::string random_input(tokenkit::test::Random& random) {
  using namespace tokenkit::test;
  return random_choice(random) +
         random_words(random, random.below(random.below(9) == 0 ? 400 : 20));
}

}  // namespace

int main(int argc, char** argv) {
  return tokenkit::test::fuzz(argc, argv, "fuzz_wordpiece", "all roads agree", random_input);
}
#endif
