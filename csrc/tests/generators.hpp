// Random texts and vocabularies from the domain, for the C++ tests and the fuzz driver.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bpe/vocab.hpp"
#include "bpe/vocab_build.hpp"
#include "tests/reference.hpp"
#include "tests/text_helpers.hpp"

namespace tokenkit::test {

// One of the families of the list, in turns.
Family nth_family(size_t n);

// A vocabulary in all the shapes that a test asks for.
struct TestVocab {
  explicit TestVocab(Tokens tokens);

  std::string_view view() const {
    return {reinterpret_cast<const char*>(image.data()), image.size()};
  }

  Tokens tokens;
  Ranks ranks;
  std::vector<uint8_t> image;
};

// A vocabulary with a list of merges, and the twin that encodes pieces with it.
struct ListVocab {
  ListVocab(Tokens all, MergeList merge_list);

  std::string_view view() const {
    return {reinterpret_cast<const char*>(image.data()), image.size()};
  }

  Tokens tokens;
  MergeList list;
  std::vector<uint8_t> image;
  PieceRule rule;
};

// Text of about `atoms` atoms: characters of every class that the patterns tell apart,
// contractions, line ends, runs, texts that look like special tokens, any code points.
std::string random_text(Random& random, uint32_t atoms);

// `size` bytes out of `alphabet`.
std::string random_string(Random& random, std::string_view alphabet, size_t size);

struct VocabOptions {
  uint32_t joins = 100;      // tokens that are two others joined
  uint32_t substrings = 50;  // tokens cut out of `sample`; BPE may not reach them
  std::string_view sample;
  bool all_bytes = true;  // else about a quarter of the bytes has no token
  bool shuffled = false;  // ranks in random order: long tokens may come before their parts
  bool holes = false;     // some ranks are not used
};

// A vocabulary over the bytes of `alphabet` first, so that the joins are met in texts of it.
Tokens random_tokens(Random& random, std::string_view alphabet, const VocabOptions& options);
VocabOptions random_options(Random& random, std::string_view sample);

// A vocabulary of parts of `sample`, which is valid UTF-8, with ids in any order, and a list of
// most of the ways to join its tokens, in any order; some twice. With and without characters and
// bytes.
ListVocab random_list(Random& random, std::string_view sample);

// Added tokens out of `sample` and texts like tags, which may overlap, with ids from `first_id` on;
// empty for some.
std::vector<std::pair<std::string, uint32_t>> random_added(Random& random, std::string_view sample,
                                                           uint32_t first_id);
// A way to read texts with such a vocabulary: plain, behind a space, or with these added tokens.
Reading random_reading(Random& random, Family family,
                       const std::vector<std::pair<std::string, uint32_t>>& added);

// All 256 bytes, and all pairs of the first `letters` letters from 'A' on, with ranks that fall
// along the returned text, which holds each pair once: each merge waits for the one behind it, so
// what BPE does at one place depends on places far ahead.
Tokens falling_chain(uint32_t letters, std::string* text);

}  // namespace tokenkit::test
