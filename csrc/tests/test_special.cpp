// The search for special tokens against one that tries every token at every place.
#include <string>
#include <vector>

#include "base/error.hpp"
#include "encode/special.hpp"
#include "tests/check.hpp"
#include "tests/generators.hpp"
#include "tests/reference.hpp"
#include "tests/text_helpers.hpp"

namespace tokenkit::test {
namespace {

void check_same(const SpecialTokens& specials, const std::string& text, const SpecialSet& among,
                size_t step = 1) {
  for (size_t pos = 0; pos <= text.size(); pos += step) {
    const SpecialTokens::Match got = specials.find(text, pos, among);
    const SpecialTokens::Match wanted = reference_find_special(specials, text, pos, among);
    CHECK_EQ(got.found(), wanted.found());
    if (wanted.found()) CHECK(got.start == wanted.start && got.index == wanted.index);
  }
}

void test_random_sets() {
  Random random(41);
  const std::string_view alphabets[] = {"a", "ab", "<|e>", "\xE4\xB8\xAD\x7F\x80"};
  for (int round = 0; round < 1500; ++round) {
    const std::string_view alphabet = alphabets[random.below(4)];
    std::vector<std::pair<std::string, uint32_t>> tokens;
    Ranks seen;
    for (uint32_t left = random.below(12); left > 0; --left) {
      std::string token = random_string(random, alphabet, 1 + random.below(5));
      if (round % 2 == 0) token.insert(0, 1, '<');  // all begin alike: the search jumps there
      if (seen.emplace(token, left).second) tokens.emplace_back(token, random.below(8));
    }
    const SpecialTokens specials(tokens);
    SpecialSet among(tokens.size());
    for (size_t i = 0; i < among.size(); ++i) among[i] = random.below(3) != 0;
    const std::string text = random_string(random, std::string(alphabet) + "<", random.below(40));
    check_same(specials, text, among);
    check_same(specials, text, SpecialSet(tokens.size(), true));
    check_same(specials, text, SpecialSet(tokens.size(), false));
    for (size_t i = 0; i < tokens.size(); ++i) {
      CHECK_EQ(specials.index_of(tokens[i].first), i);
      size_t first = 0;  // an id that is given twice decodes to the first text
      while (tokens[first].second != tokens[i].second) ++first;
      const std::string* text_of_id = specials.text_of(tokens[i].second);
      CHECK(text_of_id != nullptr && *text_of_id == tokens[first].first);
    }
    CHECK_EQ(specials.index_of("not there"), std::string_view::npos);
    CHECK(specials.text_of(99) == nullptr);
  }
}

// Long texts are searched in stretches, and after a while by the first bytes of the set alone.
void test_long_texts() {
  Random random(43);
  const SpecialTokens specials({{"<a>", 1}, {"<b>", 2}, {"[c]", 3}, {"\n\n", 4}, {"aa", 5}});
  for (int round = 0; round < 200; ++round) {
    SpecialSet among(5);
    for (size_t i = 0; i < among.size(); ++i) among[i] = random.below(2) == 0;
    std::string text;
    while (text.size() < 60000 && random.below(5) != 0) {
      text += random_string(random, "x\n[<ab>", random.below(20));
      text.append(random.below(20000), random.below(2) == 0 ? 'x' : 'y');
      if (random.below(2) == 0) text += specials.tokens()[random.below(5)].first;
    }
    check_same(specials, text, among, 1 + text.size() / 8);
  }
}

void test_edges() {
  const SpecialTokens none(std::vector<std::pair<std::string, uint32_t>>{});
  CHECK(!none.find("text", 0, {}).found());
  CHECK_EQ(none.index_of("text"), std::string_view::npos);
  const SpecialTokens one({{"<|end|>", 5}});
  CHECK_EQ(one.find("x<|end|>", 0, {true}).start, 1u);
  CHECK(!one.find("x<|end|>", 2, {true}).found());
  CHECK(!one.find("x<|end|", 0, {true}).found());
  CHECK(!one.find("", 0, {true}).found());
  bool thrown = false;
  try {
    const SpecialTokens empty({{"a", 1}, {"", 2}});
  } catch (const Error& error) {
    thrown = error.kind() == ErrorKind::kVocabulary;
  }
  CHECK(thrown);
}

}  // namespace
}  // namespace tokenkit::test

int main() {
  using namespace tokenkit::test;
  test_random_sets();
  test_long_texts();
  test_edges();
  return report("test_special");
}
