// Batches on one to four threads give what single calls give, in order, errors included.
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "../batch.hpp"
#include "check.hpp"
#include "generators.hpp"
#include "reference.hpp"
#include "roads.hpp"
#include "text_helpers.hpp"

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
  for (Family family : {Family::kGpt2, Family::kCl100k, Family::kO200k}) {
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
    wanted.push_back(
        reference_encode(source.ranks, Family::kCl100k, text, encoder.specials(), nullptr)
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
  test_errors();
  test_shared_encoder();
  return report("test_batch");
}
