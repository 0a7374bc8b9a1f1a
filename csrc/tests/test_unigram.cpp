// Unigram against its slow twin, down every road.
#include <string>
#include <vector>

#include "base/error.hpp"
#include "tests/check.hpp"
#include "tests/generators.hpp"
#include "tests/growth.hpp"
#include "tests/reference_unigram.hpp"
#include "tests/sealed_blocks.hpp"
#include "tests/text_helpers.hpp"
#include "tests/words_roads.hpp"
#include "unigram/unigram.hpp"

namespace tokenkit::test {
namespace {

using unigram::Lead;
using unigram::Splits;
using unigram::Step;

const std::string kSign = "\xE2\x96\x81";

// A vocabulary with its character map, and what was built of both.
struct Subject {
  Subject(UnigramModel given, CharsMapEntries entries)
      : model(std::move(given)), map(std::move(entries)) {
    if (!map.empty()) model.charsmap = charsmap_of(map);
    image = build_unigram_image(model);
  }
  std::string_view view() const {
    return {reinterpret_cast<const char*>(image.data()), image.size()};
  }
  Unigram make(Unigram::Given given = {}) const {
    return {view(), {{{"[A]", 100}, {"b.", 101}, {"\xE4\xB8\xAD", 102}}}, given};
  }
  Twin twin() const {
    return [this](const std::string& text) { return reference_unigram(model, map, text); };
  }
  // The twin for what follows a special token.
  Twin later() const {
    UnigramModel other = model;
    if (other.splits.lead == Lead::kFirst) other.splits.lead = Lead::kNever;
    return [this, other](const std::string& text) { return reference_unigram(other, map, text); };
  }
  UnigramModel model;
  CharsMapEntries map;
  std::vector<uint8_t> image;
};

// Characters that clusters, maps and cuts care about, and some letters.
constexpr uint32_t kCharacters[] = {'a',   'a',    'a',    'b',     'c',    ' ',    ' ',    ' ',
                                    '.',   '\n',   '\r',   '\t',    0x0,    0x85,   0xE9,   0x301,
                                    0x308, 0x605,  0x200D, 0x2581,  0x3000, 0x4E2D, 0x1100, 0x1161,
                                    0xA9,  0xFF21, 0x903,  0x1F1E6, 0x1D538};

std::string random_line(Random& random, uint32_t size) {
  CodePoints out;
  for (uint32_t i = 0; i < size; ++i) {
    out.push_back(random.below(25) == 0 ? random.code_point()
                                        : kCharacters[random.below(std::size(kCharacters))]);
  }
  return to_utf8(out);
}

CharsMapEntries random_map(Random& random) {
  static const CharsMapEntries kAll = {{"\n", " "},
                                       {"\r", " "},
                                       {"\t", " "},
                                       {"e\xCC\x81", "\xC3\xA9"},
                                       {"a\xCC\x88", "x"},
                                       {"a", "b"},
                                       {"\xE3\x80\x80", " "},
                                       {"\xE2\x80\x8D", ""},
                                       {"\xD8\x85", ""},
                                       {"\xD8\x85", " "},
                                       {"\xEF\xBC\xA1", "A"},
                                       {"\xC2\xA9", "(c) "},
                                       {"b", kSign},
                                       {".", "..."},
                                       {"\xF0\x9D\x94\xB8", "A"},
                                       {" \xCC\x81", "'"}};
  CharsMapEntries out;
  for (const auto& entry : kAll) {
    const bool known = std::any_of(out.begin(), out.end(),
                                   [&](const auto& other) { return other.first == entry.first; });
    if (!known && random.below(3) != 0) out.push_back(entry);
  }
  return out;
}

std::vector<Step> random_steps(Random& random, bool maps, Lead lead) {
  std::vector<Step> steps;
  const bool keeps_start = lead == Lead::kFirst;
  if (random.below(6) == 0 && !keeps_start) steps.push_back({Step::kStripLeft, {}, {}});
  if (maps) steps.push_back({Step::kCharsMap, {}, {}});
  if (random.below(3) == 0) steps.push_back({Step::kStripRight, {}, {}});
  if (random.below(3) == 0) {
    steps.push_back({Step::kReplaceRun, " ", random.below(2) == 0 ? " " : kSign});
  }
  if (random.below(8) == 0) steps.push_back({Step::kReplace, "aa", "b "});
  if (random.below(12) == 0 && !keeps_start) steps.push_back({Step::kTrimLeft, " ", {}});
  if (random.below(12) == 0) steps.push_back({Step::kPrepend, {}, kSign});
  if (random.below(12) == 0) steps.push_back({Step::kTrimRight, kSign, {}});
  return steps;
}

Splits random_splits(Random& random) {
  Splits splits;
  splits.at_spaces = random.below(2) == 0;
  if (random.below(5) != 0) splits.sign = kSign;
  splits.at_signs = !splits.sign.empty() && random.below(4) != 0;
  if (!splits.sign.empty()) splits.lead = static_cast<Lead>(random.below(3));
  if (splits.at_spaces && splits.lead == Lead::kFirst) splits.lead = Lead::kAlways;
  return splits;
}

// Tokens cut out of normalized text, with scores that often have equal sums.
Subject random_subject(Random& random) {
  UnigramModel model{};
  model.splits = random_splits(random);
  const CharsMapEntries map = random.below(3) == 0 ? CharsMapEntries{} : random_map(random);
  model.steps = random_steps(random, !map.empty(), model.splits.lead);
  model.tokens = {{"[UNK]", 0}, {"a", 0}, {kSign, 0}, {kSign + "a", 0}};
  for (uint32_t i = 0; i < 30; ++i) {
    CodePoints token;
    for (uint32_t left = 1 + random.below(3); left > 0; --left) {
      token.push_back(kCharacters[random.below(std::size(kCharacters))]);
    }
    model.tokens.emplace_back(to_utf8(token), 0);
  }
  model.byte_fallback = random.below(3) == 0;
  for (int byte = 0; model.byte_fallback && byte < 256; ++byte) {
    char name[8];
    std::snprintf(name, sizeof name, "<0x%02X>", static_cast<unsigned>(byte));
    if (byte != 0xA9) model.tokens.emplace_back(name, 0);
  }
  for (auto& token : model.tokens) {
    token.second =
        random.below(2) == 0 ? -static_cast<double>(random.below(4)) : 0.1 * random.below(100) - 8;
  }
  model.unknown = random.below(4) == 0 ? 1 : 0;
  return {model, map};
}

void test_random_models() {
  Random random(31);
  for (uint32_t round = 0; round < 400; ++round) {
    const Subject subject = random_subject(random);
    const Unigram words = subject.make();
    Unigram::Lease scratch(words);
    for (uint32_t size : {3u, 12u, 40u}) {
      const std::string text = random_line(random, random.below(size));
      check_word_roads(words, text, subject.twin(), *scratch);
      check_word_specials(words, text, subject.twin(), subject.later(), *scratch);
      CHECK(words.normalized(text) == reference_normal(subject.model, subject.map, text));
    }
    check_word_roads(words, random_text(random, 8), subject.twin(), *scratch);
  }
}

// A normalized text that is only split, and sections that do not begin their text.
void test_given() {
  Random random(32);
  for (uint32_t round = 0; round < 60; ++round) {
    const Subject subject = random_subject(random);
    const Unigram normal = subject.make({.normal = true});
    const Unigram later = subject.make({.later = true});
    Unigram::Lease scratch(normal);
    UnigramModel bare = subject.model;
    bare.steps.clear();
    const std::string text = random_line(random, 30);
    check_word_roads(
        normal, text, [&](const std::string& t) { return reference_unigram(bare, {}, t); },
        *scratch);
    IdSink sink;
    later.encode(text, nullptr, *scratch, sink);
    Scratch fresh;
    IdSink other;
    later.encode(text, nullptr, fresh, other);
    CHECK(ids_of(other) == subject.later()(text));
  }
}

UnigramModel small_model(std::vector<std::pair<std::string, double>> tokens) {
  UnigramModel model{};
  model.tokens = std::move(tokens);
  model.tokens.insert(model.tokens.begin(), {"[UNK]", 0});
  return model;
}

// Of equal sums the way found first stays: that with the longest last token.
void test_ties() {
  const auto ids = [](const UnigramModel& model, const std::string& text) {
    const Subject subject(model, {});
    const Unigram words = subject.make();
    IdSink sink;
    Scratch scratch;
    words.encode(text, nullptr, scratch, sink);
    CHECK(ids_of(sink) == subject.twin()(text));
    return ids_of(sink);
  };
  using Ids = std::vector<uint32_t>;
  CHECK(ids(small_model({{"a", -1}, {"aa", -1}}), "aaa") == (Ids{1, 2}));
  CHECK(ids(small_model({{"a", -1}, {"aa", -2}}), "aa") == (Ids{2}));
  // Sums are made from the left: 0.1 + 0.2 is more than 0.3.
  CHECK(ids(small_model({{"a", 0.1}, {"b", 0.2}, {"ab", 0.3}}), "ab") == (Ids{1, 2}));
  CHECK(ids(small_model({{"a", 0.1}, {"b", 0.2}, {"ab", 0.30000000000000004}}), "ab") == (Ids{3}));
  // A run of unknown characters is one id; it may by chance be a token.
  CHECK(ids(small_model({{"a", -1}}), "xyax") == (Ids{0, 1, 0}));
  CHECK(ids(small_model({{"a", 30}, {"xy", -2}}), "xya") == (Ids{2, 1}));
  CHECK(ids(small_model({{"a", 25}, {"xy", 25}, {"b", 50}, {"x", 25}}), "xy").size() == 1);
  // The token for unknown text joins it.
  CHECK(ids(small_model({{"a", -1}}), "x[UNK]y[UNK]a") == (Ids{0, 1}));
  // Of a token that is there twice, the last one counts.
  CHECK(ids(small_model({{"a", -1}, {"b", -1}, {"a", -2}}), "ab") == (Ids{3, 2}));
}

// Words around the sizes at which another table takes over, and pieces of megabytes.
void test_long_pieces() {
  Random random(33);
  UnigramModel model = small_model({{"a", -1}, {"aa", -1.5}, {"aab", -2}, {kSign, -3}, {"ab", -2}});
  model.splits = {.at_spaces = false, .sign = kSign, .lead = Lead::kAlways, .at_signs = true};
  const Subject subject(model, {{"b", "bbb"}, {"d", ""}});
  const Unigram words = subject.make();
  Unigram::Lease scratch(words);
  for (uint32_t size : {1u, 2u, 14u, 15u, 16u, 17u, 63u, 255u, 256u, 300u, 1000u}) {
    for (const char* letters : {"a", "ab", "abd", "d"}) {
      const std::string word = random_string(random, letters, size);
      check_word_roads(words, word + " " + word + "a a" + word, subject.twin(), *scratch);
    }
  }
  check_growth("one piece", 100'000, [&](size_t n) {
    IdSink sink;
    words.encode(std::string(n, 'a'), nullptr, *scratch, sink);
    CHECK_EQ(sink.size(), 1 + n / 2);
  });
  check_growth("no token", 100'000, [&](size_t n) {
    CHECK_EQ(words.count(std::string(n, 'x'), nullptr, *scratch), 2u);
  });
}

void test_bad_models() {
  const UnigramModel good = small_model({{"a", -1}});
  const auto bad = [&](const auto& change) {
    UnigramModel model = good;
    change(model);
    return refuses([&] { build_unigram_image(model); });
  };
  CHECK(!bad([](UnigramModel&) {}));
  CHECK(bad([](UnigramModel& m) { m.tokens.clear(); }));
  CHECK(bad([](UnigramModel& m) { m.unknown = 2; }));
  CHECK(bad([](UnigramModel& m) { m.tokens[1].second = 1.0 / 0.0; }));
  CHECK(bad([](UnigramModel& m) { m.tokens[1].first.assign(65535, 'a'); }));
  CHECK(!bad([](UnigramModel& m) { m.tokens[1].first.assign(65534, 'a'); }));
  CHECK(bad([](UnigramModel& m) { m.steps = {{Step::kReplace, "", "a"}}; }));
  CHECK(bad([](UnigramModel& m) { m.steps = {{Step::kCount, "a", "a"}}; }));
  CHECK(bad([](UnigramModel& m) { m.splits = {true, "_", Lead::kFirst, true}; }));
  const std::string map = charsmap_of({{"a", "b"}, {"\xC3\xA9", "e"}});
  CHECK(!bad([&](UnigramModel& m) { m.charsmap = map; }));
  for (size_t size : {size_t{1}, size_t{3}, size_t{100}}) {
    CHECK(bad([&](UnigramModel& m) { m.charsmap = map.substr(0, size); }));
  }
  // A trie that leads outside itself, to no text, or to a part of a character.
  CHECK(bad([](UnigramModel& m) { m.charsmap = std::string("\4\0\0\0\0\0\0\0", 8); }));
  CHECK(bad([](UnigramModel& m) { m.charsmap = charsmap_of({{"\xC3", "e"}}); }));
  CHECK(bad([&](UnigramModel& m) { m.charsmap = map.substr(0, map.size() - 5); }));
}

void test_damaged_images() {
  UnigramModel model = small_model({{"ab", -1}, {"a", -2.5}});
  model.steps = {{Step::kCharsMap, {}, {}}, {Step::kReplaceRun, " ", kSign}};
  model.splits = {true, kSign, Lead::kAlways, true};
  const Subject subject(model, {{"a", "b"}});
  const UnigramImage image(subject.view());
  CHECK_EQ(image.tokens().token(2), "a");
  CHECK_EQ(image.score(2), -2.5);
  CHECK_EQ(image.unknown_score(), -12.5);
  CHECK(image.byte_ids() == nullptr);
  check_damaged(subject.image, [](std::string_view block) { UnigramImage{block}; });
}

void test_forged_images() {
  UnigramModel model = small_model({{"ab", -1}, {"a", -2.5}, {"\xC3\xA9", -1}, {kSign, -3}});
  model.steps = {{Step::kCharsMap, {}, {}},
                 {Step::kReplace, "aa", "b "},
                 {Step::kReplaceRun, " ", kSign},
                 {Step::kTrimLeft, " ", {}},
                 {Step::kTrimRight, kSign, {}}};
  model.splits = {false, kSign, Lead::kFirst, true};
  const Subject subject(model, {{"a", "b"}, {"\xC3\xA9", "e\xCC\x81"}, {"\t", " "}});
  const std::string text = "a ab\t\xC3\xA9 x  aab\xE4\xB8\xAD b";
  const size_t taken = take_forged(subject.image, [&](std::string_view image) {
    const Unigram words(image, SpecialTokens({}));
    CHECK_EQ(words.tokens().max_id() + 1, words.tokens().count());
    walk_word_roads(words, text);
  });
  CHECK(taken > 100);
}

}  // namespace
}  // namespace tokenkit::test

int main() {
  using namespace tokenkit::test;
  test_random_models();
  test_given();
  test_ties();
  test_long_pieces();
  test_bad_models();
  test_damaged_images();
  test_forged_images();
  return report("test_unigram");
}
