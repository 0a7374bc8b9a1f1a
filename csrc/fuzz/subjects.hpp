// What texts are cut by: random vocabularies of words, each with its encoder.
#pragma once

#include <string>
#include <string_view>

#include "encode/encoder.hpp"
#include "tests/chunk_checks.hpp"
#include "tests/generators.hpp"
#include "text/utf8.hpp"

namespace tokenkit::test {

constexpr uint32_t kChunkSubjects = 12;

struct ChunkSubject {
  explicit ChunkSubject(uint32_t seed)
      : random(seed),
        source(tokens(random)),
        encoder(source.view(), nth_family(seed), SpecialTokens({})) {}

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

// The text up to its first fault in UTF-8.
inline std::string_view valid_part(std::string_view text) {
  return text.substr(0, first_invalid(text));
}

}  // namespace tokenkit::test
