// Vocabularies with lists of merges, and with ids that are not ranks, against the naive merge.
#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "bpe/growing.hpp"
#include "bpe/leave.hpp"
#include "bpe/merge.hpp"
#include "bpe/merge_names.hpp"
#include "bpe/vocab.hpp"
#include "bpe/vocab_build.hpp"
#include "encode/counter.hpp"
#include "tests/check.hpp"
#include "tests/generators.hpp"
#include "tests/growth.hpp"
#include "tests/reference.hpp"
#include "tests/roads.hpp"
#include "tests/text_helpers.hpp"
#include "text/utf8.hpp"

namespace tokenkit::test {
namespace {

const uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

std::vector<uint32_t> leaving(const Vocab& vocab, const std::vector<uint32_t>& ranks, size_t room) {
  std::vector<uint32_t> ids(room);
  ids.resize(leave(vocab, ranks.data(), ranks.size(), ids.data(), room));
  CHECK_EQ(ids.size(), count_leaving(vocab, ranks.data(), ranks.size()));
  return ids;
}

// Every way to merge a piece that is not taken as a whole, at every level.
void check_merges(const Vocab& vocab, std::string_view piece, const std::vector<uint32_t>& wanted) {
  const size_t n = piece.size();
  std::vector<uint32_t> ranks(n);
  for (SimdLevel level : simd_levels()) {
    const MergeKernel kernel = merge_kernel(level);
    if (n <= kMergeKernelMax) {
      ranks.resize(n);
      ranks.resize(kernel.one(vocab, bytes_of(piece), n, ranks.data()));
      CHECK(leaving(vocab, ranks, n) == wanted);
    }
    if (n > kShortMax) continue;
    ShortPiece batch[2] = {{bytes_of(piece), 1, 0, {}},
                           {bytes_of(piece), static_cast<uint32_t>(n), 0, {}}};
    kernel.batch(vocab, batch, 2);
    ranks.assign(batch[1].ids, batch[1].ids + batch[1].count);
    CHECK(leaving(vocab, ranks, n) == wanted);
  }
  LongMerger merger;
  merger.run(vocab, bytes_of(piece), n);
  ranks = merger.settled();
  ranks.insert(ranks.end(), merger.tail().begin(), merger.tail().end());
  CHECK(leaving(vocab, ranks, n) == wanted);
  CHECK_EQ(GrowingCount(1).run(vocab, bytes_of(piece), n).tokens, wanted.size());
}

// The bytes and ids of all tokens, and which are found.
void check_tokens(const ListVocab& source) {
  const Vocab vocab(source.view());
  CHECK_EQ(vocab.token_count(), source.tokens.size());
  uint32_t highest = 0;
  for (const auto& [token, id] : source.tokens) {
    highest = std::max(highest, id);
    CHECK_EQ(vocab.token(id), token);
    const uint32_t any = vocab.find_any(token);
    CHECK_EQ(vocab.token(any), token);
    if (source.list.characters && first_invalid(token) != std::string_view::npos) continue;
    ReferenceIds ids;
    source.rule(token, &ids);
    const bool alone = ids.complete && ids.ids.size() == 1;
    CHECK_EQ(vocab.find(bytes_of(token), token.size()), alone ? ids.ids[0] : kNone);
    CHECK(!alone || any == ids.ids[0]);
  }
  CHECK_EQ(vocab.public_ids(), highest + 1);
  CHECK_EQ(vocab.characters(), source.list.characters);
}

void check_list(Random& random, const ListVocab& source, uint32_t round) {
  const Vocab vocab(source.view());
  vocab.verify();
  check_tokens(source);
  const Encoder encoder(source.view(), nth_family(round), sample_specials(900000));
  const SpecialSet allowed(encoder.specials().tokens().size(), true);
  for (uint32_t left = 6; left > 0; --left) {
    std::string text = random_text(random, random.below(30));
    for (uint32_t k = random.below(40); k > 0 && left % 2 == 0; --k) {
      const auto& token = source.tokens[random.below(static_cast<uint32_t>(source.tokens.size()))];
      if (first_invalid(token.first) == std::string_view::npos) text += token.first;
    }
    const std::string fault = compare_roads(encoder, source.rule, text, &allowed, random);
    if (!CHECK(fault.empty())) std::fprintf(stderr, "  round %u: %s\n", round, fault.c_str());
    ReferenceIds wanted;
    source.rule(text, &wanted);
    // As a whole piece, it may be a token that merging does not reach.
    if (!text.empty() && wanted.complete && vocab.find(bytes_of(text), text.size()) == kNone) {
      check_merges(vocab, text, wanted.ids);
    }
  }
}

void test_random_lists() {
  Random random(41);
  for (uint32_t round = 0; round < 150; ++round) {
    check_list(random, random_list(random, random_text(random, 1 + random.below(25))), round);
  }
}

// Ids in another order than ranks: the same tokens under other names.
void test_public_ids() {
  Random random(42);
  for (uint32_t round = 0; round < 40; ++round) {
    const std::string sample = random_text(random, 60);
    const TestVocab source(
        random_tokens(random, sample.substr(0, 20), random_options(random, sample)));
    std::vector<uint32_t> ids(source.tokens.size());
    for (size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<uint32_t>(3 * i + 1);
    for (size_t i = ids.size(); i > 1; --i) {
      std::swap(ids[i - 1], ids[random.below(static_cast<uint32_t>(i))]);
    }
    Ranks id_of;
    for (size_t i = 0; i < ids.size(); ++i) id_of.emplace(source.tokens[i].first, ids[i]);
    const std::vector<uint8_t> image = build_image(source.tokens, &ids);
    const Encoder encoder({reinterpret_cast<const char*>(image.data()), image.size()},
                          nth_family(round), sample_specials(900000));
    const PieceRule by_rank = rank_rule(source.ranks);
    std::unordered_map<uint32_t, std::string> bytes;
    for (const auto& [token, rank] : source.tokens) bytes.emplace(rank, token);
    const PieceRule rule = [&](std::string_view piece, ReferenceIds* out) {
      const size_t before = out->ids.size();
      by_rank(piece, out);
      for (size_t i = before; i < out->ids.size(); ++i) {
        out->ids[i] = id_of.at(bytes.at(out->ids[i]));
      }
    };
    for (int k = 0; k < 4; ++k) {
      const std::string fault =
          compare_roads(encoder, rule, random_text(random, random.below(40)), nullptr, random);
      if (!CHECK(fault.empty())) std::fprintf(stderr, "  %s\n", fault.c_str());
    }
  }
}

// One piece of megabytes, of characters with and without tokens.
void test_long_pieces() {
  Random random(43);
  const std::string unit = "ab \xE6\xBC\xA2\xE5\xAD\x97\xF0\x9F\x99\x82";
  for (int round = 0; round < 6; ++round) {
    const ListVocab source = random_list(random, unit);
    const Encoder encoder(source.view(), Family::kWhole, SpecialTokens({}));
    if (!encoder.vocab().complete()) continue;
    std::string text;
    while (text.size() < 3000) text += random_text(random, 3) + unit;
    ReferenceIds wanted;
    source.rule(text, &wanted);
    const std::string longer = repeat(text, (size_t{3} << 20) / text.size());
    IdSink ids;
    encoder.encode(longer, nullptr, ids);
    CHECK_EQ(encoder.count(longer, nullptr), ids.size());
    StreamCounter counter(encoder);
    for (size_t pos = 0; pos < longer.size();) {
      const size_t end = ceil_char(longer, pos + (size_t{1} << 16));
      counter.update(std::string_view(longer).substr(pos, end - pos));
      pos = end;
    }
    CHECK_EQ(counter.total(), ids.size());
    std::string back;
    encoder.decode(ids.data(), ids.size(), back);
    CHECK(back == longer);
    encoder.encode(text, nullptr, ids);
    CHECK(std::vector<uint32_t>(ids.end() - wanted.ids.size(), ids.end()) == wanted.ids);
  }
}

// Of several pairs that make a token only the last merge of its own bytes counts.
void test_official_split() {
  const Tokens tokens = {{"a", 9}, {"b", 8}, {"c", 7}, {"ab", 3}, {"bc", 2}, {"abc", 1}};
  MergeList list;
  list.merges = {{9, 2}, {9, 8}, {3, 7}, {8, 7}};  // a+bc comes first, but bc is never made in abc
  const ListVocab source(tokens, list);
  const Vocab vocab(source.view());
  CHECK(vocab.mapped());
  CHECK(vocab.cuttable());
  for (const char* text : {"abc", "bc", "abcabc", "bcbc", "aabcc"}) {
    ReferenceIds wanted;
    source.rule(text, &wanted);
    check_merges(vocab, text, wanted.ids);
  }
  ReferenceIds abc;
  source.rule("abc", &abc);
  CHECK(abc.ids == std::vector<uint32_t>{1});
}

// Characters as Python holds them: the narrowest width that they all fit in.
TokenText as_text(const std::u32string& characters, std::string& memory) {
  const char32_t most = *std::max_element(characters.begin(), characters.end());
  const uint8_t width = most > 0xFFFF ? 4 : most > 0xFF ? 2 : 1;
  memory.clear();
  for (const char32_t c : characters) {
    const auto narrow = static_cast<uint8_t>(c);
    const auto middle = static_cast<uint16_t>(c);
    if (width == 1) memory.push_back(static_cast<char>(narrow));
    if (width == 2) memory.append(reinterpret_cast<const char*>(&middle), 2);
    if (width == 4) memory.append(reinterpret_cast<const char*>(&c), 4);
  }
  return {memory, width};
}

// Merges by the texts of tokens, against a map.
void test_merges_by_name() {
  Random random(18);
  long found = 0;
  for (int round = 0; round < 400; ++round) {
    // Two characters of each width; as bytes, U+6161 is "aa", U+616161... is none.
    const std::u32string alphabet = U"ab\u6161\u6261\U00016161\U00016261";
    std::map<std::u32string, uint32_t> ids;
    const auto text = [&](uint32_t most) {
      std::u32string out(1 + random.below(most), U'a');
      for (char32_t& c : out) c = alphabet[random.below(static_cast<uint32_t>(alphabet.size()))];
      return out;
    };
    for (int i = 0; i < 60; ++i) ids.emplace(text(3), static_cast<uint32_t>(ids.size() + 7));
    std::vector<std::u32string> parts;
    std::vector<uint32_t> wanted;
    bool all = true;
    for (uint32_t i = 0, n = random.below(3000); i < n; ++i) {
      const bool good = random.below(4000) != 0;
      const auto one = std::next(ids.begin(), random.below(static_cast<uint32_t>(ids.size())));
      const std::u32string whole = good ? one->first : text(4);
      if (whole.size() < 2) continue;
      const size_t cut = 1 + random.below(static_cast<uint32_t>(whole.size()) - 1);
      const std::u32string left = whole.substr(0, cut), right = whole.substr(cut);
      if (good && (!ids.contains(left) || !ids.contains(right))) continue;
      all = all && ids.contains(left) && ids.contains(right) && ids.contains(left + right);
      parts.push_back(left);
      parts.push_back(right);
    }
    std::vector<std::string> memory(ids.size() + parts.size());
    std::vector<TokenText> tokens, texts;
    std::vector<uint32_t> numbers;
    size_t used = 0;
    for (const auto& [token, id] : ids) {
      tokens.push_back(as_text(token, memory[used++]));
      numbers.push_back(id);
    }
    for (const auto& part : parts) {
      texts.push_back(as_text(part, memory[used++]));
      wanted.push_back(ids.contains(part) ? ids[part] : kNone);
    }
    std::vector<uint32_t> got(parts.size());
    CHECK_EQ(ids_of_merges(tokens, numbers, texts, got.data()), all);
    CHECK(!all || got == wanted);
    found += all && !parts.empty();
    if (parts.empty()) continue;
    texts[random.below(static_cast<uint32_t>(texts.size()))].characters = {};
    CHECK(!ids_of_merges(tokens, numbers, texts, got.data()));
  }
  CHECK(found > 20 && found < 380);
}

}  // namespace
}  // namespace tokenkit::test

int main() {
  using namespace tokenkit::test;
  test_official_split();
  test_merges_by_name();
  test_random_lists();
  test_public_ids();
  test_long_pieces();
  return report("test_merges_build");
}
