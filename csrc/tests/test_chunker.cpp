// Chunks: prefix sums at borders against plain counts of every slice, and what chunks promise.
#include <string>
#include <string_view>
#include <vector>

#include "../chunker.hpp"
#include "../edges.hpp"
#include "check.hpp"
#include "generators.hpp"
#include "text_helpers.hpp"

namespace tokenkit::test {
namespace {

std::string sample_text(Random& random) {
  static const std::vector<std::string> words = {"one",
                                                 "Two",
                                                 "it's",
                                                 "}",
                                                 "{",
                                                 "//",
                                                 "/",
                                                 "1.",
                                                 "x,",
                                                 "End.",
                                                 "\xE3\x80\x82",
                                                 "\xE6\xBC\xA2\xE5\xAD\x97",
                                                 "\xEF\xBC\x8C",
                                                 "```",
                                                 "# Head",
                                                 "|a|",
                                                 "\xC2\xA0",
                                                 "==",
                                                 "J."};
  static const std::vector<std::string> joints = {" ",   " ",    " ",  "\n", "\n\n", "\r\n",
                                                  "\n ", " \n ", "  ", "",   "\t",   "\r"};
  std::string text;
  for (uint32_t i = random.below(60); i > 0; --i) {
    text += random.below(8) == 0 ? random_text(random, 2)
                                 : words[random.below(static_cast<uint32_t>(words.size()))];
    text += joints[random.below(static_cast<uint32_t>(joints.size()))];
  }
  return text;
}

TestVocab sample_vocab(Random& random) {
  const std::string sample = sample_text(random) + random_text(random, 200);
  VocabOptions options = random_options(random, sample);
  options.all_bytes = true;
  return TestVocab(random_tokens(random, sample.substr(0, 30), options));
}

// Every slice between two borders for which the prefix sums claim to hold.
void test_prefix_sums(const Encoder& encoder, const std::string& text, bool trim, long* slices) {
  if (text.empty()) return;
  Encoder::Lease scratch(encoder);
  std::vector<Border> borders(1);
  std::vector<Heading> headings;
  find_borders(text, Format::kText, borders, headings);
  Border end;
  end.pos = static_cast<uint32_t>(text.size());
  borders.push_back(end);
  EdgeCounter counter(encoder, text, *scratch);
  const std::vector<Edge> edges = counter.measure(borders, trim);
  auto edge = [&](size_t i) {
    const uint32_t pos = borders[i].pos;
    Edge found{static_cast<uint32_t>(i), pos, pos};
    for (const Edge& e : edges) {
      if (e.border == i) found = e;
    }
    return found;
  };
  for (size_t a = 0; a + 1 < borders.size(); ++a) {
    const size_t start = trim ? skip_space(text, borders[a].pos) : borders[a].pos;
    const size_t sync = edge(a).sync;
    for (size_t b = a + 1; b < borders.size(); ++b) {
      const size_t stop = trim ? skip_space_back(text, borders[b].pos) : borders[b].pos;
      if (sync + (sync == start ? 0 : 8) > edge(b).settled || start >= stop) continue;
      const size_t exact =
          encoder.count(std::string_view(text).substr(start, stop - start), nullptr, *scratch);
      CHECK_EQ(borders[b].upto - borders[a].from, exact);
      ++*slices;
    }
  }
}

ChunkOptions random_settings(Random& random) {
  ChunkOptions o;
  o.format = static_cast<Format>(random.below(3));
  o.strategy = static_cast<Strategy>(random.below(3));
  o.limit = 1 + random.below(random.below(2) == 0 ? 8 : 60);
  o.room = o.limit;
  o.overlap = random.below(2) == 0 ? 0 : random.below(o.limit);
  o.min_tokens = random.below(3) == 0 ? o.limit / 2 : 0;
  o.weight = 0.05 * random.below(9);
  o.trim = random.below(3) == 0;
  return o;
}

void test_promises(const Encoder& encoder, const std::string& text, Random& random) {
  Encoder::Lease scratch(encoder);
  const ChunkOptions o = random_settings(random);
  const Chunks chunks = chunk_text(encoder, text, o, *scratch);
  if (chunks.failed_at != std::string_view::npos) {
    CHECK(chunks.spans.empty());
    CHECK(chunks.needed > o.limit);
    return;
  }
  size_t reached = 0;
  for (size_t i = 0; i < chunks.spans.size(); ++i) {
    const ChunkSpan& c = chunks.spans[i];
    CHECK(c.start < c.end && c.end <= text.size());
    const std::string slice = text.substr(c.start, c.end - c.start);
    CHECK_EQ(encoder.count(slice, nullptr, *scratch), c.tokens);
    CHECK(c.tokens <= o.limit);
    if (o.overlap == 0 && !o.trim) CHECK_EQ(c.start, reached);
    reached = c.end;
    if (i + 1 == chunks.spans.size()) break;
    const ChunkSpan& next = chunks.spans[i + 1];
    CHECK(next.start > c.start && next.end > c.end);
    if (next.start < c.end) {
      const std::string shared = text.substr(next.start, c.end - next.start);
      CHECK_EQ(encoder.count(shared, nullptr, *scratch), c.overlap);
    }
    CHECK(c.overlap <= o.overlap);
  }
  if (!o.trim) CHECK_EQ(reached, text.size());
}

void test_random() {
  long slices = 0;
  for (uint32_t seed = 0; seed < 60; ++seed) {
    Random random(seed);
    const TestVocab vocab = sample_vocab(random);
    const Encoder encoder(vocab.view(), static_cast<Family>(1 + seed % 3), SpecialTokens({}));
    for (int k = 0; k < 8; ++k) {
      const std::string text = sample_text(random);
      test_prefix_sums(encoder, text, k % 2 == 1, &slices);
      for (int j = 0; j < 4; ++j) test_promises(encoder, text, random);
    }
  }
  CHECK(slices > 20000);  // else nothing was tested
}

}  // namespace
}  // namespace tokenkit::test

int main() {
  tokenkit::test::test_random();
  return tokenkit::test::report("test_chunker");
}
