// NFC against its definition, and an encoder behind added tokens and NFC against both by hand, down
// every road.
#include <algorithm>
#include <string>
#include <vector>

#include "encode/batch.hpp"
#include "encode/stepped.hpp"
#include "encode/stepped_counter.hpp"
#include "tests/check.hpp"
#include "tests/generators.hpp"
#include "tests/reference_wordpiece.hpp"
#include "tests/text_helpers.hpp"
#include "text/normal.hpp"
#include "text/utf8.hpp"

namespace tokenkit::test {
namespace {

using Ids = std::vector<uint32_t>;

// Bases and marks that compose, marks of several classes, excluded and later characters, Hangul,
// and what texts are split at.
constexpr uint32_t kCharacters[] = {
    'a',    'e',    'K',     '<',    '=',    ' ',    ' ',    '.',    '\'',   0xE9,
    0x300,  0x301,  0x323,   0x334,  0x338,  0x345,  0x340,  0x37E,  0x212A, 0x915,
    0x93C,  0x94D,  0x958,   0x9C7,  0x9BE,  0xAC00, 0xAC01, 0x1100, 0x1161, 0x11A8,
    0x1E69, 0x3099, 0x304B,  0x4E2D, 0xF900, 0xFB1D, 0x1161, 0x11A7, 0xFFFD, 0x1F82,
    0x5B0,  0x651,  0x1D15E, 0x897,  0xE38,  0x2ADC, 0xF71,  0xF72,  0xF80,  0x11935};

std::string random_marks(Random& random, uint32_t size) {
  CodePoints out;
  for (uint32_t i = 0; i < size; ++i) {
    out.push_back(random.below(20) == 0 ? random.code_point()
                                        : kCharacters[random.below(std::size(kCharacters))]);
  }
  return to_utf8(out);
}

// The definition: all is decomposed, neighbours that are not in order are exchanged until none is,
// and each character is composed with the last starter if nothing keeps them apart.
std::string nfc_by_definition(const std::string& text) {
  CodePoints all;
  for (uint32_t cp : code_points(text)) {
    uint32_t parts[kMostParts];
    all.insert(all.end(), parts, parts + decompose(cp, parts));
  }
  for (size_t i = 1; i < all.size(); ++i) {
    for (size_t k = i; k > 0 && combining_class(all[k]) != 0 &&
                       combining_class(all[k - 1]) > combining_class(all[k]);
         --k) {
      std::swap(all[k - 1], all[k]);
    }
  }
  CodePoints out;
  for (uint32_t cp : all) {
    size_t starter = out.size();
    while (starter > 0 && combining_class(out[starter - 1]) != 0) --starter;
    const bool blocked = starter < out.size() && combining_class(out.back()) >= combining_class(cp);
    const uint32_t made = starter == 0 || blocked ? 0 : compose(out[starter - 1], cp);
    if (made != 0) {
      out[starter - 1] = made;
    } else {
      out.push_back(cp);
    }
  }
  return to_utf8(out);
}

const uint8_t* bytes(const std::string& text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

std::string nfc(const std::string& text) {
  std::string made = "of a call before";
  return std::string(in_nfc(text, made));
}

void test_nfc() {
  CHECK(nfc("e\xCC\x81") == "\xC3\xA9");
  CHECK(nfc("\xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA8") == "\xEA\xB0\x81");
  CHECK(nfc("\xE2\x84\xAA") == "K");
  CHECK_EQ(compose(0x1100, 0x1161), 0xAC00u);
  CHECK_EQ(compose(0xAC00, 0x11A7), 0u);  // what stands before the trailing consonants
  CHECK_EQ(compose(0xAC01, 0x11A8), 0u);
  CHECK_EQ(compose('<', 0x338), 0x226Eu);
  Random random(71);
  for (int round = 0; round < 20000; ++round) {
    const std::string text = random_marks(random, random.below(14));
    const std::string wanted = nfc_by_definition(text);
    CHECK(nfc(text) == wanted);
    CHECK_EQ(is_nfc(text), wanted == text);
    CHECK(is_nfc(wanted));
    const size_t settled = nfc_settled(text);
    if (settled == std::string::npos) continue;
    const std::string more = text + random_marks(random, random.below(4));
    CHECK(nfc(more) == nfc(text.substr(0, settled)) + nfc(more.substr(settled)));
  }
  // The order of marks takes no square of time.
  std::string marks = "a";
  for (int i = 0; i < 300000; ++i) marks += i % 2 == 0 ? "\xCC\x81" : "\xCC\xA3";
  CHECK_EQ(nfc(marks).size(), marks.size());
}

void test_borders() {
  Random random(72);
  for (int round = 0; round < 20000; ++round) {
    const std::string text = random_marks(random, 1 + random.below(8));
    for (size_t at = 1; at < text.size(); ++at) {
      if (!is_char_boundary(text, at) || !nfc_keeps(text, at)) continue;
      const std::string left = nfc(text.substr(0, at)), right = nfc(text.substr(at));
      CHECK(nfc(text) == left + right);
      uint32_t was, is;
      decode_before(bytes(text), bytes(text) + at, &was);
      decode_before(bytes(left), bytes(left) + left.size(), &is);
      CHECK_EQ(was, is);
      decode(bytes(text) + at, bytes(text) + text.size(), &was);
      decode(bytes(right), bytes(right) + right.size(), &is);
      CHECK_EQ(was, is);
    }
  }
}

// What a SteppedEncoder should give: the leftmost, longest token is cut out, the rest normalized.
Ids by_hand(const Encoder& encoder, const SpecialSet& among, bool normal, std::string text) {
  const auto& tokens = encoder.specials().tokens();
  Ids out;
  const auto add = [&](const std::string& section) {
    IdSink sink;
    encoder.encode(normal ? nfc_by_definition(section) : section, nullptr, sink);
    out.insert(out.end(), sink.data(), sink.data() + sink.size());
  };
  for (size_t at = 0; at < text.size();) {
    size_t best = tokens.size();
    for (size_t i = 0; i < tokens.size(); ++i) {
      const std::string& token = tokens[i].first;
      if (among[i] && text.compare(at, token.size(), token) == 0 &&
          (best == tokens.size() || token.size() > tokens[best].first.size())) {
        best = i;
      }
    }
    if (best == tokens.size()) {
      ++at;
      continue;
    }
    add(text.substr(0, at));
    out.push_back(tokens[best].second);
    text.erase(0, at + tokens[best].first.size());
    at = 0;
  }
  add(text);
  return out;
}

void check_limits(const SteppedEncoder& stepped, const std::string& text, const Ids& wanted) {
  Coder::Lease scratch(stepped);
  for (size_t limit = 0; limit < wanted.size() + 2; ++limit) {
    const std::optional<size_t> found = stepped.within(text, limit, *scratch);
    CHECK_EQ(found.has_value(), wanted.size() <= limit);
    CHECK_EQ(stepped.fits(text, limit, *scratch), wanted.size() <= limit);
    CHECK(!found || *found == wanted.size());
    IdSink some;
    stepped.encode_prefix(text, limit, *scratch, some);
    CHECK(some.size() >= std::min(limit, wanted.size()) && some.size() <= wanted.size());
    CHECK(std::equal(some.data(), some.data() + some.size(), wanted.begin()));
  }
}

void check_stream(const SteppedEncoder& stepped, const std::string& text, size_t wanted,
                  Random& random) {
  SteppedCounter counter(stepped);
  for (size_t at = 0; at < text.size();) {
    const size_t next = ceil_char(text, at + 1 + random.below(9));
    counter.update(std::string_view(text).substr(at, next - at));
    at = next;
    if (random.below(4) == 0) {
      CHECK_EQ(counter.total(), count_text(stepped, text.substr(0, at), nullptr));
      CHECK_EQ(counter.total("\xCC\x81"), count_text(stepped, text.substr(0, at) + "\xCC\x81", {}));
    }
  }
  CHECK_EQ(counter.total(), wanted);
}

void test_roads() {
  Random random(73);
  const SpecialTokens specials({{"<a>", 5000}, {"<a>a", 5001}, {"a\xCC\x81", 5002}, {"K", 5003}});
  int whole = 0;
  for (size_t round = 0; round < 1200; ++round) {
    const ListVocab vocab = random_list(random, random_marks(random, 60));
    const Encoder encoder(vocab.view(), nth_family(round), specials);
    const SpecialSet always{random.below(2) == 0, random.below(2) == 0, random.below(2) == 0,
                            random.below(2) == 0};
    const bool normal = random.below(3) != 0;
    const SteppedEncoder stepped(encoder, always, normal);
    std::string text;
    for (uint32_t i = random.below(6); i > 0; --i) {
      text += random_marks(random, random.below(6));
      if (random.below(2) == 0) text += specials.tokens()[random.below(4)].first;
    }
    try {
      const Ids wanted = by_hand(encoder, always, normal, text);
      IdSink ids;
      encode_text(stepped, text, nullptr, ids);
      CHECK(Ids(ids.data(), ids.data() + ids.size()) == wanted);
      CHECK_EQ(count_text(stepped, text, nullptr), wanted.size());
      const SpecialSet all(4, true);
      IdSink more;
      encode_text(stepped, text, &all, more);
      const Ids with_all = by_hand(encoder, all, normal, text);
      CHECK(Ids(more.data(), more.data() + more.size()) == with_all);
      CHECK_EQ(count_text(stepped, text, &all), with_all.size());
      check_limits(stepped, text, wanted);
      check_stream(stepped, text, wanted.size(), random);
      ++whole;
    } catch (const Error&) {
      continue;  // a byte without a token
    }
  }
  CHECK(whole > 100);
}

// Parts of a big text have the ids of the whole.
void test_parts() {
  Random random(74);
  const SpecialTokens specials({{"<a>", 5000}});
  for (size_t round = 0; round < 120; ++round) {
    std::string text = random_marks(random, 300);
    // Tokens across the borders that NFC moves.
    const std::string sample = nfc(text);
    const TestVocab vocab(random_tokens(random, "ae <=.", {.substrings = 600, .sample = sample}));
    const Encoder encoder(vocab.view(), nth_family(round), specials);
    const SteppedEncoder stepped(encoder, {round % 2 == 0}, true);
    if (round % 4 == 0) text += "<a>" + text;
    std::vector<size_t> ends;
    stepped.split(text, 8, ends);
    CHECK_EQ(ends.back(), text.size());
    CHECK(round % 4 != 0 || ends.size() == 1);
    IdSink whole, parts;
    encode_text(stepped, text, nullptr, whole);
    size_t start = 0;
    for (size_t end : ends) {
      encode_text(stepped, text.substr(start, end - start), nullptr, parts);
      start = end;
    }
    CHECK(Ids(whole.data(), whole.data() + whole.size()) ==
          Ids(parts.data(), parts.data() + parts.size()));
  }
}

}  // namespace
}  // namespace tokenkit::test

int main() {
  using namespace tokenkit::test;
  test_nfc();
  test_borders();
  test_roads();
  test_parts();
  return report("test_stepped");
}
