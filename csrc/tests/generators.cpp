#include "tests/generators.hpp"

#include <algorithm>
#include <iterator>
#include <unordered_set>

#include "bpe/vocab_build.hpp"
#include "scan/families.hpp"
#include "text/utf8.hpp"

namespace tokenkit::test {
namespace {

// What the patterns and the merges tell apart, and what once broke someone's tokenizer.
const char* const kAtoms[] = {
    "a",
    "b",
    "s",
    "t",
    "Z",
    "A",
    "S",
    "L",  // ASCII letters
    "\xC3\xA9",
    "\xC3\x89",
    "\xC7\x85",
    "\xCA\xB0",  // é É ǅ (Lt) ʰ (Lm)
    "\xC5\xBF",
    "\xE2\x84\xAA",
    "\xC3\x9F",
    "\xC2\xAA",  // long s, Kelvin sign, ß, ª (Lo)
    "\xE4\xB8\xAD",
    "\xE3\x81\x82",
    "\xE0\xA4\x95",  // 中 あ क (Lo)
    "\xF0\x9D\x90\x80",
    "\xF0\xA0\x80\x80",  // 𝐀 (Lu), CJK extension B
    "\xCC\x81",
    "\xE0\xA4\xBE",
    "\xE2\x83\x9D",  // marks: Mn Mc Me
    "\xEF\xB8\x8F",
    "\xF3\xA0\x84\x80",  // variation selectors (Mn)
    "0",
    "7",
    "\xD9\xA3",
    "\xC2\xBD",
    "\xE2\x85\xA7",
    "\xF0\x9F\x84\x80",  // Nd Nd No Nl No
    " ",
    " ",
    "  ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "\v",
    "\f",  // white space
    "\xC2\xA0",
    "\xC2\x85",
    "\xE1\x9A\x80",
    "\xE2\x80\xA8",
    "\xE2\x80\xA9",
    "\xE3\x80\x80",
    "\xE2\x80\x8B",
    "\xEF\xBB\xBF",
    "\x01",  // look like white space and are not
    "!",
    ".",
    "/",
    "//",
    "'",
    "\"",
    "-",
    "_",
    "<",
    "|",
    ">",
    "$",
    "\xE2\x80\x99",
    "\xE2\x80\x94",
    "\xE2\x82\xAC",
    "\xEF\xBF\xBD",  // ’ — € U+FFFD
    "'s",
    "'S",
    "'t",
    "'re",
    "'Ve",
    "'m",
    "'LL",
    "'d",
    "'l",
    "'v",
    "'\xC5\xBF",
    "I'm",
    "'ll've",
    "\xF0\x9F\x98\x80",
    "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x94\xAC",  // emoji, with a joiner
    "\xF0\x9F\x87\xAB",
    "\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD",
    "the",
    " the",
    "Hello",
    "camelCase",
    "HTTPServer",
    "a\xCC\x81",
    "1234567",
    "   x",
    " \n ",
    "<|end|>",
    "<|e",
    "<|end|>!",
    "|>",
    "\n\n",
    "://",
    "  \t ",
};

const char* random_atom(Random& random) {
  return kAtoms[random.below(static_cast<uint32_t>(std::size(kAtoms)))];
}

// Adds tokens that are not there yet, in the order of their coming.
class Collector {
 public:
  void add(const std::string& token) {
    if (token.empty() || token.size() > kMostBytes || !seen_.insert(token).second) return;
    order_.push_back(token);
  }
  const std::vector<std::string>& order() const { return order_; }
  std::vector<std::string>& order() { return order_; }

 private:
  static constexpr size_t kMostBytes = 300;  // some beyond 15, 128 and 255, where paths part
  std::vector<std::string> order_;
  std::unordered_set<std::string> seen_;
};

void shuffle(Random& random, std::vector<std::string>& items) {
  for (size_t i = items.size(); i > 1; --i) {
    std::swap(items[i - 1], items[random.below(static_cast<uint32_t>(i))]);
  }
}

}  // namespace

Family nth_family(size_t n) { return Families::kAll[n % std::size(Families::kAll)]; }

TestVocab::TestVocab(Tokens list) : tokens(std::move(list)), image(build_image(tokens)) {
  for (const auto& [token, rank] : tokens) ranks.emplace(token, rank);
}

ListVocab::ListVocab(Tokens all, MergeList merge_list)
    : tokens(std::move(all)),
      list(std::move(merge_list)),
      image(build_merges_image(tokens, list)),
      rule(list_rule(tokens, list)) {}

std::string random_text(Random& random, uint32_t atoms) {
  // Few atoms that repeat make other borders than many different ones; so do runs.
  std::vector<std::string> pool(1 + random.below(6));
  for (std::string& atom : pool) atom = random_atom(random);
  const bool narrow = random.below(2) == 0;
  std::string text;
  for (uint32_t i = 0; i < atoms; ++i) {
    std::string atom = random_atom(random);
    if (narrow) atom = pool[random.below(static_cast<uint32_t>(pool.size()))];
    if (!narrow && random.below(12) == 0) append_utf8(random.code_point(), &(atom = ""));
    const uint32_t times = random.below(10) == 0 ? 1 + random.below(20) : 1;
    text += repeat(atom, times);
  }
  return text;
}

std::string random_string(Random& random, std::string_view alphabet, size_t size) {
  std::string out;
  for (size_t i = 0; i < size; ++i) {
    out += alphabet[random.below(static_cast<uint32_t>(alphabet.size()))];
  }
  return out;
}

Tokens random_tokens(Random& random, std::string_view alphabet, const VocabOptions& options) {
  Collector tokens;
  const auto present = [&] { return options.all_bytes || random.below(4) != 0; };
  for (char byte : alphabet) {
    if (present()) tokens.add(std::string(1, byte));
  }
  if (tokens.order().empty()) tokens.add(std::string(1, alphabet[0]));
  // The joins come before the bytes that the alphabet does not have: they are to be met.
  for (uint32_t i = 0; i < options.joins; ++i) {
    const auto pick = [&] {
      return tokens.order()[random.below(static_cast<uint32_t>(tokens.order().size()))];
    };
    const std::string left = pick();
    tokens.add(left + pick());
  }
  for (uint32_t i = 0; i < options.substrings && !options.sample.empty(); ++i) {
    const size_t start = random.below(static_cast<uint32_t>(options.sample.size()));
    const uint32_t size = 1 + random.below(random.below(20) == 0 ? 300 : 6);
    tokens.add(std::string(options.sample.substr(start, size)));
  }
  for (int byte = 0; byte < 256; ++byte) {
    if (options.all_bytes) tokens.add(std::string(1, static_cast<char>(byte)));
  }
  if (options.shuffled) shuffle(random, tokens.order());
  Tokens out;
  uint32_t rank = 0;
  for (const std::string& token : tokens.order()) {
    if (options.holes) rank += random.below(3);
    out.emplace_back(token, rank++);
  }
  return out;
}

VocabOptions random_options(Random& random, std::string_view sample) {
  VocabOptions options;
  options.joins = random.below(250);
  options.substrings = random.below(100);
  options.sample = sample;
  options.all_bytes = random.below(4) != 0;
  options.shuffled = random.below(2) == 0;
  options.holes = random.below(3) == 0;
  return options;
}

namespace {

// Distinct ids in any order, with holes or without.
std::vector<uint32_t> random_ids(Random& random, size_t count) {
  std::vector<uint32_t> ids;
  const uint32_t gap = random.below(3);
  uint32_t id = random.below(2) * 7;
  for (size_t i = 0; i < count; ++i, ++id) ids.push_back(id += random.below(gap + 1));
  if (random.below(4) != 0) {
    for (size_t i = count; i > 1; --i) {
      std::swap(ids[i - 1], ids[random.below(static_cast<uint32_t>(i))]);
    }
  }
  return ids;
}

// Most ways to join two tokens to one, in any order; some twice.
std::vector<std::pair<uint32_t, uint32_t>> random_merges(Random& random, const Tokens& tokens) {
  const Ranks ids(tokens.begin(), tokens.end());
  std::vector<std::pair<uint32_t, uint32_t>> merges;
  const uint32_t left_out = 2 + random.below(20);
  for (const auto& [token, id] : tokens) {
    for (size_t cut = 1; cut < token.size(); ++cut) {
      const auto left = ids.find(token.substr(0, cut));
      const auto right = ids.find(token.substr(cut));
      if (left == ids.end() || right == ids.end() || random.below(left_out) == 0) continue;
      merges.emplace_back(left->second, right->second);
    }
  }
  for (uint32_t k = random.below(4); k > 0 && !merges.empty(); --k) {
    merges.push_back(merges[random.below(static_cast<uint32_t>(merges.size()))]);
  }
  // In order of length, or in none.
  for (size_t i = random.below(2) == 0 ? 0 : merges.size(); i > 1; --i) {
    std::swap(merges[i - 1], merges[random.below(static_cast<uint32_t>(i))]);
  }
  return merges;
}

}  // namespace

ListVocab random_list(Random& random, std::string_view sample) {
  MergeList list;
  list.characters = random.below(3) != 0;
  list.whole_pieces = random.below(2) == 0;
  Collector strings;
  const bool all = random.below(2) == 0;
  for (size_t i = 0; i < sample.size();) {
    const size_t end = list.characters ? ceil_char(sample, i + 1) : i + 1;
    if (all || random.below(4) != 0) strings.add(std::string(sample.substr(i, end - i)));
    i = end;
  }
  strings.add("a");
  for (uint32_t left = random.below(250); left > 0; --left) {
    const auto pick = [&] {
      return strings.order()[random.below(static_cast<uint32_t>(strings.order().size()))];
    };
    const std::string first = pick();
    strings.add(first + pick());
  }
  // BPE may not reach these; of some, not even the bytes are whole characters.
  for (uint32_t left = random.below(40); left > 0 && !sample.empty(); --left) {
    const size_t start = random.below(static_cast<uint32_t>(sample.size()));
    strings.add(std::string(sample.substr(start, 1 + random.below(7))));
  }
  const size_t bytes = list.characters && random.below(2) == 0 ? 256 : 0;
  const std::vector<uint32_t> ids = random_ids(random, strings.order().size() + bytes);
  Tokens tokens;
  for (const std::string& token : strings.order()) tokens.emplace_back(token, ids[tokens.size()]);
  list.merges = random_merges(random, tokens);
  for (size_t byte = 0; byte < bytes; ++byte) {
    list.byte_ids.push_back(ids[tokens.size()]);
    tokens.emplace_back(std::string(1, static_cast<char>(byte)), list.byte_ids.back());
  }
  return {std::move(tokens), std::move(list)};
}

std::vector<std::pair<std::string, uint32_t>> random_added(Random& random, std::string_view sample,
                                                           uint32_t first_id) {
  Collector strings;
  if (random.below(3) == 0) return {};
  for (const char* tag : {"<b>", "</b>", "<table>", "<b", "the", "e\xCC\x81", " <x> "}) {
    if (random.below(3) == 0) strings.add(tag);
  }
  for (uint32_t left = random.below(6); left > 0 && !sample.empty(); --left) {
    const size_t start = floor_char(sample, random.below(static_cast<uint32_t>(sample.size())));
    const size_t end = ceil_char(sample, start + 2 + random.below(9));
    strings.add(std::string(sample.substr(start, end - start)));
  }
  std::vector<std::pair<std::string, uint32_t>> added;
  for (const std::string& text : strings.order()) {
    if (text.size() > 1) added.emplace_back(text, first_id++);
  }
  return added;
}

Reading random_reading(Random& random, Family family,
                       const std::vector<std::pair<std::string, uint32_t>>& added) {
  if (family != Family::kSpaces && family != Family::kWhole) return {Lead::kNowhere, added};
  const auto lead = static_cast<Lead>(random.below(3));
  return {lead, lead == Lead::kNowhere ? added : decltype(added){}};
}

Tokens falling_chain(uint32_t letters, std::string* text) {
  const auto letter = [](uint32_t i) { return static_cast<char>('A' + i); };
  // A de Bruijn sequence: "AABACBBCC" and then "A" again holds each pair of A, B, C once.
  text->clear();
  for (uint32_t i = 0; i < letters; ++i) {
    *text += letter(i);
    for (uint32_t j = i + 1; j < letters; ++j) {
      *text += letter(i);
      *text += letter(j);
    }
  }
  *text += letter(0);
  Collector pairs;
  for (size_t i = 0; i + 1 < text->size(); ++i) pairs.add(text->substr(i, 2));
  Tokens tokens;
  uint32_t rank = static_cast<uint32_t>(pairs.order().size());
  for (const std::string& pair : pairs.order()) tokens.emplace_back(pair, --rank);
  const uint32_t first_byte = static_cast<uint32_t>(tokens.size());
  for (uint32_t byte = 0; byte < 256; ++byte) {
    tokens.emplace_back(std::string(1, static_cast<char>(byte)), first_byte + byte);
  }
  return tokens;
}

}  // namespace tokenkit::test
