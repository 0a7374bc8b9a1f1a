// Every road through the encoder against the slow twin, with cold and warm piece tables.
//     test_encoder [FOLDER]     bundled vocabulary images in FOLDER, else in tokenkit/data, are
//                               tried as well
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "encode/encoder.hpp"
#include "encode/spans.hpp"
#include "scan/families.hpp"
#include "tests/check.hpp"
#include "tests/generators.hpp"
#include "tests/reference.hpp"
#include "tests/roads.hpp"
#include "tests/text_helpers.hpp"
#include "text/utf8.hpp"

namespace tokenkit::test {
namespace {

void check_roads(const Encoder& encoder, const Ranks& ranks, const std::string& text,
                 const SpecialSet* allowed, Random& random) {
  const std::string fault = compare_roads(encoder, rank_rule(ranks), text, allowed, random);
  if (CHECK(fault.empty())) return;
  std::fprintf(stderr, "  %s\n  family %d, text ", fault.c_str(), int(encoder.family()));
  for (unsigned char byte : text.substr(0, 200)) std::fprintf(stderr, "\\x%02X", byte);
  std::fputc('\n', stderr);
}

// A text of random tokens of the vocabulary, valid UTF-8 because only such tokens are taken.
std::string glued_tokens(Random& random, const Tokens& tokens, uint32_t count) {
  std::string text;
  while (count-- > 0) {
    const std::string& token = tokens[random.below(static_cast<uint32_t>(tokens.size()))].first;
    if (first_invalid(token) == std::string_view::npos) text += token;
  }
  return text;
}

void test_random_vocabularies() {
  Random random(71);
  for (int round = 0; round < 60; ++round) {
    const std::string sample = random_text(random, 300);
    const VocabOptions options = random_options(random, sample);
    const TestVocab source(random_tokens(random, sample.substr(0, 30), options));
    const Encoder encoder(source.view(), nth_family(static_cast<size_t>(round)),
                          sample_specials(5000));
    SpecialSet allowed(encoder.specials().tokens().size());
    for (int k = 0; k < 12; ++k) {
      for (size_t i = 0; i < allowed.size(); ++i) allowed[i] = random.below(2) == 0;
      const std::string text = k % 3 == 0   ? glued_tokens(random, source.tokens, random.below(60))
                               : k % 3 == 1 ? random_text(random, random.below(60))
                                            : random_text(random, random.below(4));
      // Twice: the second time with what the first one left in the tables.
      check_roads(encoder, source.ranks, text, &allowed, random);
      check_roads(encoder, source.ranks, text, nullptr, random);
    }
  }
}

// Sizes at which pieces change their table or their merge: 15, 128, 1,023 bytes.
void test_piece_sizes() {
  Random random(72);
  for (Family family : Families::kAll) {
    const std::string sample = random_string(random, "ab", 2000);
    const TestVocab source(random_tokens(random, "ab", {20, 40, sample, true, false, false}));
    const Encoder encoder(source.view(), family, sample_specials(5000));
    for (size_t size : {1,  2,  3,   4,   5,   12,  13,  14,   15,   16,   17,  63,
                        64, 65, 127, 128, 129, 255, 256, 1022, 1023, 1024, 1025}) {
      for (int k = 0; k < 4; ++k) {
        const std::string word = random_string(random, "ab", size);
        check_roads(encoder, source.ranks, word, nullptr, random);
        check_roads(encoder, source.ranks, word + " " + word, nullptr, random);
      }
    }
  }
}

std::vector<uint32_t> encoded(const Encoder& encoder, std::string_view text, Scratch& scratch) {
  IdSink sink;
  encoder.encode(text, nullptr, scratch, sink);
  return {sink.data(), sink.data() + sink.size()};
}

// More different pieces than the tables hold, twice over: what was pushed out comes back right.
void test_evictions() {
  Random random(73);
  VocabOptions options;
  options.joins = 400;
  const TestVocab source(random_tokens(random, "abcdefgh", options));
  const Encoder encoder(source.view(), Family::kCl100k, sample_specials(5000));
  std::vector<std::string> texts;
  std::vector<std::vector<uint32_t>> wanted;
  for (int i = 0; i < 120; ++i) {
    std::string text;
    for (int word = 0; word < 1000; ++word) {
      const size_t size = i % 3 == 0 ? 16 + random.below(60 + i % 2 * 1000) : 1 + random.below(15);
      text += " " + random_string(random, "abcdefgh", size);
    }
    texts.push_back(text);
    Scratch cold;
    wanted.push_back(encoded(encoder, text, cold));
  }
  Scratch warm;
  for (int round = 0; round < 2; ++round) {
    for (size_t i = 0; i < texts.size(); ++i) {
      CHECK(encoded(encoder, texts[i], warm) == wanted[i]);
      CHECK_EQ(encoder.count(texts[i], nullptr, warm), wanted[i].size());
    }
  }
  const ReferenceIds reference = reference_encode(rank_rule(source.ranks), Family::kCl100k,
                                                  texts[0], encoder.specials(), nullptr);
  CHECK(reference.ids == wanted[0]);
}

template <class Call>
void check_error(ErrorKind kind, const char* part, const Call& call) {
  bool thrown = false;
  try {
    call();
  } catch (const Error& error) {
    thrown = error.kind() == kind && std::string_view(error.what()).find(part) != std::string::npos;
  }
  CHECK(thrown);
}

void test_ids_and_errors() {
  const TestVocab source({{"a", 0}, {"b", 3}, {"ab", 1}, {"\xC3", 5}, {"\xA9", 6}});
  const SpecialTokens specials({{"<s>", 3}, {"<t>", 2}, {"<u>", 900}});
  const Encoder encoder(source.view(), Family::kGpt2, specials);
  CHECK_EQ(encoder.token(1), "ab");
  CHECK_EQ(encoder.token(3), "b");  // a token comes before a special token with its id
  CHECK_EQ(encoder.token(2), "<t>");
  CHECK_EQ(encoder.token(900), "<u>");
  for (uint32_t id : {4u, 7u, 250u, 901u, kMaxIds, kNone}) {  // holes, internal ids, beyond
    check_error(ErrorKind::kKey, std::to_string(id).c_str(), [&] { encoder.token(id); });
  }
  check_error(ErrorKind::kKey, "4", [&] {
    std::string out;
    const uint32_t ids[] = {0, 4};
    encoder.decode(ids, 2, out);
  });
  Scratch scratch;
  check_error(ErrorKind::kVocabulary, "0x63", [&] { encoded(encoder, "abc", scratch); });
  CHECK(encoded(encoder, "ab\xC3\xA9", scratch) == (std::vector<uint32_t>{1, 5, 6}));
}

void test_span_errors() {
  const TestVocab source({{"a", 0}, {"b", 1}, {"ab", 2}});
  const Encoder encoder(source.view(), Family::kGpt2, sample_specials(10));
  const auto spans = [&](std::string_view text, const std::vector<uint32_t>& ids) {
    std::vector<int64_t> out(2 * ids.size(), -1);
    token_spans(encoder, text, ids.data(), ids.size(), SpanUnit::kChar, out.data());
    return out;
  };
  CHECK(spans("", {}).empty());
  CHECK(spans("aba", {2, 0}) == (std::vector<int64_t>{0, 2, 2, 3}));
  const auto refused = [&](std::string_view text, const std::vector<uint32_t>& ids) {
    check_error(ErrorKind::kValue, "do not belong", [&] { spans(text, ids); });
  };
  refused("ab", {});
  refused("ab", {0});
  refused("ab", {2, 0});
  refused("ab", {0, 2});
  refused("", {0});
  check_error(ErrorKind::kKey, "99", [&] { spans("ab", {0, 99}); });
}

// A bundled vocabulary, if it is there: its own tokens as ranks.
void check_bundled(const std::filesystem::path& file, Family family) {
  std::ifstream in(file, std::ios::binary);
  const std::vector<char> bytes((std::istreambuf_iterator<char>(in)),
                                std::istreambuf_iterator<char>());
  const Encoder encoder({bytes.data(), bytes.size()}, family, sample_specials(300000));
  Tokens tokens;
  Ranks ranks;
  for (uint32_t id = 0; id < encoder.vocab().public_ids(); ++id) {
    const std::string token(encoder.vocab().token(id));
    if (token.empty()) continue;
    tokens.emplace_back(token, id);
    ranks.emplace(token, id);
  }
  CHECK_EQ(tokens.size(), encoder.vocab().token_count());
  Random random(74);
  const SpecialSet allowed(encoder.specials().tokens().size(), true);
  for (int round = 0; round < 40; ++round) {
    check_roads(encoder, ranks, glued_tokens(random, tokens, random.below(80)), nullptr, random);
    check_roads(encoder, ranks, random_text(random, random.below(80)), &allowed, random);
  }
  for (const char* unit : {"a", " ", "\n", "0", "=", "\xE4\xB8\xAD", "ab", " \t"}) {
    check_roads(encoder, ranks, repeat(unit, 1000) + "x", nullptr, random);
  }
}

// Whatever a number in a header says, and the header's sum with it: the image is refused, or every
// road through it ends. (Which ids it gives then, nobody can say.)
void test_forged_headers() {
  Random random(77);
  const std::string text = random_text(random, 500);
  const TestVocab source(random_tokens(random, text.substr(0, 30), random_options(random, text)));
  const auto forged = [&](size_t word, uint32_t value) {
    std::vector<uint8_t> image = source.image;
    std::memcpy(image.data() + 4 * word, &value, sizeof value);
    ImageHeader header;
    std::memcpy(&header, image.data(), sizeof header);
    header.sum = header.header_sum();
    std::memcpy(image.data(), &header, sizeof header);
    return image;
  };
  const auto may_fail = [](const auto& call) {
    try {
      call();
    } catch (const Error&) {  // the image is refused, or a byte is not there any more
    }
  };
  size_t taken = 0;
  for (size_t word = 0; word < sizeof(ImageHeader) / 4; ++word) {
    for (const uint32_t value : {0u, 1u, 2u, 64u, 0x7FFFFFFFu, 0xFFFFFFFFu}) {
      const std::vector<uint8_t> image = forged(word, value);
      const std::string_view view(reinterpret_cast<const char*>(image.data()), image.size());
      may_fail([&] {
        const Encoder encoder(view, Family::kO200k, sample_specials(5000));
        ++taken;
        IdSink ids;
        may_fail([&] { encoder.count(text, nullptr); });
        may_fail([&] { encoder.within(text, 20); });
        may_fail([&] { encoder.encode(text, nullptr, ids); });
      });
    }
  }
  CHECK(taken > 6);
}

void test_bundled(const std::filesystem::path& folder) {
  const std::pair<const char*, Family> files[] = {{"r50k_base.tkv", Family::kGpt2},
                                                  {"p50k_base.tkv", Family::kGpt2},
                                                  {"cl100k_base.tkv", Family::kCl100k},
                                                  {"o200k_base.tkv", Family::kO200k}};
  for (const auto& [name, family] : files) {
    if (std::filesystem::exists(folder / name)) {
      check_bundled(folder / name, family);
    } else {
      std::printf("test_encoder: %s is not in %s\n", name, folder.string().c_str());
    }
  }
}

}  // namespace
}  // namespace tokenkit::test

int main(int argc, char** argv) {
  using namespace tokenkit::test;
  test_random_vocabularies();
  test_piece_sizes();
  test_evictions();
  test_ids_and_errors();
  test_span_errors();
  test_forged_headers();
  test_bundled(argc > 1 ? argv[1] : "tokenkit/data");
  return report("test_encoder");
}
