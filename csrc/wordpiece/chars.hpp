// What BertNormalizer and BertPreTokenizer of the package `tokenizers` do to a character.
//
// The data is that of release 0.23.3, asked about every code point (tools/gen_bert_tables.py): it
// mixes versions of Unicode, so the classes of text/unicode.hpp would not do. Functions are total,
// pure, and safe to call from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "text/normal.hpp"
#include "text/utf8.hpp"

namespace tokenkit::bert {

// What a character, or the text that it becomes, is to the pre-tokenizer.
enum class Kind : uint8_t {
  kWord = 0,     // a part of a word
  kSpace = 1,    // between words
  kMark = 2,     // a word by itself: punctuation
  kNothing = 3,  // no text at all
  kBeyond = 4,   // said of a first byte beyond ASCII: the whole character says which
};

// The steps of the normalizer, in the order in which they are taken, and whether punctuation
// stands by itself. With all off a text is split at white space, and words stay as they are.
struct Options {
  bool clean_text = false;            // drop controls; white space is kept for the pre-tokenizer
  bool handle_chinese_chars = false;  // a Chinese character is a word by itself
  bool strip_accents = false;         // decompose (NFD), drop non-spacing marks
  bool lowercase = false;             // character by character
  bool split_punctuation = false;     // BertPreTokenizer; else WhitespaceSplit
};

// The byte of a character in the table: its Kind in two bits, that of its stripped form in the next
// two, then these.
inline constexpr uint8_t kControl = 1 << 4;     // clean_text drops it
inline constexpr uint8_t kChinese = 1 << 5;     // handle_chinese_chars puts spaces around it
inline constexpr uint8_t kDecomposes = 1 << 6;  // NFD changes it
inline constexpr uint8_t kLowers = 1 << 7;      // lower case is another

namespace detail {
inline constexpr unsigned kBlockBits = 7;
extern const uint8_t kIndex[0x110000 >> kBlockBits];
extern const uint8_t kBlocks[];
}  // namespace detail

inline uint8_t flags_of(uint32_t cp) {
  if (cp >= 0x110000) return 0;
  const uint32_t block = detail::kIndex[cp >> detail::kBlockBits];
  return detail::kBlocks[block << detail::kBlockBits | (cp & ((1u << detail::kBlockBits) - 1))];
}

// Are the marks of this character dropped when accents are stripped?
inline bool is_stripped(uint8_t flags) { return (flags >> 2 & 3) == 3; }

// Writes the lower case of a character, at most kMostParts characters, and returns its length.
size_t lower(uint32_t cp, uint32_t* parts);

// The kinds of characters of a raw text under some options: what stands between the words of the
// normalized text also stands between the words of the raw one (csrc/README.md, "WordPiece").
class Kinds {
 public:
  explicit Kinds(const Options& options);

  Kind of_byte(uint8_t byte) const { return by_byte_[byte]; }
  Kind of(uint32_t cp) const { return by_flags_[flags_of(cp)]; }

 private:
  std::array<Kind, 256> by_flags_;
  std::array<Kind, 256> by_byte_;
};

}  // namespace tokenkit::bert
