// Vocabulary images: what is refused, what is found, and the table of pairs.
#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "bpe/vocab.hpp"
#include "bpe/vocab_build.hpp"
#include "tests/check.hpp"
#include "tests/generators.hpp"
#include "tests/reference.hpp"
#include "tests/text_helpers.hpp"

namespace tokenkit::test {
namespace {

const uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

// call() throws Error(kVocabulary) with `part` in its message.
template <class Call>
void check_refused(const char* part, const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kVocabulary);
    if (CHECK(std::string_view(error.what()).find(part) != std::string_view::npos)) return;
    std::fprintf(stderr, "  '%s' is not in: %s\n", part, error.what());
    return;
  }
  CHECK(!"an error was expected");
}

void test_refused_tokens() {
  const auto build = [](const Tokens& tokens) { return [&tokens] { build_image(tokens); }; };
  check_refused("no tokens", build({}));
  check_refused("rank 3 is empty", build({{"a", 1}, {"", 3}}));
  check_refused("b'\\x61' is given twice", build({{"a", 1}, {"b", 2}, {"a", 3}}));
  check_refused("rank 1 is given twice, to b'\\x61' and b'\\x62'", build({{"a", 1}, {"b", 1}}));
  check_refused("too large", build({{"a", kMaxIds - 256}}));
  check_refused("too large", build({{"a", 0xFFFFFFFFu}}));
}

void test_highest_rank() {
  const TestVocab source({{"a", kMaxIds - 257}, {"b", 0}, {"ab", 5}});
  const Vocab vocab(source.view());
  CHECK_EQ(vocab.public_ids(), kMaxIds - 256);
  CHECK_EQ(vocab.token_count(), 3u);
  CHECK_EQ(vocab.byte_id('a'), kMaxIds - 257);
  CHECK_EQ(vocab.pair(kMaxIds - 257, 0), 5u);
  CHECK_EQ(vocab.token(kMaxIds - 257), "a");
  CHECK(vocab.token(4).empty());
  CHECK_EQ(vocab.token(vocab.byte_id(0xFF)), "\xFF");  // the highest internal id
}

// Every token is found, nothing else is, and the pairs are the last merges of the naive BPE.
void check_vocab(Random& random, const TestVocab& source) {
  const Vocab vocab(source.view());
  CHECK_EQ(vocab.token_count(), source.tokens.size());
  size_t longest = 0, bytes = 0;
  uint32_t highest = 0;
  for (const auto& [token, rank] : source.tokens) {
    longest = std::max(longest, token.size());
    highest = std::max(highest, rank);
    bytes += token.size() == 1;
    CHECK_EQ(vocab.find(bytes_of(token), token.size()), rank);
    CHECK_EQ(vocab.token(rank), token);
  }
  CHECK_EQ(vocab.max_token_size(), longest);
  CHECK_EQ(vocab.public_ids(), highest + 1);
  CHECK_EQ(vocab.complete(), bytes == 256);
  CHECK(vocab.token(highest + 257).empty());
  CHECK(vocab.token(kNone).empty());
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text(1, static_cast<char>(byte));
    const uint32_t id = vocab.byte_id(static_cast<uint8_t>(byte));
    CHECK_EQ(vocab.token(id), text);
    CHECK_EQ(id < vocab.public_ids(), source.ranks.count(text) == 1);
  }
  CHECK_EQ(vocab.find(nullptr, 0), kNone);
  for (int round = 0; round < 300; ++round) {
    std::string text =
        source.tokens[random.below(static_cast<uint32_t>(source.tokens.size()))].first;
    const uint32_t at = random.below(static_cast<uint32_t>(text.size()));
    if (random.below(2) == 0) text[at] = static_cast<char>(random.below(256));
    if (random.below(2) == 0) text.insert(at, 1, static_cast<char>(random.below(256)));
    const auto found = source.ranks.find(text);
    CHECK_EQ(vocab.find(bytes_of(text), text.size()),
             found == source.ranks.end() ? kNone : found->second);
  }
}

// The state of BPE over a token just before its last merge, found by leaving out that token.
void check_pairs(const TestVocab& source) {
  const Vocab vocab(source.view());
  const auto id_of = [&](const std::string& part) {
    return part.size() == 1 ? vocab.byte_id(static_cast<uint8_t>(part[0])) : source.ranks.at(part);
  };
  Ranks ranks = source.ranks;
  std::vector<std::pair<uint32_t, uint32_t>> known;
  for (const auto& [token, rank] : source.tokens) {
    if (token.size() < 2) continue;
    ranks.erase(token);
    const std::vector<std::string> parts = reference_merge(ranks, token);
    ranks.emplace(token, rank);
    const bool reached = reference_merge(ranks, token).size() == 1;
    CHECK_EQ(reached, parts.size() == 2);
    for (size_t cut = 1; cut < token.size(); ++cut) {
      const std::string left = token.substr(0, cut), right = token.substr(cut);
      if ((left.size() > 1 && !ranks.count(left)) || (right.size() > 1 && !ranks.count(right))) {
        continue;
      }
      const bool official = reached && parts[0] == left;
      CHECK_EQ(vocab.pair(id_of(left), id_of(right)), official ? rank : kNone);
      if (token.size() == 2) {
        CHECK_EQ(vocab.byte_pair(bytes_of(token)[0], bytes_of(token)[1]), official ? rank : kNone);
      }
    }
  }
  CHECK_EQ(vocab.pair(kMaxIds - 1, kMaxIds - 1), kNone);
}

void test_random_vocabularies() {
  Random random(31);
  for (int round = 0; round < 60; ++round) {
    const std::string_view alphabet = round % 3 == 0   ? "ab"
                                      : round % 3 == 1 ? "abcdefgh"
                                                       : "\xF0 z";
    const std::string sample = random_string(random, alphabet, 1500);
    const TestVocab source(random_tokens(random, alphabet, random_options(random, sample)));
    check_vocab(random, source);
    check_pairs(source);
  }
  check_vocab(random, TestVocab({{"x", 0}}));
  check_vocab(random, TestVocab({{std::string(70000, 'y'), 3}}));
}

void test_same_image_in_any_order() {
  Random random(32);
  Tokens tokens = random_tokens(random, "abc", {});
  const std::vector<uint8_t> image = build_image(tokens);
  std::reverse(tokens.begin(), tokens.end());
  CHECK(build_image(tokens) == image);
}

void test_broken_images() {
  Random random(33);
  const TestVocab source(random_tokens(random, "abc", {}));
  const auto view = [](const std::vector<uint8_t>& image, size_t size) {
    return std::string_view(reinterpret_cast<const char*>(image.data()), size);
  };
  for (size_t size = 0; size < source.image.size(); size += size < 300 ? 1 : 9973) {
    const std::vector<uint8_t> cut(source.image.begin(),
                                   source.image.begin() + static_cast<ptrdiff_t>(size));
    check_refused("not a usable vocabulary image", [&] { Vocab vocab(view(cut, size)); });
  }
  const auto with = [&](auto member, auto value, const char* part) {
    std::vector<uint8_t> image = source.image;
    ImageHeader header;
    std::memcpy(&header, image.data(), sizeof header);
    header.*member = value;
    std::memcpy(image.data(), &header, sizeof header);
    check_refused(part, [&] { Vocab vocab(view(image, image.size())); });
  };
  with(&ImageHeader::version, kImageVersion + 1,
       ("version " + std::to_string(kImageVersion + 1) + ", expected " +
        std::to_string(kImageVersion))
           .c_str());
  with(&ImageHeader::byte_order, 0x04030201u, "little-endian");
  with(&ImageHeader::image_size, source.image.size() + 64, "bytes long");
  with(&ImageHeader::slot_count, 0xFFFFFFFFu, "outside");
  with(&ImageHeader::short_buckets, 0xFFFFFFFFu, "outside");
  with(&ImageHeader::long_slots, 0x80000000u, "outside");
  with(&ImageHeader::pair_buckets, 0x7FFFFFFFu, "outside");
  with(&ImageHeader::filter_bits, 32u, "outside");
  with(&ImageHeader::filter_bits, 5u, "possible size");
  with(&ImageHeader::filter_bits, 64u, "possible size");
  const uint64_t size = source.image.size();
  for (uint64_t bad : {size, size + 64, ~uint64_t{63}, uint64_t{65}}) {
    with(&ImageHeader::byte_pairs, bad, "outside");
    with(&ImageHeader::byte_ids, bad, "outside");
    with(&ImageHeader::pair_table, bad, "outside");
  }
  std::vector<uint8_t> image = source.image;
  image[0] = 'X';
  check_refused("does not start", [&] { Vocab vocab(view(image, image.size())); });
}

}  // namespace
}  // namespace tokenkit::test

int main() {
  using namespace tokenkit::test;
  test_refused_tokens();
  test_highest_rank();
  test_random_vocabularies();
  test_same_image_in_any_order();
  test_broken_images();
  return report("test_vocab");
}
