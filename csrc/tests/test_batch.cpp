// Batches on one to four threads give what single calls give, in order, errors included; also for
// texts so big that several threads take parts of one.
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "encode/batch.hpp"
#include "encode/split.hpp"
#include "scan/families.hpp"
#include "tests/check.hpp"
#include "tests/generators.hpp"
#include "tests/reference.hpp"
#include "tests/roads.hpp"
#include "tests/text_helpers.hpp"
#include "text/utf8.hpp"

namespace tokenkit::test {
namespace {

std::vector<std::string> random_texts(Random& random, uint32_t count) {
  std::vector<std::string> texts(count);
  for (std::string& text : texts) {
    if (random.below(8) != 0) text = random_text(random, random.below(80));
    if (random.below(60) == 0) text = repeat(text, 200);  // more than a share of its own
  }
  return texts;
}

std::vector<std::string_view> views(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

void check_batch(const Encoder& encoder, const std::vector<std::string>& texts,
                 const SpecialSet* allowed) {
  std::vector<uint32_t> ids = {9, 9};  // what is in the sink stays there
  std::vector<int64_t> offsets = {0}, counts;
  for (const std::string& text : texts) {
    Encoder::Lease scratch(encoder);
    IdSink sink;
    encoder.encode(text, allowed, *scratch, sink);
    ids.insert(ids.end(), sink.data(), sink.data() + sink.size());
    offsets.push_back(static_cast<int64_t>(ids.size()) - 2);
    counts.push_back(static_cast<int64_t>(encoder.count(text, nullptr, *scratch)));
  }
  for (size_t threads = 1; threads <= 4; ++threads) {
    IdSink sink;
    sink.push(9);
    sink.push(9);
    std::vector<int64_t> got_offsets(texts.size() + 1, -1), got_counts(texts.size(), -1);
    encode_batch(encoder, views(texts), allowed, threads, sink, got_offsets.data());
    CHECK(std::vector<uint32_t>(sink.data(), sink.data() + sink.size()) == ids);
    CHECK(got_offsets == offsets);
    count_batch(encoder, views(texts), threads, got_counts.data());
    CHECK(got_counts == counts);
  }
}

void test_thread_counts() {
  Random random(51);
  for (Family family : Families::kAll) {
    const TestVocab source(random_tokens(random, "ab the", {}));
    const Encoder encoder(source.view(), family, sample_specials(5000));
    const SpecialSet allowed(encoder.specials().tokens().size(), true);
    for (uint32_t count : {0u, 1u, 2u, 50u, 700u}) {
      const std::vector<std::string> texts = random_texts(random, count);
      check_batch(encoder, texts, nullptr);
      check_batch(encoder, texts, &allowed);
    }
  }
}

// Parts have the pieces of the whole, wherever a text is cut.
void test_parts() {
  Random random(54);
  for (int round = 0; round < 4000; ++round) {
    const std::string text = random_text(random, random.below(60));
    const size_t bytes = 1 + random.below(12);
    for (Family family : Families::kAll) {
      std::vector<size_t> cuts;
      split_text(family, text, bytes, cuts);
      CHECK(!cuts.empty() && cuts.back() == text.size());
      std::vector<size_t> joined;
      size_t start = 0;
      for (size_t cut : cuts) {
        for (size_t end : reference_piece_ends(family, text.substr(start, cut - start))) {
          joined.push_back(start + end);
        }
        start = cut;
      }
      CHECK(joined == reference_piece_ends(family, text));
    }
  }
  for (Family family : Families::kAll) {
    std::vector<size_t> cuts;
    split_text(family, repeat("word ", 1000), 100, cuts);
    CHECK(family == Family::kWhole ? cuts.size() == 1 : cuts.size() > 40);
    cuts.clear();
    split_text(family, repeat("a", 5000), 100, cuts);
    CHECK_EQ(cuts.size(), 1u);
  }
}

// What is settled stays so, whatever follows.
void test_settled_prefix() {
  Random random(57);
  size_t settled = 0;
  for (int round = 0; round < 4000; ++round) {
    const std::string text = random_text(random, random.below(60));
    const std::string whole = text + random_text(random, random.below(20));
    for (Family family : Families::kAll) {
      const size_t cut = settled_prefix(family, text);
      settled += cut > 0;
      std::vector<size_t> joined = reference_piece_ends(family, whole.substr(0, cut));
      for (size_t end : reference_piece_ends(family, whole.substr(cut)))
        joined.push_back(cut + end);
      CHECK(joined == reference_piece_ends(family, whole));
    }
  }
  CHECK(settled > 5000);
  const std::string words = repeat("word ", 10000);
  for (Family family : Families::kAll) {
    CHECK_EQ(settled_prefix(family, ""), 0u);
    CHECK_EQ(settled_prefix(family, repeat("a", 100000)), 0u);
    if (family == Family::kWhole) {
      CHECK_EQ(settled_prefix(family, words), 0u);
      continue;
    }
    CHECK_EQ(settled_prefix(family, repeat("a", 50000) + " " + repeat("b", 50000)), 50000u);
    CHECK(settled_prefix(family, words) > words.size() - 5000);
  }
}

void test_big_texts() {
  Random random(55);
  const std::string mixed = random_text(random, 4000);
  const std::string with_specials = mixed + "<|endoftext|>";
  const TestVocab source(random_tokens(random, "ab the", {}));
  const Encoder encoder(source.view(), Family::kO200k, sample_specials(5000));
  const SpecialSet allowed(encoder.specials().tokens().size(), true);
  std::vector<std::string> texts = {"ab", repeat(mixed, (700 << 10) / mixed.size()), ""};
  // Of these no threads can share the work, but of the last half.
  for (const char* unit : {"a", " ", "\n", "\xE4\xB8\xAD"}) texts.push_back(repeat(unit, 530000));
  texts.push_back(repeat("a", 600000) + repeat(" a", 300000));
  check_batch(encoder, texts, nullptr);
  check_batch(encoder, {repeat(with_specials, (700 << 10) / with_specials.size())}, &allowed);
}

void test_invalid() {
  Random random(56);
  const std::string valid = repeat(random_text(random, 300), 700);  // several parts
  CHECK(valid.size() > (size_t{600} << 10));
  for (int round = 0; round < 60; ++round) {
    std::vector<std::string> texts = {"a", valid, "", valid, "b"};
    for (uint32_t i = random.below(3); i > 0; --i) {
      std::string& text = texts[1 + 2 * random.below(2)];
      // Mostly around the places where texts are cut.
      const size_t at = (random.below(2) + 1) * (size_t{256} << 10) - 8 + random.below(16);
      for (uint32_t k = random.below(6); k > 0; --k)
        text[at + k] = static_cast<char>(0x80 + 2 * round);
    }
    std::optional<InvalidText> wanted;
    for (size_t i = 0; i < texts.size() && !wanted; ++i) {
      const size_t byte = first_invalid(texts[i]);
      if (byte != std::string_view::npos) wanted = InvalidText{i, byte};
    }
    for (size_t threads = 1; threads <= 4; ++threads) {
      const auto got = first_invalid(views(texts), threads);
      CHECK_EQ(got.has_value(), wanted.has_value());
      if (got && wanted) {
        CHECK_EQ(got->text, wanted->text);
        CHECK_EQ(got->byte, wanted->byte);
      }
    }
  }
}

// Texts that follow each other in memory are looked at together, but a character that lies in two
// of them is in neither.
void test_neighbours() {
  Random random(55);
  for (int round = 0; round < 3000; ++round) {
    std::string text = random_text(random, random.below(20));
    if (random.below(3) == 0 && !text.empty()) {
      text[random.below(static_cast<uint32_t>(text.size()))] = static_cast<char>(random.below(256));
    }
    std::vector<std::string_view> texts;
    for (size_t start = 0; start < text.size();) {
      const size_t size = random.below(9);
      texts.push_back(std::string_view(text).substr(start, size));
      start += size + (random.below(6) == 0);
    }
    std::optional<size_t> wanted;
    for (size_t i = 0; i < texts.size() && !wanted; ++i) {
      if (first_invalid(texts[i]) != std::string_view::npos) wanted = i;
    }
    const auto got = first_invalid(texts, 1);
    CHECK_EQ(got.has_value(), wanted.has_value());
    if (got && wanted) CHECK(got->text == *wanted && got->byte == first_invalid(texts[*wanted]));
  }
}

// Short texts are looked up in groups: groups that are full of texts, of bytes and of pieces, with
// longer texts between them.
void test_short_texts() {
  Random random(56);
  for (Family family : Families::kAll) {
    const TestVocab source(random_tokens(random, "ab the", {}));
    const Encoder encoder(source.view(), family, sample_specials(5000));
    for (const uint32_t most : {1u, 3u, 12u, 64u, 90u}) {
      std::vector<std::string> texts;
      for (uint32_t k = random.below(400); k > 0; --k) {
        std::string text = random_text(random, random.below(1 + most));
        if (random.below(9) != 0 && text.size() > most) text.resize(floor_char(text, most));
        if (random.below(7) == 0) text = repeat("!?", most / 2);  // a piece for each byte or two
        texts.push_back(text);
      }
      check_batch(encoder, texts, nullptr);
    }
  }
}

// A character that stands where the first part of a big text would end is not split, nor is what
// follows a byte that begins none.
void test_valid_parts() {
  for (size_t before = (size_t{256} << 10) - 4; before <= size_t{256} << 10; ++before) {
    for (const char* unit : {"\xF0\x9F\x98\x80", "\xE6\xBC\xA2", "\xC3\xA9"}) {
      const std::string text =
          std::string(before, 'a') + unit + std::string(size_t{300} << 10, 'b');
      CHECK(!first_invalid({text}, 2).has_value());
      const auto cut = first_invalid({text.substr(0, before) + (unit + 1) + text}, 2);
      CHECK(cut.has_value() && cut->byte == before);
    }
  }
}

// One bad text among many: the batch throws, and the encoder works on afterwards.
void test_errors() {
  Random random(52);
  const TestVocab source({{"a", 0}, {"b", 1}, {" ", 2}, {"ab", 3}});
  const Encoder encoder(source.view(), Family::kO200k, sample_specials(5000));
  std::vector<std::string> texts;
  for (int i = 0; i < 300; ++i) texts.push_back(random_string(random, "ab ", 500));
  check_batch(encoder, texts, nullptr);
  std::vector<std::string> bad = texts;
  bad[random.below(300)] += "c";
  for (size_t threads = 1; threads <= 4; ++threads) {
    std::vector<int64_t> numbers(bad.size() + 1);
    int thrown = 0;
    try {
      count_batch(encoder, views(bad), threads, numbers.data());
    } catch (const Error& error) {
      thrown += error.kind() == ErrorKind::kVocabulary;
    }
    try {
      IdSink sink;
      encode_batch(encoder, views(bad), nullptr, threads, sink, numbers.data());
    } catch (const Error& error) {
      thrown += error.kind() == ErrorKind::kVocabulary;
    }
    CHECK_EQ(thrown, 2);
  }
  check_batch(encoder, texts, nullptr);
}

// Threads of the caller's own share one encoder.
void test_shared_encoder() {
  Random random(53);
  const TestVocab source(random_tokens(random, "ab the", {}));
  const Encoder encoder(source.view(), Family::kCl100k, sample_specials(5000));
  const std::vector<std::string> texts = random_texts(random, 60);
  std::vector<size_t> wanted;
  for (const std::string& text : texts) {
    wanted.push_back(reference_encode(rank_rule(source.ranks), Family::kCl100k, text,
                                      encoder.specials(), nullptr)
                         .ids.size());
  }
  std::vector<std::vector<size_t>> got(4);
  std::vector<std::thread> threads;
  for (std::vector<size_t>& mine : got) {
    threads.emplace_back([&] {
      for (const std::string& text : texts) {
        Encoder::Lease scratch(encoder);
        mine.push_back(encoder.count(text, nullptr, *scratch));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::vector<size_t>& mine : got) CHECK(mine == wanted);
}

}  // namespace
}  // namespace tokenkit::test

int main() {
  using namespace tokenkit::test;
  test_thread_counts();
  test_parts();
  test_settled_prefix();
  test_big_texts();
  test_invalid();
  test_neighbours();
  test_short_texts();
  test_valid_parts();
  test_errors();
  test_shared_encoder();
  return report("test_batch");
}
