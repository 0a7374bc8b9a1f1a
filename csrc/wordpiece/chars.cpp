#include "wordpiece/chars.hpp"

#include <algorithm>
#include <iterator>

namespace tokenkit::bert {
namespace detail {

#include "wordpiece/bert_tables.inc"

}  // namespace detail

namespace {

using namespace detail;

// Hangul syllables are decomposed by arithmetic: The Unicode Standard, section 3.12.
constexpr uint32_t kSyllables = 0xAC00;
constexpr uint32_t kSyllableCount = 11172;
constexpr uint32_t kLeading = 0x1100, kVowel = 0x1161, kTrailing = 0x11A7;
constexpr uint32_t kVowels = 21, kTrailings = 28;

size_t decompose_syllable(uint32_t index, uint32_t* parts) {
  parts[0] = kLeading + index / (kVowels * kTrailings);
  parts[1] = kVowel + index / kTrailings % kVowels;
  const uint32_t trailing = index % kTrailings;
  if (trailing == 0) return 2;
  parts[2] = kTrailing + trailing;
  return 3;
}

// A mapping of some characters to a few others: those of from[i] are to[start[i]..start[i + 1]).
template <size_t N>
size_t map(const uint32_t (&from)[N], const uint16_t (&start)[N + 1], const uint32_t* to,
           uint32_t cp, uint32_t* parts) {
  const auto* at = std::lower_bound(std::begin(from), std::end(from), cp);
  if (at == std::end(from) || *at != cp) {
    parts[0] = cp;
    return 1;
  }
  const size_t i = static_cast<size_t>(at - from);
  std::copy(to + start[i], to + start[i + 1], parts);
  return static_cast<size_t>(start[i + 1] - start[i]);
}

// Is the character a word by itself, between words, or dropped?
Kind raw_kind(uint8_t flags, const Options& options) {
  if (options.clean_text && (flags & kControl) != 0) return Kind::kNothing;
  const auto kind = static_cast<Kind>(options.strip_accents ? flags >> 2 & 3 : flags & 3);
  if (options.handle_chinese_chars && (flags & kChinese) != 0) return Kind::kMark;
  return kind == Kind::kMark && !options.split_punctuation ? Kind::kWord : kind;
}

}  // namespace

size_t decompose(uint32_t cp, uint32_t* parts) {
  if (cp - kSyllables < kSyllableCount) return decompose_syllable(cp - kSyllables, parts);
  return map(kDecomposedFrom, kDecomposedStart, kDecomposedTo, cp, parts);
}

size_t lower(uint32_t cp, uint32_t* parts) {
  return map(kLoweredFrom, kLoweredStart, kLoweredTo, cp, parts);
}

uint8_t combining_class(uint32_t cp) {
  const auto* run = std::lower_bound(std::begin(kCombiningLast), std::end(kCombiningLast), cp);
  if (run == std::end(kCombiningLast)) return 0;
  const size_t i = static_cast<size_t>(run - kCombiningLast);
  return cp >= kCombiningFirst[i] ? kCombiningClass[i] : 0;
}

Kinds::Kinds(const Options& options) {
  for (size_t flags = 0; flags < by_flags_.size(); ++flags) {
    by_flags_[flags] = raw_kind(static_cast<uint8_t>(flags), options);
  }
  by_byte_.fill(Kind::kBeyond);
  for (uint32_t byte = 0; byte < 0x80; ++byte) by_byte_[byte] = of(byte);
}

}  // namespace tokenkit::bert
