// Counting of streams: any cuts, totals at any moment, copies, and pieces that stay open for long.
#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "encode/counter.hpp"
#include "scan/families.hpp"
#include "tests/check.hpp"
#include "tests/generators.hpp"
#include "tests/growth.hpp"
#include "tests/reference.hpp"
#include "tests/roads.hpp"
#include "tests/text_helpers.hpp"
#include "text/utf8.hpp"

namespace tokenkit::test {
namespace {

size_t plain_count(const Encoder& encoder, std::string_view text) {
  Encoder::Lease scratch(encoder);
  return encoder.count(text, nullptr, *scratch);
}

// Feeds `text` in parts of up to `most` bytes and asks for the total one time in `every`. Whole
// texts are compared with the encoder here, because test_encoder compares that with the twin.
// `held` is how much of an open piece the counter holds.
void check_stream(Random& random, const Encoder& encoder, std::string_view text, uint32_t most,
                  uint32_t every, size_t held = 2000) {
  StreamCounter counter(encoder, held);
  StreamCounter copy(encoder);
  size_t copied = 0;
  for (size_t pos = 0; pos < text.size();) {
    const size_t end = ceil_char(text, pos + 1 + random.below(most));
    counter.update(text.substr(pos, end - pos));
    pos = end;
    if (random.below(every) == 0) {
      const std::string more = random.below(2) == 0 ? "" : random_text(random, 1);
      const std::string so_far = std::string(text.substr(0, pos)) + more;
      CHECK_EQ(counter.total(more), plain_count(encoder, so_far));
    }
    if (random.below(10 * every) == 0) {
      copy = counter;
      copied = pos;
    }
  }
  CHECK_EQ(counter.total(), plain_count(encoder, text));
  copy.update(text.substr(copied));  // the copy went its own way
  CHECK_EQ(copy.total(), plain_count(encoder, text));
  CHECK_EQ(counter.total(), plain_count(encoder, text));
}

TestVocab sample_vocab(Random& random) {
  const std::string sample = random_text(random, 3000);
  return TestVocab(
      random_tokens(random, sample.substr(0, 20), {150, 150, sample, true, true, true}));
}

void test_random_streams() {
  Random random(61);
  for (int round = 0; round < 90; ++round) {
    const TestVocab source = sample_vocab(random);
    const Encoder encoder(source.view(), nth_family(static_cast<size_t>(round)),
                          sample_specials(5000));
    for (int k = 0; k < 15; ++k) {
      check_stream(random, encoder, random_text(random, random.below(150)), 1 + random.below(9), 4);
    }
    check_stream(random, encoder, random_text(random, 6000), 1 + random.below(500), 30);
  }
}

// What keeps a piece open, or the border before it: fed long, with a change at the end.
const char* const kOpenEnds[] = {
    "a",        "A",
    " ",        "\t",
    "\n",       "\r\n",
    " \n",      "!",
    "/",        "!/",
    "7",        "\xE4\xB8\xAD",
    "\xCC\x81", "\xC7\x85",
    "\xC2\xA0", "\xF0\x9F\x98\x80",
    "'s",       "A\xE4\xB8\xAD",
    "\xC5\xBF", "ab",
    "I'm",
};
const char* const kBefore[] = {"", "x ", "\xE4\xB8\xAD", "!\n", "\xCC\x81", " ", "X"};
const char* const kBehind[] = {"",   "x",       "X", "\n", " ", "'s", "!", "\xE4\xB8\xAD",
                               "Xy", "\xCC\x81"};

// True for one call in eleven. There are many families: each takes other combinations of what
// follows, and together they take all.
class Turn {
 public:
  bool operator()() { return turn_++ % 11 == 0; }

 private:
  size_t turn_ = 0;
};

void test_open_ends() {
  Random random(62);
  Turn due;
  const TestVocab source = sample_vocab(random);
  for (Family family : Families::kAll) {
    const Encoder encoder(source.view(), family, sample_specials(5000));
    for (const char* unit : kOpenEnds) {
      for (const char* before : kBefore) {
        if (!due()) continue;
        const std::string run = before + repeat(unit, 100 + random.below(400));
        for (const char* behind : kBehind) {
          check_stream(random, encoder, run + behind, 64, 8);
        }
        // Two runs in one text, longer than what is scanned at once. What is behind may split them
        // far from the end, as a word does white space after its last newline.
        const std::string second = kOpenEnds[random.below(std::size(kOpenEnds))];
        const std::string behind = kBehind[random.below(std::size(kBehind))];
        const std::string both = run + repeat(unit, 5000) + repeat(second, 3000);
        check_stream(random, encoder, both + behind, 900, 8);
      }
    }
  }
}

// More long pieces in one part than have their merges kept: each starts with merges of its own.
// They share their ends, where merges that are left over from another piece would seem to fit.
void test_many_long_pieces() {
  const TestVocab source({{"a", 0}, {"b", 1}, {" ", 2}, {"aa", 3}});
  for (Family family : Families::kAll) {
    const Encoder encoder(source.view(), family, sample_specials(10));
    std::string text;
    for (size_t k = 0; k < 12; ++k) text += repeat("b", 40 * k) + repeat("a", 400) + " ";
    StreamCounter counter(encoder);
    counter.update(text);
    CHECK_EQ(counter.total(), plain_count(encoder, text));
    CHECK_EQ(counter.total(), 12u * 201 + 40 * 66);
  }
}

void test_errors() {
  const TestVocab source({{"a", 0}, {" ", 1}});
  const Encoder encoder(source.view(), Family::kCl100k, sample_specials(10));
  StreamCounter counter(encoder);
  CHECK_EQ(counter.total(), 0u);
  CHECK_EQ(counter.total("aa"), 2u);
  counter.update("a a");
  bool refused = false;
  try {
    counter.total("b");
  } catch (const Error& error) {
    refused = error.kind() == ErrorKind::kVocabulary;
  }
  CHECK(refused);
  // The question that could not be answered changed nothing.
  CHECK_EQ(counter.total(), 3u);
  counter.update("a");
  CHECK_EQ(counter.total(), 4u);

  const Encoder custom(source.view(), Family::kCustom, sample_specials(10));
  refused = false;
  try {
    StreamCounter(custom).total("a");
  } catch (const Error& error) {
    refused = error.kind() == ErrorKind::kValue;
  }
  CHECK(refused);
}

// Two runs that may be one piece, of which little is held; then what ends the one or both.
void test_dropped_text() {
  Random random(64);
  for (int round = 0; round < 12; ++round) {
    const TestVocab source = sample_vocab(random);
    const Encoder encoder(source.view(), nth_family(static_cast<size_t>(round)),
                          sample_specials(5000));
    for (int k = 0; k < 8; ++k) {
      std::string text = kBefore[random.below(std::size(kBefore))];
      for (int run = 1 + random.below(3); run > 0; --run) {
        text += repeat(kOpenEnds[random.below(std::size(kOpenEnds))], 30 + random.below(2500));
        text += kBefore[random.below(std::size(kBefore))];
      }
      text += kBehind[random.below(std::size(kBehind))];
      text += random_text(random, random.below(50));
      check_stream(random, encoder, text, 1 + random.below(k % 2 == 0 ? 9000 : 300), 20,
                   1 + random.below(3000));
    }
  }
}

// What is held of a piece that does not end depends on nothing but the vocabulary.
void test_held_bytes() {
  Random random(65);
  const TestVocab source = sample_vocab(random);
  Turn due;
  for (Family family : Families::kAll) {
    const Encoder encoder(source.view(), family, sample_specials(5000));
    for (const char* unit : kOpenEnds) {
      for (const char* before : kBefore) {
        if (!due()) continue;
        StreamCounter counter(encoder, 2000);
        counter.update(before);
        const std::string part = repeat(unit, 500);
        size_t most = 0;
        for (size_t fed = 0; fed < 60000; fed += part.size()) {
          counter.update(part);
          most = std::max(most, counter.held_bytes());
        }
        CHECK(most < 20000);
      }
    }
  }
}

// A total after every part of a piece that does not end.
void test_growth() {
  Random random(63);
  const TestVocab source = sample_vocab(random);
  Turn due;
  for (Family family : Families::kAll) {
    const Encoder encoder(source.view(), family, sample_specials(5000));
    for (const char* unit : kOpenEnds) {
      for (const char* before : {"", "\xE4\xB8\xAD", "!\n"}) {
        if (!due()) continue;
        check_growth(unit, 6000, [&](size_t n) {
          StreamCounter counter(encoder);
          counter.update(before);
          const std::string part = repeat(unit, 100 / std::char_traits<char>::length(unit));
          size_t total = 0;
          for (size_t fed = 0; fed < n; fed += part.size()) {
            counter.update(part);
            total = counter.total();
          }
          CHECK(total > 0);
        });
      }
    }
  }
}

}  // namespace
}  // namespace tokenkit::test

int main() {
  using namespace tokenkit::test;
  test_random_streams();
  test_open_ends();
  test_many_long_pieces();
  test_dropped_text();
  test_held_bytes();
  test_errors();
  test_growth();
  return report("test_counter");
}
