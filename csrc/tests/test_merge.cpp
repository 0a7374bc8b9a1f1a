// Merging of one piece against the naive merge, over friendly and hostile vocabularies.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "bpe/growing.hpp"
#include "bpe/merge.hpp"
#include "tests/check.hpp"
#include "tests/generators.hpp"
#include "tests/growth.hpp"
#include "tests/reference.hpp"
#include "tests/text_helpers.hpp"

namespace tokenkit::test {
namespace {

const uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

std::vector<std::string> tokens_of(const Vocab& vocab, const std::vector<uint32_t>& ids) {
  std::vector<std::string> out;
  for (uint32_t id : ids) out.emplace_back(vocab.token(id));
  return out;
}

std::vector<std::string> short_merge(const Vocab& vocab, std::string_view piece) {
  std::vector<uint32_t> ids(piece.size());
  ids.resize(merge_bytes(vocab, bytes_of(piece), piece.size(), ids.data()));
  return tokens_of(vocab, ids);
}

std::vector<std::string> long_merge(LongMerger& merger, const Vocab& vocab,
                                    std::string_view piece) {
  const size_t count = merger.run(vocab, bytes_of(piece), piece.size());
  std::vector<uint32_t> ids = merger.settled();
  ids.insert(ids.end(), merger.tail().begin(), merger.tail().end());
  CHECK_EQ(count, ids.size());
  return tokens_of(vocab, ids);
}

// Every instruction set that runs here, one piece at a time and in a batch of its prefixes.
void check_kernels(const TestVocab& source, const Vocab& vocab, std::string_view piece) {
  for (SimdLevel level : simd_levels()) {
    const MergeKernel kernel = merge_kernel(level);
    if (piece.size() <= kMergeKernelMax) {
      std::vector<uint32_t> ids(piece.size());
      ids.resize(kernel.one(vocab, bytes_of(piece), piece.size(), ids.data()));
      CHECK(tokens_of(vocab, ids) == reference_merge(source.ranks, piece));
    }
    ShortPiece batch[kMergeBatch];
    size_t filled = 0;
    for (size_t n = std::min(piece.size(), kShortMax); n > 0 && filled < kMergeBatch; --n) {
      batch[filled].bytes = bytes_of(piece);
      batch[filled++].size = static_cast<uint32_t>(n);
    }
    kernel.batch(vocab, batch, filled);
    for (size_t k = 0; k < filled; ++k) {
      const std::vector<uint32_t> ids(batch[k].ids, batch[k].ids + batch[k].count);
      CHECK(tokens_of(vocab, ids) == reference_merge(source.ranks, piece.substr(0, batch[k].size)));
    }
  }
}

void check_piece(const TestVocab& source, const Vocab& vocab, std::string_view piece) {
  const std::vector<std::string> wanted = reference_merge(source.ranks, piece);
  if (piece.size() <= kMergeSmallMax) CHECK(short_merge(vocab, piece) == wanted);
  if (!piece.empty()) check_kernels(source, vocab, piece);
  LongMerger merger;
  CHECK(long_merge(merger, vocab, piece) == wanted);
}

// The piece changes as the contract allows: it grows, shrinks, or has its last bytes replaced.
void check_changing_piece(Random& random, const TestVocab& source, const Vocab& vocab,
                          std::string_view alphabet) {
  LongMerger merger;
  std::string piece = random_string(random, alphabet, 1 + random.below(100));
  for (int step = 0; step < 12; ++step) {
    CHECK(long_merge(merger, vocab, piece) == reference_merge(source.ranks, piece));
    switch (random.below(4)) {
      case 0:  // some bytes come
        piece += random_string(random, alphabet, random.below(10));
        break;
      case 1:  // many bytes come
        piece += random_string(random, alphabet, random.below(200));
        break;
      case 2:  // shrinks
        piece.resize(1 + random.below(static_cast<uint32_t>(piece.size())));
        break;
      default: {  // the last bytes change, and some more may come
        const size_t changed = std::min<size_t>(piece.size(), random.below(17));
        piece.resize(piece.size() - changed);
        piece += random_string(random, alphabet, 1 + changed + random.below(3));
        break;
      }
    }
  }
}

void test_random_vocabularies() {
  Random random(21);
  const std::string_view alphabets[] = {"a", "ab", "abc", "abcdefgh", "a\xE4\xB8\xAD\xF0 z"};
  for (int round = 0; round < 120; ++round) {
    const std::string_view alphabet = alphabets[random.below(5)];
    const std::string sample = random_string(random, alphabet, 1000);
    const TestVocab source(random_tokens(random, alphabet, random_options(random, sample)));
    const Vocab vocab(source.view());
    for (size_t size = 1; size < 40; ++size) {
      check_piece(source, vocab, random_string(random, alphabet, size));
    }
    for (size_t size : {63u, 64u, 65u, 127u, 128u, 129u, 300u + random.below(700)}) {
      check_piece(source, vocab, random_string(random, alphabet, size));
      check_piece(source, vocab,
                  repeat(random_string(random, alphabet, 1 + random.below(5)), size));
    }
    for (int k = 0; k < 6; ++k) check_changing_piece(random, source, vocab, alphabet);
  }
}

void test_tokens_themselves() {
  Random random(22);
  for (int round = 0; round < 80; ++round) {
    const std::string sample = random_string(random, "abcd", 2000);
    const TestVocab source(random_tokens(random, "abcd", random_options(random, sample)));
    const Vocab vocab(source.view());
    for (const auto& [token, rank] : source.tokens) check_piece(source, vocab, token);
  }
}

// Ranks that fall along the text: what is merged at its start depends on where it ends, as far away
// as the chain is long, so windows disagree and have to widen.
void test_falling_chain() {
  Random random(23);
  for (uint32_t letters : {3u, 5u, 12u, 32u}) {
    std::string chain;
    const TestVocab source(falling_chain(letters, &chain));
    const Vocab vocab(source.view());
    for (size_t cut = 0; cut < 6; ++cut) {
      check_piece(source, vocab, chain.substr(0, chain.size() - cut));
      check_piece(source, vocab, chain.substr(cut) + chain.substr(0, chain.size() / 2));
    }
    check_piece(source, vocab, (repeat(chain, 3000 / chain.size() + 1) + "A").substr(0, 3001));
    LongMerger merger;  // grows by few bytes, each of which turns all merges before it
    for (size_t size = 1; size < chain.size(); size += 1 + random.below(60)) {
      const std::string piece = chain.substr(0, size);
      CHECK(long_merge(merger, vocab, piece) == reference_merge(source.ranks, piece));
    }
  }
}

// The same with the pairs in random order, and joins of pairs on top.
void test_shuffled_chain() {
  Random random(24);
  for (int round = 0; round < 30; ++round) {
    std::string chain;
    Tokens tokens = falling_chain(6 + random.below(20), &chain);
    for (uint32_t i = 0; i < 300; ++i) {
      const size_t start = random.below(static_cast<uint32_t>(chain.size()));
      const std::string token = chain.substr(start, 3 + random.below(8));
      const auto same = [&](const auto& item) { return item.first == token; };
      if (std::any_of(tokens.begin(), tokens.end(), same)) continue;
      tokens.emplace_back(token, static_cast<uint32_t>(tokens.size()));
    }
    for (size_t i = tokens.size(); i > 1; --i) {
      if (round % 2 == 0) break;
      std::swap(tokens[i - 1].second, tokens[random.below(static_cast<uint32_t>(i))].second);
    }
    const TestVocab source(tokens);
    const Vocab vocab(source.view());
    check_piece(source, vocab, repeat(chain, 2000 / chain.size() + 1));
    check_piece(source, vocab, chain);
    check_changing_piece(random, source, vocab, chain);
  }
}

// A count of which little is held grows by two bytes or more; a copy of it takes one more. What is
// dropped was certain: in a falling chain nothing is, as each byte that comes turns all merges
// before it. Pairs at even offsets are joined there to tokens of four bytes, so that the turn
// shows.
void test_growing_count() {
  Random random(26);
  std::string chain;
  Tokens tokens = falling_chain(60, &chain);
  for (size_t i = 0; i + 4 <= chain.size(); i += 4) {
    tokens.emplace_back(chain.substr(i, 4), static_cast<uint32_t>(tokens.size()));
  }
  const auto dropped = [&](const TestVocab& source, std::string_view text) {
    const Vocab vocab(source.view());
    GrowingCount count(200);
    for (size_t size = 40; size < text.size(); size += 2 * (1 + random.below(30))) {
      const uint8_t* held = bytes_of(text) + count.from();
      const size_t held_size = size - count.from();
      CHECK_EQ(count.run(vocab, held, held_size).tokens,
               reference_merge(source.ranks, text.substr(0, size)).size());
      GrowingCount asked = count;
      CHECK_EQ(asked.run(vocab, held, held_size + 1).tokens,
               reference_merge(source.ranks, text.substr(0, size + 1)).size());
      count.settle(vocab, held, held_size);
    }
    return count.from();
  };
  dropped(TestVocab(tokens), chain);
  CHECK(dropped(TestVocab({{"a", 0}, {"b", 1}, {"ab", 2}, {"abab", 3}}), repeat("ab", 900)) > 1000);
}

void test_growth() {
  Random random(25);
  std::string chain;
  const TestVocab falling(falling_chain(60, &chain));
  const Vocab falling_vocab(falling.view());
  const auto merge = [](const Vocab& vocab, std::string_view text) {
    LongMerger merger;
    CHECK(merger.run(vocab, bytes_of(text), text.size()) > 0);
  };
  const std::string long_chain = repeat(chain, 200000 / chain.size() + 1);
  check_growth("falling chain", 20000,
               [&](size_t n) { merge(falling_vocab, std::string_view(long_chain).substr(0, n)); });
  VocabOptions options;
  options.shuffled = true;
  options.joins = 300;
  for (std::string_view alphabet : {"a", "ab", "abcdefgh"}) {
    const TestVocab source(random_tokens(random, alphabet, options));
    const Vocab vocab(source.view());
    const std::string text = random_string(random, alphabet, 200000);
    check_growth("random ranks", 20000,
                 [&](size_t n) { merge(vocab, std::string_view(text).substr(0, n)); });
    check_growth("a piece that grows", 4000, [&](size_t n) {
      LongMerger merger;
      for (size_t size = 40; size <= n; size += 40) merger.run(vocab, bytes_of(text), size);
      CHECK(!merger.settled().empty());
    });
  }
}

}  // namespace
}  // namespace tokenkit::test

int main() {
  using namespace tokenkit::test;
  test_random_vocabularies();
  test_tokens_themselves();
  test_falling_chain();
  test_shuffled_chain();
  test_growing_count();
  test_growth();
  return report("test_merge");
}
