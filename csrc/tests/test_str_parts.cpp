// A str that is scanned in parts has the ids of its UTF-8, whatever its characters take.
#include <optional>
#include <string>
#include <vector>

#include "encode/str_parts.hpp"
#include "scan/families.hpp"
#include "tests/check.hpp"
#include "tests/generators.hpp"
#include "tests/reference.hpp"
#include "tests/text_helpers.hpp"
#include "text/utf8.hpp"

namespace tokenkit::test {
namespace {

// Several parts, made of one random text after the other; some have no place to be cut.
CodePoints long_text(Random& random, uint32_t highest) {
  CodePoints text;
  const bool run = random.below(3) == 0;
  while (text.size() < 150000) {
    const std::string unit = run ? "\xE5\xAD\x97z" : random_text(random, 5 + random.below(60));
    const size_t times = random.below(4) == 0 ? 1 + random.below(30000) / unit.size() : 1;
    CodePoints characters;
    const auto* p = reinterpret_cast<const uint8_t*>(unit.data());
    for (const uint8_t* end = p + unit.size(); p < end;) {
      uint32_t cp;
      p += decode(p, end, &cp);
      characters.push_back(cp <= highest ? cp : cp % 128);
    }
    for (size_t k = 0; k < times; ++k) {
      text.insert(text.end(), characters.begin(), characters.end());
    }
  }
  text.resize(random.below(3) == 0 ? 65536 * (1 + random.below(2)) : 100000 + random.below(50000));
  return text;
}

template <class Char>
void check_text(const Encoder& encoder, const CodePoints& code_points) {
  const std::vector<Char> text(code_points.begin(), code_points.end());
  const std::string utf8 = test::to_utf8(code_points);
  Encoder::Lease scratch(encoder);
  IdSink expected, ids;
  encoder.encode(utf8, nullptr, *scratch, expected);
  ids.push(7);  // what is in the sink stays there
  const int width = sizeof(Char);
  CHECK(encode_str(encoder, text.data(), text.size(), width, *scratch, ids));
  CHECK(std::vector<uint32_t>(ids.data() + 1, ids.data() + ids.size()) ==
        std::vector<uint32_t>(expected.data(), expected.data() + expected.size()));
  const auto count = [&](size_t limit) {
    return count_str(encoder, text.data(), text.size(), width, limit, *scratch);
  };
  const size_t total = expected.size();
  CHECK(count(kNoLimit) == total);
  CHECK(count(total) == total);
  CHECK(count(total + 9) == total);
  for (size_t limit : {total / 2, total - 1, size_t{0}}) {
    if (limit < total) CHECK(count(limit) == limit + 1);
  }
}

template <class Char>
void test_texts(uint32_t highest) {
  Random random(91);
  const TestVocab source(random_tokens(random, "ab the\xE5\xAD\x97", {}));
  for (Family family : Families::kAll) {
    const Encoder encoder(source.view(), family, SpecialTokens({}));
    for (int round = 0; round < 6; ++round) check_text<Char>(encoder, long_text(random, highest));
    check_text<Char>(encoder, {});
    check_text<Char>(encoder, CodePoints(65537, 'a'));
  }
}

void test_surrogates_anywhere() {
  Random random(92);
  const TestVocab source(random_tokens(random, "ab", {}));
  const Encoder encoder(source.view(), Family::kO200k, SpecialTokens({}));
  for (size_t at : {0, 65535, 65536, 140000, 199999}) {
    std::vector<uint16_t> text(200000, 'a');
    for (size_t i = 0; i < text.size(); i += 3) text[i] = ' ';  // places to cut
    text[at] = 0xD83D;
    Encoder::Lease scratch(encoder);
    IdSink ids;
    CHECK(!encode_str(encoder, text.data(), text.size(), 2, *scratch, ids));
    CHECK(count_str(encoder, text.data(), text.size(), 2, kNoLimit, *scratch) == std::nullopt);
    // What is not looked at does not matter.
    const auto few = count_str(encoder, text.data(), text.size(), 2, 10, *scratch);
    CHECK(at < 65536 ? few == std::nullopt : few == 11);
  }
}

}  // namespace
}  // namespace tokenkit::test

int main() {
  using namespace tokenkit::test;
  test_texts<uint8_t>(0xFF);
  test_texts<uint16_t>(0xFFFF);
  test_texts<uint32_t>(0x10FFFF);
  test_surrogates_anywhere();
  return report("test_str_parts");
}
