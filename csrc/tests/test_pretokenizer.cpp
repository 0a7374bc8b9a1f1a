// Scanners against the published patterns, matched literally with backtracking.
#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scan/families.hpp"
#include "scan/pretokenizer.hpp"
#include "tests/check.hpp"
#include "tests/generators.hpp"
#include "tests/reference.hpp"
#include "tests/text_helpers.hpp"

namespace tokenkit::test {
namespace {

// All ends, asked for in portions of `capacity`.
std::vector<size_t> scanned(Family family, std::string_view text, size_t capacity,
                            SimdLevel level = simd_level()) {
  std::vector<size_t> ends;
  std::vector<size_t> block(capacity);
  for (size_t pos = 0; size_t n = scanner(family, level)(text, pos, block.data(), capacity);) {
    ends.insert(ends.end(), block.begin(), block.begin() + static_cast<ptrdiff_t>(n));
    pos = block[n - 1];
    if (ends.size() > text.size()) break;  // a fault: pieces are never empty
  }
  return ends;
}

std::string hex(std::string_view text) {
  std::string out;
  for (unsigned char byte : text) {
    char digits[5];
    std::snprintf(digits, sizeof digits, "\\x%02X", byte);
    out += digits;
  }
  return out;
}

// The pieces and keys of a scanner with keys against those of the bytes, taken one by one.
bool keyed_is(KeyedScan scan, std::string_view text, const std::vector<size_t>& wanted) {
  const auto pieces = std::make_unique<KeyedPieces>();
  size_t at = 0, pos = 0;
  while (const size_t n = scan(text, pos, *pieces)) {
    for (size_t i = 0; i < n; ++i, ++at) {
      if (at == wanted.size() || pieces->ends[i] != wanted[at]) return false;
      const std::string_view piece = text.substr(pos, wanted[at] - pos);
      uint64_t lo = 0, hi = uint64_t{std::min<size_t>(piece.size(), 15)} << 40;
      for (size_t k = 0; k < piece.size() && k < 13; ++k) {
        (k < 8 ? lo : hi) |= uint64_t{static_cast<uint8_t>(piece[k])} << (8 * (k % 8));
      }
      const bool fits = piece.size() <= kFrontMax;
      if (fits ? pieces->lo[i] != lo || pieces->hi[i] != hi : pieces->hi[i] >> 40 < 14)
        return false;
      pos = wanted[at];
    }
  }
  return at == wanted.size();
}

// With `one_in` N, each family has its turn at one text in N.
void check_text(std::string_view text, size_t capacity = 128, size_t one_in = 1) {
  static size_t turn = 0;
  ++turn;
  for (Family family : Families::kAll) {
    if ((turn + static_cast<size_t>(family)) % one_in != 0) continue;
    const std::vector<size_t> wanted = reference_piece_ends(family, text);
    for (SimdLevel level : simd_levels()) {
      const KeyedScan keyed = keyed_scanner(family, level);
      if (keyed != nullptr) CHECK(keyed_is(keyed, text, wanted));
      if (CHECK(scanned(family, text, capacity, level) == wanted)) continue;
      std::fprintf(stderr, "  family %d, %s, text %s\n", int(family),
                   std::string(simd_name(level)).c_str(), hex(text.substr(0, 200)).c_str());
    }
  }
}

void check_pieces(Family family, std::string_view text, const std::vector<std::string>& wanted) {
  std::vector<std::string> pieces, by_reference;
  size_t start = 0;
  for (size_t end : scanned(family, text, 3)) {
    pieces.emplace_back(text.substr(start, end - start));
    start = end;
  }
  start = 0;
  for (size_t end : reference_piece_ends(family, text)) {
    by_reference.emplace_back(text.substr(start, end - start));
    start = end;
  }
  CHECK(pieces == wanted);
  CHECK(by_reference == wanted);
}

// Written by hand from the patterns, so that the twin is not its own witness.
void test_known_pieces() {
  const Family gpt2 = Family::kGpt2, cl100k = Family::kCl100k, o200k = Family::kO200k;
  check_pieces(gpt2, "I'll go  now", {"I", "'ll", " go", " ", " now"});
  check_pieces(gpt2, "I'LL 123456", {"I", "'", "LL", " 123456"});
  check_pieces(cl100k, "I'LL 123456", {"I", "'LL", " ", "123", "456"});
  check_pieces(o200k, "I'LL 123456", {"I'LL", " ", "123", "456"});
  check_pieces(gpt2, "I'\xC5\xBF", {"I", "'", "\xC5\xBF"});
  check_pieces(cl100k, "I'\xC5\xBF", {"I", "'\xC5\xBF"});
  check_pieces(o200k, "I'\xC5\xBF", {"I'\xC5\xBF"});
  check_pieces(gpt2, "a \n\n b", {"a", " \n\n", " b"});
  check_pieces(cl100k, "a \n\n  b", {"a", " \n\n", " ", " b"});
  check_pieces(cl100k, "a\t\n\t", {"a", "\t\n\t"});     // \s++$ comes first
  check_pieces(o200k, "a\t\n\t", {"a", "\t\n", "\t"});  // there is no \s++$
  check_pieces(cl100k, "a \n", {"a", " \n"});
  check_pieces(o200k, "x/*\n/ \n", {"x", "/*\n/", " \n"});
  check_pieces(cl100k, "x/*\n/ \n", {"x", "/*\n", "/", " \n"});
  check_pieces(o200k, "getHTTPServer", {"get", "HTTPServer"});
  check_pieces(o200k,
               "\xE4\xB8\xAD"
               "AB",
               {"\xE4\xB8\xAD", "AB"});
  check_pieces(o200k,
               "\xE4\xB8\xAD"
               "ABc",
               {"\xE4\xB8\xAD"
                "ABc"});
  check_pieces(o200k,
               "\xCC\x81"
               "AB",
               {"\xCC\x81", "AB"});
  check_pieces(cl100k,
               "\xCC\x81"
               "AB",
               {"\xCC\x81"
                "AB"});
  check_pieces(o200k, "\xC2\xA0word \xC2\xA0 x", {"\xC2\xA0word", " \xC2\xA0", " x"});
  check_pieces(Family::kCl100k3, "a\t\n\t 1234", {"a", "\t\n", "\t", " ", "123", "4"});
  check_pieces(Family::kCl100k1, "I'LL 12\n", {"I", "'LL", " ", "1", "2", "\n"});
  check_pieces(Family::kMarks, "!\xCC\x81x\xCC\x81 1", {"!\xCC\x81x\xCC\x81", " ", "1"});
  check_pieces(Family::kTekken, "aB'll 12!/\n", {"a", "B", "'ll", " ", "1", "2", "!/\n"});
  check_pieces(Family::kGpt21, "a  12 b  3", {"a", "  ", "1", "2", " b", "  ", "3"});
  check_pieces(Family::kGpt2Runs, "a  12 b  3", {"a", "  ", "12", " b", "  ", "3"});
  check_pieces(Family::kKimi, "x\xE4\xB8\xAD\xE3\x80\x87'll 1234!/",
               {"x", "\xE4\xB8\xAD\xE3\x80\x87", "'ll", " ", "123", "4", "!/"});
  check_pieces(Family::kDeepSeek, "a.bc\xC3\xA9  \xE4\xB8\xAD\xE3\x81\x82  1234",
               {"a", ".bc", "\xC3\xA9", "  ", "\xE4\xB8\xAD\xE3\x81\x82", "  ", "123", "4"});
  check_pieces(Family::kDeepSeek, "\xE3\x81\x82\xE3\x83\xBB\n\xE4\xB8\xAD!",
               {"\xE3\x81\x82", "\xE3\x83\xBB", "\n", "\xE4\xB8\xAD", "!"});
  check_pieces(Family::kDeepSeek, "\x01\x02\x03z\x01!", {"\x01\x02", "\x03z", "\x01", "!"});
  check_pieces(Family::kSpaces, "a  b > c\n d", {"a", "  b", " > c\n", " d"});
  check_pieces(Family::kWhole, "a b\n1", {"a b\n1"});
  for (Family family : Families::kAll) check_pieces(family, "", {});
  CHECK(scanner(Family::kCustom) == nullptr);
  size_t none = 0;
  CHECK_EQ(scanner(gpt2)("text", 0, &none, 0), 0u);
  CHECK_EQ(scanner(gpt2)("text", 4, &none, 1), 0u);
}

// All texts of up to `most` atoms; of the longest, which are by far the most, a third for a family.
// Alone they are too short for scanners that work in blocks, so they are the last of a block, too.
void every_text(const std::vector<std::string>& atoms, size_t most, const std::string& text) {
  check_text(text, 128, most == 0 ? 3 : 1);
  check_text("(of a block) " + text, 128, 3);
  if (most == 0) return;
  for (const std::string& atom : atoms) every_text(atoms, most - 1, text + atom);
}

void test_every_short_text() {
  every_text({"a", "A", "\xE4\xB8\xAD", "\xCC\x81", "1", " ", "\n", "!", "'", "/"}, 4, "");
  every_text({"\xCC\x81", "A", "b", "'", "s", "\xC5\xBF"}, 5, "");
  every_text({" ", "\t", "\n", "\r", "x"}, 5, "");
  every_text({" ", ".", "b", "\xC3\xA9", "\x01", "\xE3\x83\xBB", "\xE2\xBA\x80", "2", "\n"}, 4, "");
  every_text({"\xE3\x81\x82", "\xE3\x81\x80", "\xE3\x82\x99", "\xE3\x83\xBB", "\xE4\xB8\xAD", "a",
              "\xC3\xA9", "\n", ".", "\x01"},
             4, "");
}

void test_every_code_point() {
  Random random(11);
  std::string many;                             // of them, for the scanners that work in blocks
  const std::string behind = repeat("x ", 40);  // so that a whole block follows each of them
  for (uint32_t cp = 0; cp < 0x110000; ++cp) {
    if (cp >= 0xD800 && cp < 0xE000) continue;
    // Beyond the assigned planes one in many will do.
    if (cp >= 0x32000 && (cp < 0xE0000 || cp >= 0xE1000) && random.below(200) != 0) continue;
    std::string text = "A";
    append_utf8(cp, &text);
    append_utf8(cp, &text);
    check_text(text += "b'", 128, 3);  // below, each family meets it among others
    many += text + "y";
    append_utf8(cp, &many);
    many += "z ";
    if (many.size() > 400) {
      check_text(many + behind, 1000);
      many.clear();
    }
  }
  check_text(many + behind, 1000);
}

void test_random_texts() {
  Random random(12);
  for (int round = 0; round < 15000; ++round) {
    const uint32_t atoms = random.below(round % 20 == 0 ? 400 : 14);
    check_text(random_text(random, atoms), 1 + random.below(150), 4);
  }
}

// Texts in one script, where blocks are full of characters that are classified together, and of
// those beside them that are not.
void test_scripts() {
  constexpr std::pair<uint32_t, uint32_t> kRanges[] = {
      {0xC0, 0x17F},    {0x370, 0x3FF},   {0x400, 0x52F},   {0x590, 0x6FF},   {0x900, 0x97F},
      {0xE00, 0xE7F},   {0x2000, 0x206F}, {0x3000, 0x3120}, {0x4D80, 0x4E80}, {0x9F80, 0xA020},
      {0xAB80, 0xAC80}, {0xD700, 0xD7FF}, {0xFF00, 0xFFEF}};
  Random random(13);
  for (const auto& [first, last] : kRanges) {
    for (int round = 0; round < 300; ++round) {
      const uint32_t others = 2 + random.below(12);  // one character in so many is another one
      std::string text;
      for (uint32_t left = 20 + random.below(200); left > 0; --left) {
        if (random.below(others) == 0) {
          text += random_text(random, 1);
        } else {
          append_utf8(first + random.below(last - first + 1), &text);
        }
      }
      check_text(text, 1 + random.below(150), 3);
    }
  }
}

// Runs that pass any block or vector of a scanner, with something before and behind.
void test_runs() {
  for (const char* unit :
       {"a", "A", " ", "\n", "\t", "1", "!", "/", "\r\n", " \n", "\xE4\xB8\xAD", "\xC3\xA9",
        "\xD0\x96", "\xCC\x81", "\xC2\xA0", "\xF0\x9F\x98\x80", "'s", "A\xE4\xB8\xAD"}) {
    for (size_t times : {15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 300, 1000}) {
      for (const char* behind : {"", "x", "X", "\n", "!", "'s", " "}) {
        check_text(repeat(unit, times) + behind, 128, 4);
        check_text(" " + repeat(unit, times) + behind, 128, 4);
      }
    }
  }
}

}  // namespace
}  // namespace tokenkit::test

int main() {
  using namespace tokenkit::test;
  test_known_pieces();
  test_every_short_text();
  test_every_code_point();
  test_random_texts();
  test_scripts();
  test_runs();
  return report("test_pretokenizer");
}
