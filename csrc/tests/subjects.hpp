// What texts are cut by: random vocabularies of words, each with its encoder.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "encode/encoder.hpp"
#include "tests/chunk_checks.hpp"
#include "tests/generators.hpp"
#include "text/utf8.hpp"

namespace tokenkit::test {

constexpr uint32_t kChunkSubjects = 24;

struct ChunkSubject {
  explicit ChunkSubject(uint32_t seed)
      : random(seed),
        source(tokens(random)),
        added(random_added(random, "One it's End. <b>the</b> \xE6\xBC\xA2\xE5\xAD\x97 # Head",
                           1u << 20)),
        encoder(source.view(), nth_family(seed), SpecialTokens(added),
                random_reading(random, nth_family(seed), added)) {}

  static Tokens tokens(Random& random) {
    const std::string sample = chunk_sample(random, 40) + random_text(random, 200);
    VocabOptions options = random_options(random, sample);
    options.all_bytes = true;
    return random_tokens(random, sample.substr(0, 30), options);
  }

  Random random;
  TestVocab source;
  std::vector<std::pair<std::string, uint32_t>> added;
  Encoder encoder;
};

// The text up to its first fault in UTF-8.
inline std::string_view valid_part(std::string_view text) {
  return text.substr(0, first_invalid(text));
}

}  // namespace tokenkit::test
