// Vocabulary images: what is refused, what is found, and the table of pairs.
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "bpe/merge.hpp"
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
  const bool refused = false;
  CHECK(refused);
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
  CHECK_EQ(vocab.byte_rank('a'), kMaxIds - 257);
  CHECK_EQ(vocab.pair(kMaxIds - 257, 0), 5u);
  CHECK_EQ(vocab.token(kMaxIds - 257), "a");
  CHECK(vocab.token(4).empty());
  CHECK_EQ(vocab.token(vocab.byte_rank(0xFF)), "\xFF");  // the highest internal id
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
    const uint32_t id = vocab.byte_rank(static_cast<uint8_t>(byte));
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
    return part.size() == 1 ? vocab.byte_rank(static_cast<uint8_t>(part[0]))
                            : source.ranks.at(part);
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

ImageHeader header_of(const std::vector<uint8_t>& image) {
  ImageHeader header;
  std::memcpy(&header, image.data(), sizeof header);
  return header;
}

void set_header(std::vector<uint8_t>& image, ImageHeader header) {
  header.sum = header.header_sum();
  std::memcpy(image.data(), &header, sizeof header);
}

std::string_view view_of(const std::vector<uint8_t>& image) {
  return {reinterpret_cast<const char*>(image.data()), image.size()};
}

void test_broken_images() {
  Random random(33);
  const TestVocab source(random_tokens(random, "abc", {}));
  for (size_t size = 0; size < source.image.size(); size += size < 300 ? 1 : 9973) {
    const std::vector<uint8_t> cut(source.image.begin(),
                                   source.image.begin() + static_cast<ptrdiff_t>(size));
    check_refused("not a usable vocabulary image", [&] { Vocab vocab(view_of(cut)); });
  }
  std::vector<uint8_t> longer = source.image;
  longer.resize(longer.size() + 64);
  ImageHeader header = header_of(longer);
  header.image_size = longer.size();
  set_header(longer, header);
  check_refused("end before it does", [&] { Vocab vocab(view_of(longer)); });
  std::vector<uint8_t> image = source.image;
  image[0] = 'X';
  check_refused("does not start", [&] { Vocab vocab(view_of(image)); });
}

// After change(header), and with the right sum, an image is refused.
template <class Change>
void check_forged(const TestVocab& source, const char* part, const Change& change) {
  std::vector<uint8_t> image = source.image;
  ImageHeader header = header_of(image);
  change(header);
  set_header(image, header);
  check_refused(part, [&] { Vocab vocab(view_of(image)); });
}

// What a header says is not believed, even where its sum is right.
void test_forged_numbers() {
  Random random(33);
  const TestVocab source(random_tokens(random, "abc", {}));
  const auto set = [&](auto member, auto value, const char* part) {
    check_forged(source, part, [&](ImageHeader& header) { header.*member = value; });
  };
  const std::string versions = "version " + std::to_string(kImageVersion + 1) + ", expected " +
                               std::to_string(kImageVersion);
  set(&ImageHeader::version, kImageVersion + 1, versions.c_str());
  set(&ImageHeader::byte_order, 0x04030201u, "little-endian");
  set(&ImageHeader::image_size, source.image.size() + 64, "bytes long");
  set(&ImageHeader::public_ids, 0u, "number of ids");
  set(&ImageHeader::public_ids, 0xFFFFFFFFu, "number of ids");
  set(&ImageHeader::slot_count, 0xFFFFFFFFu, "number of ids");
  set(&ImageHeader::slot_count, kMaxIds, "slots lies outside");
  set(&ImageHeader::max_token_size, 0u, "longest token");
  set(&ImageHeader::max_token_size, 0xFFFFFFFFu, "longest token");
  set(&ImageHeader::short_buckets, 0u, "impossible size");
  set(&ImageHeader::short_buckets, 0xFFFFFFFFu, "outside");
  set(&ImageHeader::long_slots, 0u, "impossible size");
  set(&ImageHeader::long_slots, 3u, "impossible size");
  set(&ImageHeader::long_slots, 0x80000000u, "outside");
  set(&ImageHeader::pair_buckets, 0u, "impossible size");
  set(&ImageHeader::pair_buckets, 0x7FFFFFFFu, "outside");
  set(&ImageHeader::rank_ids, 1u, "outside");
  set(&ImageHeader::rank_ids, kMaxIds + 1, "number of ranks");
  set(&ImageHeader::byte_tokens, 255u, "number of ranks");
  set(&ImageHeader::byte_tokens, 256u, "outside");
  set(&ImageHeader::filter_bits, 32u, "outside");
  set(&ImageHeader::filter_bits, 5u, "possible size");
  set(&ImageHeader::filter_bits, 64u, "possible size");
}

void test_forged_sections() {
  Random random(33);
  const TestVocab source(random_tokens(random, "abc", {}));
  const ImageHeader good = header_of(source.image);
  const uint64_t size = source.image.size();
  for (size_t part = 0; part < kImageParts; ++part) {
    for (uint64_t bad : {uint64_t{0}, size, size + 64, ~uint64_t{63}, uint64_t{65}}) {
      if (bad == good.sections[part].offset) continue;  // of an empty one
      check_forged(source, "outside",
                   [&](ImageHeader& header) { header.sections[part].offset = bad; });
    }
    for (uint64_t bad : {size + 64, ~uint64_t{63}, uint64_t{65}}) {
      check_forged(source, "outside",
                   [&](ImageHeader& header) { header.sections[part].size = bad; });
    }
  }
  check_forged(source, "outside", [](ImageHeader& header) { header.sections[kJoins].size -= 64; });
  // Sections follow each other, but do not begin where they may.
  for (size_t part = 1; part < kImageParts; ++part) {
    if (good.sections[part].size < 64) continue;
    check_forged(source, "outside", [&](ImageHeader& header) {
      header.sections[part - 1].size += 32;
      header.sections[part].offset += 32;
      header.sections[part].size -= 32;
    });
  }
}

// Any bit of the header is noticed at once, any bit of a section by verify().
void test_damaged_images() {
  Random random(34);
  std::vector<uint8_t> image = TestVocab(random_tokens(random, "abc", {})).image;
  const std::string_view view(reinterpret_cast<const char*>(image.data()), image.size());
  Vocab(view).verify();
  for (size_t bit = 0; bit < 8 * sizeof(ImageHeader); ++bit) {
    image[bit / 8] ^= static_cast<uint8_t>(1 << (bit % 8));
    check_refused("not a usable vocabulary image", [&] { Vocab vocab(view); });
    image[bit / 8] ^= static_cast<uint8_t>(1 << (bit % 8));
  }
  const ImageHeader header = header_of(image);
  for (const ImageSection& section : header.sections) {
    for (int round = 0; round < 12 && section.size != 0; ++round) {
      const size_t at = section.offset + random.below(static_cast<uint32_t>(section.size));
      const auto mask = static_cast<uint8_t>(1 << random.below(8));
      image[at] ^= mask;
      check_refused("is damaged", [&] { Vocab(view).verify(); });
      image[at] ^= mask;
    }
  }
  Vocab(view).verify();
}

// Sections with anything in them: verify() refuses the image, and lookups without it end inside.
void test_lookups_in_damaged_images() {
  Random random(35);
  const TestVocab source(random_tokens(random, "abc", {}));
  for (int round = 0; round < 40; ++round) {
    std::vector<uint8_t> image = source.image;
    const ImageHeader header = header_of(image);
    const ImageSection& section = header.sections[random.below(kImageParts)];
    // Without an empty entry there is no end to a search but its start.
    const int kind = static_cast<int>(random.below(3));
    for (uint64_t i = 0; i < section.size; ++i) {
      image[section.offset + i] = static_cast<uint8_t>(kind == 0 ? random.below(256) : kind - 1);
    }
    if (image == source.image) continue;
    const std::string_view view(reinterpret_cast<const char*>(image.data()), image.size());
    check_refused("is damaged", [&] { Vocab(view).verify(); });
    try {
      const Vocab vocab(view);
      for (const auto& [token, rank] : source.tokens) {
        vocab.find(bytes_of(token), token.size());
        vocab.token(rank);
      }
      for (size_t size = kShortMax - 3; size < kShortMax + 20; ++size) {
        const std::string text = random_string(random, "abc", size);
        vocab.find(bytes_of(text), text.size());
        uint32_t ids[64];
        merge_bytes(vocab, bytes_of(text), text.size(), ids);
      }
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::kVocabulary);
    }
  }
}

// No image is read on a big-endian machine, neither one of a file nor one that was built there.
void test_big_endian() {
  const TestVocab source({{"a", 0}});
  check_refused("it needs a little-endian machine", [&] { Vocab vocab(source.view()); });
  std::vector<uint8_t> image = source.image;
  std::reverse(image.begin() + offsetof(ImageHeader, byte_order),
               image.begin() + offsetof(ImageHeader, image_size));
  const std::string_view view(reinterpret_cast<const char*>(image.data()), image.size());
  check_refused("it needs a little-endian machine", [&] { Vocab vocab(view); });
}

}  // namespace
}  // namespace tokenkit::test

int main() {
  using namespace tokenkit::test;
  if (std::endian::native == std::endian::big) {  // make big-endian
    test_big_endian();
    return report("test_vocab");
  }
  test_refused_tokens();
  test_highest_rank();
  test_random_vocabularies();
  test_same_image_in_any_order();
  test_broken_images();
  test_forged_numbers();
  test_forged_sections();
  test_damaged_images();
  test_lookups_in_damaged_images();
  return report("test_vocab");
}
