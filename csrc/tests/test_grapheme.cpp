// Grapheme clusters against hand-written cases, and against a slow twin that follows the rules of
// UAX #29 one by one.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <vector>

#include "tests/check.hpp"
#include "tests/text_helpers.hpp"
#include "text/grapheme.hpp"
#include "text/unicode.hpp"
#include "text/utf8.hpp"

namespace tokenkit::test {
namespace {

constexpr uint32_t kCodePoints = 0x110000;

using G = GraphemeClass;

// UAX #29 read aloud: is there a boundary before element i? Each rule looks as far as it says.
class NaiveGraphemes {
 public:
  explicit NaiveGraphemes(const CodePoints& text) {
    for (uint32_t cp : text) classes_.push_back(grapheme_class(cp));
  }

  bool boundary(size_t i) const {
    if (i == 0 || i == classes_.size()) return true;  // GB1, GB2
    const G before = classes_[i - 1];
    const G after = classes_[i];
    if (before == G::kCr && after == G::kLf) return false;       // GB3
    if (is(before, {G::kControl, G::kCr, G::kLf})) return true;  // GB4
    if (is(after, {G::kControl, G::kCr, G::kLf})) return true;   // GB5
    if (before == G::kHangulL &&                                 // GB6
        is(after, {G::kHangulL, G::kHangulV, G::kHangulLv, G::kHangulLvt})) {
      return false;
    }
    if (is(before, {G::kHangulLv, G::kHangulV}) && is(after, {G::kHangulV, G::kHangulT})) {
      return false;  // GB7
    }
    if (is(before, {G::kHangulLvt, G::kHangulT}) && after == G::kHangulT) return false;  // GB8
    if (extend(after) || after == G::kZwj) return false;                                 // GB9
    if (after == G::kSpacingMark) return false;                                          // GB9a
    if (before == G::kPrepend) return false;                                             // GB9b
    if (after == G::kConsonant && after_linker(i)) return false;                         // GB9c
    if (after == G::kPictographic && after_emoji_and_joiner(i)) return false;            // GB11
    if (after == G::kRegionalIndicator && flags_before(i) % 2 == 1) return false;  // GB12, GB13
    return true;                                                                   // GB999
  }

 private:
  static bool is(G c, std::initializer_list<G> set) {
    return std::find(set.begin(), set.end(), c) != set.end();
  }
  static bool extend(G c) { return is(c, {G::kExtend, G::kNonConjunctExtend, G::kLinker}); }

  bool after_linker(size_t i) const {
    size_t k = i;
    while (k > 0 && is(classes_[k - 1], {G::kExtend, G::kZwj})) --k;
    return k > 0 && is(classes_[k - 1], {G::kLinker, G::kOtherLinker});
  }

  bool after_emoji_and_joiner(size_t i) const {
    if (classes_[i - 1] != G::kZwj) return false;
    size_t k = i - 1;
    while (k > 0 && extend(classes_[k - 1])) --k;
    return k > 0 && classes_[k - 1] == G::kPictographic;
  }

  size_t flags_before(size_t i) const {
    size_t count = 0;
    while (count < i && classes_[i - 1 - count] == G::kRegionalIndicator) ++count;
    return count;
  }

  std::vector<G> classes_;
};

// Sends one text down every road: the walk, the single questions, and the remembering object
// asked upwards, downwards and at random.
void check_graphemes(const CodePoints& code_points, const std::vector<bool>& breaks) {
  const std::string text = to_utf8(code_points);
  std::vector<bool> expected(text.size() + 1, false);
  size_t pos = 0;
  for (size_t i = 0; i <= code_points.size(); ++i) {
    expected[pos] = breaks[i];
    if (i < code_points.size()) pos += to_utf8({code_points[i]}).size();
  }
  std::vector<bool> walked(text.size() + 1, false);
  walked[0] = true;
  for (size_t at = 0; at < text.size();) {
    at = next_grapheme(text, at);
    walked[at] = true;
  }
  CHECK(walked == expected);
  GraphemeBoundaries upwards(text);
  GraphemeBoundaries downwards(text);
  GraphemeBoundaries anyhow(text);
  Random random(static_cast<uint32_t>(text.size()));
  bool same = true;
  for (size_t at = 0; at <= text.size(); ++at) {
    same = same && is_grapheme_boundary(text, at) == expected[at];
    same = same && upwards.at(at) == expected[at];
    same = same && downwards.at(text.size() - at) == expected[text.size() - at];
    const size_t any = random.below(static_cast<uint32_t>(text.size()) + 1);
    same = same && anyhow.at(any) == expected[any];
  }
  for (size_t at = 0, last = 0; at <= text.size(); ++at) {
    if (expected[at]) last = at;
    if (!is_char_boundary(text, at)) continue;
    const size_t above = ceil_grapheme(text, at);
    same = same && floor_grapheme(text, at) == last && expected[above];
    same = same && (above == at ? expected[at] : floor_grapheme(text, above - 1) == last);
  }
  CHECK(same);
}

void check_against_naive(const CodePoints& code_points) {
  const NaiveGraphemes naive(code_points);
  std::vector<bool> breaks;
  for (size_t i = 0; i <= code_points.size(); ++i) breaks.push_back(naive.boundary(i));
  check_graphemes(code_points, breaks);
}

// Code points in hexadecimal, clusters set apart by "|".
void golden(const char* clusters) {
  CodePoints code_points;
  std::vector<bool> breaks;
  bool at_break = true;
  for (const char* p = clusters; *p != '\0';) {
    if (*p == ' ' || *p == '|') {
      at_break = at_break || *p == '|';
      ++p;
      continue;
    }
    char* end = nullptr;
    code_points.push_back(static_cast<uint32_t>(std::strtoul(p, &end, 16)));
    breaks.push_back(at_break);
    at_break = false;
    p = end;
  }
  breaks.push_back(true);
  check_graphemes(code_points, breaks);
}

void test_golden_graphemes() {
  golden("61 | 62");
  golden("D A | 61 | A | 308");      // CR LF; an extender cannot join a control
  golden("61 308 | 20 200D | 646");  // extenders
  golden("646 200D | 20");
  golden("67 308 | AC01 | BA85");  // Hangul syllables
  golden("1100 | 20 | 1100 1160 11A8 | AC00 11A8 | AC01 11A8 | 1100 1100 AC00");
  golden("AC01 | 1160 11A8 | AC00");   // an LVT syllable takes no vowel
  golden("1F1E6 1F1E7 | 1F1E8 | 62");  // flags in pairs
  golden("61 | 1F1E6 1F1E7 | 1F1E8 1F1E9 | 62");
  golden("1F1E6 1F1E7 200D | 1F1E8 | 62");  // a joiner ends the run
  golden("1F1E6 200D | 1F1E7 1F1E8 | 62");
  golden("61 200D | 61 308 | 61 903 | 61 | 600 62");  // spacing mark, prepended number sign
  golden("600 | A");
  golden("600 1F1E6 1F1E7 | 1F1E8");
  golden("1F476 1F3FF | 1F476");  // skin tone
  golden("61 1F3FF | 1F476 200D 1F6D1");
  golden("1F476 1F3FF 308 200D 1F476 1F3FF");
  golden("1F6D1 200D 1F6D1 | 61 200D | 1F6D1");
  golden("2702 200D 2702 | 61 200D | 2702");
  golden("1F468 200D 1F469 200D 1F467 200D 1F466 | 1F600");  // family
  golden("2764 FE0F 200D 1F525");                            // variation selector before the joiner
  golden("1F476 903 200D | 1F6D1");   // a spacing mark is not Extend: GB11 does not apply
  golden("1F476 200D 200D | 1F6D1");  // nor with two joiners
  golden("915 | 924");                // Indic conjuncts
  golden("915 94D 924");
  golden("915 94D 94D 924 | 915");
  golden("915 94D 200D 924");
  golden("915 93C 200D 94D 924");
  golden("915 93C 94D 200D 924 94D 92F");
  golden("915 94D | 61");
  golden("61 94D 924");      // since Unicode 18 nothing is asked of what stands before the linker
  golden("915 200D | 924");  // no linker
  golden("1791 17D2 179A | 179B 17D2 17A2");  // Khmer
  golden("1000 1039 1000 | 1000");            // Burmese
  golden("915 | 1CF5 915 | 1CF5 | 61");       // a linker that extends nothing
  golden("915 94D 200C | 924");               // U+200C forbids the conjunct
  golden("915 93E 94D 924");
  golden("915 94D 93E | 924");             // a vowel sign stands between
  golden("1F3F4 E0067 E0062 E007F | 61");  // tag sequence, in the high stretch of the table
  golden("E0001 | 61 E0100");
}

// One character for every class; the first is found, so that none can be forgotten.
CodePoints class_samples() {
  CodePoints samples(kGraphemeClassCount, 0);
  std::vector<bool> found(kGraphemeClassCount, false);
  for (uint32_t cp = 0; cp < kCodePoints; ++cp) {
    const auto c = static_cast<size_t>(grapheme_class(cp));
    if (!found[c] && (cp >= 0x80 || c != 0)) samples[c] = cp;
    found[c] = found[c] || samples[c] == cp;
  }
  CHECK(std::find(found.begin(), found.end(), false) == found.end());
  return samples;
}

void test_grapheme_counts() {
  std::array<long, kGraphemeClassCount> counts{};
  for (uint32_t cp = 0; cp < kCodePoints; ++cp) {
    ++counts[static_cast<size_t>(grapheme_class(cp))];
  }
  constexpr long kExpected[kGraphemeClassCount] = {
      1092228, 1, 1, 3893, 2253, 1, 20, 1, 26, 27, 381, 125, 100, 137, 399, 10773, 2830, 913, 3};
  for (size_t c = 0; c < kGraphemeClassCount; ++c) CHECK_EQ(counts[c], kExpected[c]);
  CHECK(grapheme_class(0x110000) == G::kOther);
  CHECK(grapheme_class(0xFFFFFFFF) == G::kOther);
}

void test_graphemes_on_short_texts() {
  const CodePoints samples = class_samples();
  for (uint32_t a : samples) {
    for (uint32_t b : samples) {
      check_against_naive({a, b});
      for (uint32_t c : samples) check_against_naive({a, b, c});
    }
  }
}

void test_graphemes_on_random_texts() {
  const CodePoints samples = class_samples();
  Random random(6);
  for (int round = 0; round < 6000; ++round) {
    // A few classes at a time: long runs of related characters are where the rules look back.
    CodePoints palette = {'a'};
    for (uint32_t left = 1 + random.below(4); left > 0; --left) {
      palette.push_back(samples[random.below(kGraphemeClassCount)]);
    }
    CodePoints text;
    for (uint32_t left = random.below(24); left > 0; --left) {
      text.push_back(palette[random.below(static_cast<uint32_t>(palette.size()))]);
    }
    check_against_naive(text);
  }
}

void test_grapheme_edges() {
  CHECK_EQ(next_grapheme("", 0), 0u);
  CHECK_EQ(next_grapheme("ab", 7), 2u);
  CHECK_EQ(next_grapheme("ab", 1), 2u);
  CHECK(is_grapheme_boundary("", 0));
  CHECK(!is_grapheme_boundary("", 1));
  CHECK(!is_grapheme_boundary("ab", 3));
  CHECK(!is_grapheme_boundary("\xC3\xA9", 1));
}

// A million characters of what makes the rules look back. Quadratic time would take minutes.
void test_hostile_texts() {
  const size_t size = 1000000;
  const std::string mark = "\xCC\x81";           // U+0301
  const std::string flag = "\xF0\x9F\x87\xA6";   // U+1F1E6
  const std::string linker = "\xE0\xA5\x8D";     // U+094D
  const std::string consonant = "\xE0\xA4\x95";  // U+0915
  const std::string emoji = "\xF0\x9F\x98\x80";  // U+1F600
  const std::string joiner = "\xE2\x80\x8D";     // U+200D
  const struct {
    std::string text;
    size_t clusters;
  } cases[] = {
      {"a" + repeat(mark, size), 1},
      {repeat(flag, size), size / 2},
      {repeat(flag + flag + mark, size / 3), size / 3},
      {consonant + repeat(linker + mark, size / 2) + consonant, 1},
      {"a" + repeat(linker + mark, size / 2) + consonant, 1},
      {"a" + repeat(mark, size) + consonant, 2},
      {repeat(consonant + linker, size / 2), 1},
      {emoji + repeat(mark, size) + joiner + emoji, 1},
      {"a" + repeat(mark, size) + joiner + emoji, 2},
      {repeat(emoji + joiner, size / 2), 1},
  };
  for (const auto& [text, clusters] : cases) {
    size_t walked = 0;
    for (size_t pos = 0; pos < text.size(); pos = next_grapheme(text, pos)) ++walked;
    CHECK_EQ(walked, clusters);
    GraphemeBoundaries upwards(text);
    GraphemeBoundaries downwards(text);
    size_t up = 0;
    size_t down = 0;
    for (size_t pos = 1; pos <= text.size(); ++pos) {
      up += upwards.at(pos);
      down += downwards.at(text.size() + 1 - pos);
    }
    CHECK_EQ(up, clusters);
    CHECK_EQ(down, clusters);
  }
}

}  // namespace
}  // namespace tokenkit::test

int main() {
  using namespace tokenkit::test;
  test_golden_graphemes();
  test_grapheme_counts();
  test_graphemes_on_short_texts();
  test_graphemes_on_random_texts();
  test_grapheme_edges();
  test_hostile_texts();
  return report("test_grapheme");
}
