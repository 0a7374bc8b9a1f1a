// WordPiece against its slow twin, down every road.
#include <algorithm>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "tests/check.hpp"
#include "tests/generators.hpp"
#include "tests/reference_wordpiece.hpp"
#include "tests/sealed_blocks.hpp"
#include "tests/text_helpers.hpp"
#include "tests/wordpiece_subject.hpp"
#include "tests/words_roads.hpp"
#include "text/utf8.hpp"
#include "wordpiece/counter.hpp"
#include "wordpiece/wordpiece.hpp"

namespace tokenkit::test {
namespace {

void check_parts(const WordPieceSubject& subject, const std::string& text, size_t wanted,
                 Random& random) {
  WordCounter counter(subject.words);
  const std::string_view view = text;
  for (size_t pos = 0; pos < text.size();) {
    const size_t end = ceil_char(view, pos + 1 + random.below(9));
    counter.update(view.substr(pos, end - pos));
    pos = end;
    if (random.below(4) == 0) {
      Scratch scratch;
      CHECK_EQ(counter.total("\xEF\xBF\xBD"),
               subject.words.count(text.substr(0, pos) + "\xEF\xBF\xBD", nullptr, scratch));
    }
  }
  CHECK_EQ(counter.total({}), wanted);
}

// A text that was normalized before is only split.
void check_normal(const WordPieceSubject& subject, const std::string& text, Scratch& scratch) {
  const std::string_view image(reinterpret_cast<const char*>(subject.image.data()),
                               subject.image.size());
  const WordPiece normal(image, WordPieceSubject::specials(), true);
  CHECK(bert::normalized(subject.model.options, text) ==
        to_utf8(reference_normal(subject.model.options, code_points(text))));
  IdSink sink;
  normal.encode(to_utf8(reference_normal(subject.model.options, code_points(text))), nullptr,
                scratch, sink);
  CHECK(ids_of(sink) == reference_wordpiece(subject.model, text));
}

void check_roads(const WordPieceSubject& subject, const std::string& text, Scratch& scratch,
                 Random& random) {
  const Twin twin = [&](const std::string& given) {
    return reference_wordpiece(subject.model, given);
  };
  check_word_roads(subject.words, text, twin, scratch);
  check_word_specials(subject.words, text, twin, twin, scratch);
  check_parts(subject, text, twin(text).size(), random);
}

void test_random_models() {
  Random random(17);
  for (uint32_t round = 0; round < 12 * kAllOptions; ++round) {
    const bert::Options options = options_of(round % kAllOptions);
    const std::string text = random_words(random, random.below(40));
    const WordPieceSubject subject(random_model(random, options, text));
    WordPiece::Lease scratch(subject.words);
    check_roads(subject, text, *scratch, random);
    check_roads(subject, random_words(random, random.below(40)), *scratch, random);
    check_roads(subject, random_text(random, 10), *scratch, random);
    Scratch fresh;
    check_normal(subject, text, fresh);
  }
}

// Words around the sizes at which another table takes over, or none.
void test_long_words() {
  Random random(18);
  WordPieceModel model{{{"[UNK]", 0}, {"a", 1}, {"##a", 2}, {"aab", 3}, {"##b", 4}},
                       "##",
                       "[UNK]",
                       300,
                       options_of(31)};
  const WordPieceSubject subject(model);
  WordPiece::Lease scratch(subject.words);
  for (uint32_t size : {1u, 2u, 14u, 15u, 16u, 17u, 63u, 64u, 65u, 255u, 256u, 300u, 301u, 2000u}) {
    for (const char* letters : {"a", "ab", "aA", "a\x01"}) {
      const std::string word = random_string(random, letters, size);
      check_roads(subject, word, *scratch, random);
      check_roads(subject, word + " " + word + "." + word, *scratch, random);
    }
  }
  // Nothing but marks that are dropped takes no memory in a counter, and no time that grows.
  WordCounter counter(subject.words);
  const std::string marks = repeat("\xCC\x81\xCD\x8F", 20000);
  for (int i = 0; i < 5; ++i) counter.update(marks);
  counter.update("a");
  CHECK_EQ(counter.total("b"), 2u);
}

// Every character between two letters, under the usual options; a part of them under all others.
void test_every_character() {
  for (uint32_t bits = 0; bits < kAllOptions; ++bits) {
    const WordPieceModel model{
        {{"[UNK]", 0}, {"a", 1}, {"##a", 2}}, "##", "[UNK]", 9, options_of(bits)};
    const WordPieceSubject subject(model);
    WordPiece::Lease scratch(subject.words);
    const uint32_t step = bits == kAllOptions - 1 ? 1 : 61 - bits;
    CodePoints text;
    for (uint32_t cp = 0; cp < 0x110000; cp += cp < 0x30000 ? step : 97 * step) {
      if (cp >= 0xD800 && cp < 0xE000) continue;
      text.insert(text.end(), {'a', cp, 'a', ' '});
      if (text.size() < 1000) continue;
      IdSink sink;
      subject.words.encode(to_utf8(text), nullptr, *scratch, sink);
      CHECK(ids_of(sink) == reference_wordpiece(model, to_utf8(text)));
      text.clear();
    }
  }
}

// Facts of Unicode, and of the package where it differs (open tests ask it about all characters).
void test_characters() {
  const auto parts = [](uint32_t cp, size_t (*change)(uint32_t, uint32_t*)) {
    uint32_t out[kMostParts];
    return CodePoints(out, out + change(cp, out));
  };
  CHECK(parts(0xAC00, decompose) == (CodePoints{0x1100, 0x1161}));
  CHECK(parts(0xAC01, decompose) == (CodePoints{0x1100, 0x1161, 0x11A8}));
  CHECK(parts(0xD7A3, decompose) == (CodePoints{0x1112, 0x1175, 0x11C2}));
  CHECK(parts(0xD7A4, decompose) == (CodePoints{0xD7A4}));
  CHECK(parts(0x1F82, decompose) == (CodePoints{0x3B1, 0x313, 0x300, 0x345}));
  CHECK(parts(0x130, bert::lower) == (CodePoints{0x69, 0x307}));
  CHECK(parts('z', bert::lower) == (CodePoints{'z'}));
  CHECK(parts(0x10FFFF, bert::lower) == (CodePoints{0x10FFFF}));
  CHECK_EQ(combining_class(0x301), 230);
  CHECK_EQ(combining_class(0x316), 220);
  CHECK_EQ(combining_class('a'), 0);
  CHECK_EQ(combining_class(0x10FFFF), 0);
  CHECK_EQ(bert::flags_of(0x110000), 0);
  const bert::Kinds kinds(options_of(kAllOptions - 1));
  CHECK(kinds.of(0x2260) == bert::Kind::kMark);  // an equals sign and a mark that is dropped
  CHECK(kinds.of(0x61D) == bert::Kind::kWord);   // punctuation of a later Unicode
  CHECK(kinds.of(0x4E2D) == bert::Kind::kMark);
  CHECK(kinds.of(0x85) == bert::Kind::kNothing);  // a control before it is white space
  CHECK(kinds.of(0x2028) == bert::Kind::kSpace);
  const bert::Kinds plain(bert::Options{});
  CHECK(plain.of(0x85) == bert::Kind::kSpace);
  CHECK(plain.of(0x4E2D) == bert::Kind::kWord && plain.of('.') == bert::Kind::kWord);
}

void test_bad_models() {
  const WordPieceModel good{{{"[UNK]", 0}, {"a", 1}}, "##", "[UNK]", 9, {}};
  CHECK(!refuses([&] { build_wordpiece_image(good); }));
  const auto bad = [&](std::pair<std::string, uint32_t> token, const std::string& unknown) {
    WordPieceModel model = good;
    model.tokens.push_back(std::move(token));
    model.unknown = unknown;
    return refuses([&] { build_wordpiece_image(model); });
  };
  CHECK(bad({"b", 1}, "[UNK]"));           // an id twice
  CHECK(bad({"a", 2}, "[UNK]"));           // a token twice
  CHECK(bad({"b", 0xFFFFFFFF}, "[UNK]"));  // an id that is none
  CHECK(bad({"b", 2}, "[unk]"));           // no token for unknown words
  CHECK(bad({"b", 2}, "[UN"));             // nor is a beginning of one
  CHECK(!bad({"b", 0xFFFFFFFE}, "[UNK]"));
  CHECK(!bad({"", 2}, "[UNK]"));
}

void test_damaged_images() {
  const WordPieceSubject subject(
      {{{"[UNK]", 3}, {"ab", 1}, {"##c", 9}, {"", 4}}, "##", "[UNK]", 9, options_of(31)});
  const WordPieceImage& image = subject.words.image();
  CHECK_EQ(image.tokens().count(), 4u);
  CHECK_EQ(image.tokens().max_id(), 9u);
  CHECK_EQ(image.tokens().token(9), "##c");
  CHECK_EQ(image.tree().find("ab"), 1u);
  CHECK_EQ(image.tree().find("a"), WordPieceImage::kNone);
  CHECK_EQ(image.tree().find("abc"), WordPieceImage::kNone);
  check_damaged(subject.image, [](std::string_view block) { WordPieceImage{block}; });
  bool thrown = false;
  try {
    image.tokens().token(2);
  } catch (const Error& error) {
    thrown = error.kind() == ErrorKind::kKey;
  }
  CHECK(thrown);
}

void test_forged_images() {
  const std::string text = "ab\xC3\xA9 c\xCC\x81 abc\xE4\xB8\xAD. d";
  size_t taken = 0;
  for (const char* prefix : {"##", ""}) {
    const WordPieceSubject subject(
        {{{"[UNK]", 3}, {"ab", 1}, {"##c", 9}, {"e", 4}, {"\xE4\xB8", 5}},
         prefix,
         "[UNK]",
         9,
         options_of(31)});
    taken += take_forged(subject.image, [&](std::string_view image) {
      walk_word_roads(WordPiece(image, SpecialTokens({}), false), text);
    });
  }
  CHECK(taken > 100);
}

}  // namespace
}  // namespace tokenkit::test

int main() {
  using namespace tokenkit::test;
  test_random_models();
  test_long_words();
  test_every_character();
  test_characters();
  test_bad_models();
  test_damaged_images();
  test_forged_images();
  return report("test_wordpiece");
}
