// The front table, its kernels against its own find(), and whole texts through it against the same
// texts piece by piece, which do without it.
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "bpe/front_table.hpp"
#include "encode/encoder.hpp"
#include "scan/families.hpp"
#include "tests/check.hpp"
#include "tests/generators.hpp"
#include "text/utf8.hpp"

namespace tokenkit::test {
namespace {

std::string random_piece(Random& random) {
  // With NULs, and sizes around those that fit.
  const size_t size = random.below(2) == 0 ? 1 + random.below(3) : 11 + random.below(7);
  std::string piece;
  while (piece.size() < size) piece += static_cast<char>("\0ab"[random.below(3)]);
  return piece;
}

FrontKey key_of(const std::string& piece) { return front_key(piece, 0, piece.size()); }

// Of pieces that fit, each byte is in the key, and the size; no longer piece has the key of one.
void test_keys() {
  const auto same = [](FrontKey a, FrontKey b) { return a.lo == b.lo && a.hi == b.hi; };
  for (size_t size = 1; size <= kFrontMax; ++size) {
    const std::string piece(size, 'a');
    CHECK(same(key_of(piece), key_of(piece)));
    CHECK(!same(key_of(piece), key_of(piece + '\0')));
    CHECK(!same(key_of(std::string(size, '\0')), key_of(std::string(kFrontMax + size, '\0'))));
    for (size_t at = 0; at < size; ++at) {
      std::string other = piece;
      other[at] = 'b';
      CHECK(!same(key_of(piece), key_of(other)));
    }
  }
}

void test_find(unsigned bits) {
  Random random(31);
  FrontTable table(bits);
  std::unordered_map<std::string, uint32_t> put;
  size_t found = 0;
  for (uint32_t i = 0; i < 20000; ++i) {
    const std::string piece = random_piece(random);
    uint32_t id = 0;
    const bool there = table.find(key_of(piece), &id);
    if (there) CHECK(put.count(piece) == 1 && put[piece] == id);
    found += there;
    const uint32_t value = random.below(FrontTable::kIdEnd);
    if (!FrontTable::takes(piece.size(), value)) {
      CHECK(piece.size() > kFrontMax && !there);
    } else if (random.below(2) == 0) {
      table.insert(key_of(piece), value);
      put[piece] = value;
      CHECK(table.find(key_of(piece), &id) && id == value);
    } else {
      table.insert_if_free(key_of(piece), value);
      if (!there && table.find(key_of(piece), &id)) put[piece] = value;
    }
  }
  CHECK(found > 1000);
  CHECK(!FrontTable::takes(kFrontMax + 1, 0));
  CHECK(!FrontTable::takes(1, FrontTable::kIdEnd));
}

void test_a_taken_place_is_kept() {
  FrontTable table(3);
  Random random(34);
  uint32_t id = 0;
  size_t kept = 0;
  for (uint32_t i = 0; i < 1000; ++i) {
    const FrontKey first = key_of(random_piece(random)), other = key_of(random_piece(random));
    table.insert(first, 2 * i);
    table.insert_if_free(other, 2 * i + 1);
    CHECK(table.find(first, &id) && id == 2 * i);
    kept += !table.find(other, &id);
  }
  CHECK(kept > 500);
}

void test_kernel(const FrontKernel& kernel, unsigned bits) {
  Random random(32);
  FrontTable table(bits);
  const auto pieces = std::make_unique<KeyedPieces>();
  for (int round = 0; round < 500; ++round) {
    const size_t n = random.below(KeyedPieces::kMost + 1);
    std::vector<uint32_t> wanted_ids(n), wanted;
    for (uint32_t i = 0; i < n; ++i) {
      const FrontKey key = key_of(random_piece(random));
      pieces->lo[i] = key.lo;
      pieces->hi[i] = key.hi;
      if (!table.find(key, &wanted_ids[i])) wanted.push_back(i);
    }
    std::vector<uint32_t> ids(n + 7), missed(n + 7), again(n + 7);
    CHECK_EQ(kernel.ids(table, *pieces, n, ids.data(), missed.data()), wanted.size());
    CHECK_EQ(kernel.missed(table, *pieces, n, again.data()), wanted.size());
    for (uint32_t i : wanted) wanted_ids[i] = ids[i];  // of these, ids mean nothing
    CHECK(std::equal(wanted.begin(), wanted.end(), missed.begin()));
    CHECK(std::equal(wanted.begin(), wanted.end(), again.begin()));
    CHECK(std::equal(wanted_ids.begin(), wanted_ids.end(), ids.begin()));
    for (int k = 0; k < 20; ++k) {
      const std::string piece = random_piece(random);
      const uint32_t id = random.below(FrontTable::kIdEnd);
      if (FrontTable::takes(piece.size(), id)) table.insert(key_of(piece), id);
    }
  }
}

struct Result {
  std::vector<uint32_t> ids;
  size_t count;
};

Result whole(const Encoder& encoder, std::string_view text, Scratch& scratch) {
  IdSink sink;
  encoder.encode(text, nullptr, scratch, sink);
  return {{sink.data(), sink.data() + sink.size()}, encoder.count(text, nullptr, scratch)};
}

Result by_pieces(const Encoder& encoder, std::string_view text, Scratch& scratch) {
  std::vector<size_t> ends;
  encoder.piece_ends(text, ends);
  IdSink sink;
  encoder.encode_pieces(text, 0, ends.data(), ends.size(), scratch, sink);
  return {{sink.data(), sink.data() + sink.size()},
          encoder.count_pieces(text, 0, ends.data(), ends.size(), scratch)};
}

// Thousands of tokens and characters glued together: several rows of pieces, in which tables grow,
// with pieces that come again and again, long ones, and such as are in no table.
std::string glued(Random& random, const Tokens& tokens, size_t bytes) {
  std::string text;
  const auto few = static_cast<uint32_t>(1 + random.below(static_cast<uint32_t>(tokens.size())));
  while (text.size() < bytes) {
    const uint32_t kind = random.below(16);
    const std::string& token = tokens[random.below(few)].first;
    if (kind == 0) {
      text += random_text(random, random.below(12));
    } else if (kind == 1) {
      for (uint32_t k = random.below(120); k > 0; --k) text += static_cast<char>('a' + k % 7);
    } else if (first_invalid(token) == std::string_view::npos) {
      if (kind < 8) text += ' ';
      text += token;
    }
  }
  return text;
}

void check_texts(const Encoder& encoder, const Tokens& tokens, Random& random, int texts) {
  Scratch fronted, plain;
  for (int k = 0; k < texts; ++k) {
    const std::string text = glued(random, tokens, 90 + random.below(20000));
    const Result wanted = by_pieces(encoder, text, plain);
    CHECK_EQ(wanted.ids.size(), wanted.count);
    for (int pass = 0; pass < 2; ++pass) {
      const Result got = whole(encoder, text, fronted);
      CHECK(got.ids == wanted.ids);
      CHECK_EQ(got.count, wanted.count);
    }
  }
}

// Ids around the first one that the table does not take among them.
void test_whole_texts() {
  Random random(33);
  for (size_t round = 0; round < 2 * std::size(Families::kAll); ++round) {
    const std::string sample = random_text(random, 400);
    const VocabOptions options{300, 300, sample, true, false, false};
    Tokens tokens = random_tokens(random, "abcdefg \n", options);
    if (round % 4 == 0) {
      for (auto& [token, id] : tokens) id += FrontTable::kIdEnd - 300;
    }
    const TestVocab source(tokens);
    const Encoder encoder(source.view(), nth_family(round), SpecialTokens({}));
    check_texts(encoder, source.tokens, random, 6);
  }
}

}  // namespace
}  // namespace tokenkit::test

int main() {
  using namespace tokenkit::test;
  for (unsigned bits : {3u, 8u, 15u}) {
    test_find(bits);
    for (tokenkit::SimdLevel level : tokenkit::simd_levels()) {
      const tokenkit::FrontKernel* kernel = tokenkit::front_kernel(level);
      if (kernel != nullptr) test_kernel(*kernel, bits);
    }
  }
  test_keys();
  test_a_taken_place_is_kept();
  test_whole_texts();
  return report("test_front_table");
}
