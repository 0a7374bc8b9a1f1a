// Segments of long pieces: where they end, with what keys, and that they have the ids of the text.
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "bpe/cut.hpp"
#include "encode/encoder.hpp"
#include "encode/segments.hpp"
#include "tests/check.hpp"
#include "tests/generators.hpp"
#include "tests/text_helpers.hpp"
#include "text/utf8.hpp"

namespace tokenkit::test {
namespace {

// Lines of code and of text without spaces, with runs that nothing cuts.
std::string long_pieces(Random& random, size_t bytes) {
  std::string text;
  while (text.size() < bytes) {
    const uint32_t kind = random.below(8);
    if (kind < 3) text += random_text(random, 1 + random.below(6));
    if (kind == 3) text += repeat("self.f(x)[a];\n", 1 + random.below(30));
    if (kind == 4) text += repeat("\xE5\xAD\x97\xE6\x97\xA5\xE3\x81\xAE", 1 + random.below(200));
    if (kind == 5) text.append(random.below(700), 'a');
    if (kind > 5) text += std::string(random.below(9), ' ') + "ab";
  }
  return text;
}

// Pieces of at most kUncutMost bytes, and others between all places that cuts_at() names.
std::vector<size_t> wanted_ends(const Encoder& encoder, std::string_view text) {
  std::vector<size_t> pieces, ends;
  encoder.piece_ends(text, pieces);
  size_t start = 0;
  for (const size_t end : pieces) {
    for (size_t i = start + 1; end - start > kUncutMost && i < end; ++i) {
      if (is_continuation(static_cast<uint8_t>(text[i]))) continue;
      if (cuts_at(encoder.vocab(), text, i)) ends.push_back(i);
    }
    ends.push_back(start = end);
  }
  return ends;
}

void check_plain(const Encoder& encoder, std::string_view text, Random& random) {
  const ScanFunction scan = scanner(encoder.family());
  Segments segments;
  std::vector<size_t> got;
  size_t ends[kBlock];
  for (size_t pos = 0;; pos = got.back()) {
    const size_t capacity = 1 + random.below(kBlock);
    const size_t n = segments.next(encoder.vocab(), scan, text, pos, ends, capacity);
    CHECK(n <= capacity);
    if (n == 0) break;
    got.insert(got.end(), ends, ends + n);
  }
  CHECK(got == wanted_ends(encoder, text));
}

void check_keyed(const Encoder& encoder, KeyedScan scan, std::string_view text) {
  KeyedSegments segments;
  segments.start();
  KeyedPieces pieces;
  std::vector<size_t> got;
  size_t pos = 0;
  while (const size_t n = segments.next(encoder.vocab(), scan, text, pos, pieces)) {
    for (size_t i = 0; i < n; pos = pieces.ends[i++]) {
      const FrontKey key = front_key(text, pos, pieces.ends[i]);
      const bool is_long = pieces.ends[i] - pos > kFrontMax;  // any key of such a size will do
      CHECK(is_long ? pieces.hi[i] >> 40 > kFrontMax
                    : pieces.hi[i] == key.hi && pieces.lo[i] == key.lo);
      got.push_back(pieces.ends[i]);
    }
  }
  CHECK(got == wanted_ends(encoder, text));
}

// The same ids and counts as piece by piece, twice, with tables of its own.
void check_ids(const Encoder& encoder, std::string_view text, Scratch& scratch) {
  std::vector<size_t> ends;
  encoder.piece_ends(text, ends);
  IdSink wanted;
  for (size_t i = 0; i < ends.size(); ++i) {
    const size_t start = i == 0 ? 0 : ends[i - 1];
    encoder.encode_piece(text.substr(start, ends[i] - start), scratch, wanted);
  }
  for (int pass = 0; pass < 2; ++pass) {
    IdSink got;
    encoder.encode(text, nullptr, scratch, got);
    CHECK_EQ(got.size(), wanted.size());
    CHECK(std::equal(wanted.data(), wanted.data() + wanted.size(), got.data(),
                     got.data() + got.size()));
    CHECK_EQ(encoder.count(text, nullptr, scratch), wanted.size());
  }
}

// Every character of the texts, and all bytes, so that no text is refused.
ListVocab complete_list(Random& random) {
  for (;;) {
    ListVocab list = random_list(random, long_pieces(random, 60) + "self.f(x)[a];\n ab");
    if (Vocab(list.view()).complete() && Vocab(list.view()).cuttable()) return list;
  }
}

void test_texts() {
  Random random(51);
  size_t characters = 0;
  for (size_t round = 0; round < 60; ++round) {
    const ListVocab source = complete_list(random);
    const Family family = round % 2 == 0 ? Family::kSpaces : Family::kWhole;
    const Encoder encoder(source.view(), family, SpecialTokens({}));
    characters += encoder.vocab().characters();
    Scratch scratch;
    for (uint32_t bytes : {10u, 300u, 6000u, 20000u}) {
      const std::string text = long_pieces(random, 1 + random.below(bytes));
      check_plain(encoder, text, random);
      for (const SimdLevel level : simd_levels()) {
        const KeyedScan scan = keyed_scanner(family, level);
        if (scan != nullptr) check_keyed(encoder, scan, text);
      }
      check_ids(encoder, text, scratch);
    }
  }
  CHECK(characters > 20);
}

template <class Call>
bool throws(const Call& call) {
  try {
    call();
  } catch (const Error&) {
    return true;
  }
  return false;
}

// A text that is refused in its middle leaves nothing behind for the next one.
void test_after_errors() {
  Random random(52);
  size_t refused = 0;
  Scratch::front_from = 0;
  for (size_t round = 0; round < 60; ++round) {
    const std::string good = long_pieces(random, 6000);
    const ListVocab source = random_list(random, good);
    const Vocab vocab(source.view());
    if (vocab.complete() || !vocab.cuttable()) continue;
    const Encoder encoder(source.view(), Family::kSpaces, SpecialTokens({}));
    Scratch scratch, fresh;
    for (const size_t at : {1000u, 3000u, 5000u}) {
      std::string bad = good;
      bad.insert(floor_char(good, at), "\xF0\x9F\x91\xA9");
      IdSink ids;
      refused += throws([&] { encoder.encode(bad, nullptr, scratch, ids); });
      refused += throws([&] { encoder.count(bad, nullptr, scratch); });
      IdSink got, wanted;
      if (throws([&] { encoder.encode(good, nullptr, fresh, wanted); })) continue;
      encoder.encode(good, nullptr, scratch, got);
      CHECK_EQ(got.size(), wanted.size());
      CHECK(std::equal(wanted.data(), wanted.data() + wanted.size(), got.data(),
                       got.data() + got.size()));
      CHECK_EQ(encoder.count(good, nullptr, scratch), wanted.size());
    }
  }
  Scratch::front_from = Scratch::kFrontFrom;
  CHECK(refused > 20);
}

}  // namespace
}  // namespace tokenkit::test

int main() {
  tokenkit::test::test_texts();
  tokenkit::test::test_after_errors();
  return tokenkit::test::report("test_segments");
}
