// Characters beyond ASCII for which a block of 64 bytes is searched at once, by their bytes in
// UTF-8: those that most texts are made of. Others are looked up one by one (block_starts.hpp).
//
// For the kernel files only. Functions without state: any thread may call them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>

#include "text/unicode.hpp"

namespace tokenkit {
namespace {  // one copy per source file: they are compiled for different processors

struct ByteRange {
  uint8_t first, last;
  bool operator==(const ByteRange&) const = default;
};
constexpr ByteRange kAnyByte{0x80, 0xBF};  // that follows a first byte

// Characters of one class: all whose bytes are in these ranges.
struct WideRule {
  ByteRange bytes[3];
  CharClass char_class;
};

// Of three bytes, by what their first bytes have in common.
constexpr WideRule kHanAndHangul[] = {
    {{{0xE4, 0xE4}, {0x80, 0xB6}, kAnyByte}, kLetter},  // Han, U+4000 to U+4DBF
    {{{0xE4, 0xE4}, {0xB8, 0xBF}, kAnyByte}, kLetter},  // to U+4FFF
    {{{0xE5, 0xE9}, kAnyByte, kAnyByte}, kLetter},      // to U+9FFF
    {{{0xEA, 0xEA}, {0xB0, 0xBF}, kAnyByte}, kLetter},  // Hangul syllables from U+AC00 on
    {{{0xEB, 0xEC}, kAnyByte, kAnyByte}, kLetter},
    {{{0xED, 0xED}, {0x80, 0x9D}, kAnyByte}, kLetter},  // to U+D77F
};
constexpr WideRule kKana[] = {
    {{{0xE3, 0xE3}, {0x81, 0x81}, {0x81, 0xBF}}, kLetter},  // Hiragana
    {{{0xE3, 0xE3}, {0x82, 0x82}, {0x80, 0x96}}, kLetter},  // to U+3096
    {{{0xE3, 0xE3}, {0x82, 0x82}, {0xA1, 0xBF}}, kLetter},  // Katakana from U+30A1 on
    {{{0xE3, 0xE3}, {0x83, 0x83}, {0x80, 0xBA}}, kLetter},  // to U+30FA
    {{{0xE3, 0xE3}, {0x83, 0x83}, {0xBC, 0xBF}}, kLetter},  // from U+30FC, the long vowel, on
    {{{0xE3, 0xE3}, {0x80, 0x80}, {0x81, 0x83}}, kOther},   // comma and full stop
    {{{0xE3, 0xE3}, {0x80, 0x80}, {0x88, 0x91}}, kOther},   // brackets
};
constexpr WideRule kDevanagariAndThai[] = {
    {{{0xE0, 0xE0}, {0xA4, 0xA4}, {0x80, 0x83}}, kMark},  // Devanagari
    {{{0xE0, 0xE0}, {0xA4, 0xA4}, {0x84, 0xB9}}, kLetter},
    {{{0xE0, 0xE0}, {0xA4, 0xA4}, {0xBA, 0xBC}}, kMark},
    {{{0xE0, 0xE0}, {0xA4, 0xA4}, {0xBE, 0xBF}}, kMark},
    {{{0xE0, 0xE0}, {0xA5, 0xA5}, {0x80, 0x8F}}, kMark},    // to U+094F
    {{{0xE0, 0xE0}, {0xA5, 0xA5}, {0xA4, 0xA5}}, kOther},   // its full stops
    {{{0xE0, 0xE0}, {0xB8, 0xB8}, {0x81, 0xB0}}, kLetter},  // Thai
    {{{0xE0, 0xE0}, {0xB8, 0xB8}, {0xB2, 0xB3}}, kLetter},
    {{{0xE0, 0xE0}, {0xB8, 0xB8}, {0xB4, 0xBA}}, kMark},
    {{{0xE0, 0xE0}, {0xB9, 0xB9}, {0x80, 0x86}}, kLetter},
    {{{0xE0, 0xE0}, {0xB9, 0xB9}, {0x87, 0x8E}}, kMark},
};
constexpr WideRule kFullWidth[] = {
    {{{0xEF, 0xEF}, {0xBC, 0xBC}, {0x81, 0x8F}}, kOther},  // ASCII's symbols before its digits
    {{{0xEF, 0xEF}, {0xBC, 0xBC}, {0x9A, 0xA0}}, kOther},  // and behind them
};
constexpr WideRule kDashesAndQuotes[] = {{{{0xE2, 0xE2}, {0x80, 0x80}, {0x90, 0xA7}}, kOther}};

// Of two bytes.
constexpr WideRule kLatin[] = {
    {{{0xC3, 0xC3}, {0x80, 0x96}, kAnyByte}, kUpper},  // up to the multiplication sign
    {{{0xC3, 0xC3}, {0x98, 0x9E}, kAnyByte}, kUpper},
    {{{0xC3, 0xC3}, {0x9F, 0xB6}, kAnyByte}, kLower},  // up to the division sign
    {{{0xC3, 0xC3}, {0xB8, 0xBF}, kAnyByte}, kLower},
};
constexpr WideRule kGreek[] = {
    {{{0xCE, 0xCE}, {0x91, 0xA1}, kAnyByte}, kUpper},
    {{{0xCE, 0xCE}, {0xA3, 0xAB}, kAnyByte}, kUpper},
    {{{0xCE, 0xCE}, {0xAC, 0xBF}, kAnyByte}, kLower},
    {{{0xCF, 0xCF}, {0x80, 0x8E}, kAnyByte}, kLower},
};
constexpr WideRule kCyrillic[] = {
    {{{0xD0, 0xD0}, {0x80, 0xAF}, kAnyByte}, kUpper},
    {{{0xD0, 0xD0}, {0xB0, 0xBF}, kAnyByte}, kLower},
    {{{0xD1, 0xD1}, {0x80, 0x9F}, kAnyByte}, kLower},
};
constexpr WideRule kHebrewAndArabic[] = {
    {{{0xD7, 0xD7}, {0x90, 0xAA}, kAnyByte}, kLetter},
    {{{0xD8, 0xD8}, {0xA0, 0xBF}, kAnyByte}, kLetter},
    {{{0xD9, 0xD9}, {0x80, 0x8A}, kAnyByte}, kLetter},
    {{{0xDA, 0xDA}, kAnyByte, kAnyByte}, kLetter},
};

// The bytes of a block that have one in this range `behind` them; all where any byte will do.
template <class Simd, uint8_t kFirst, uint8_t kLast, class Block>
[[gnu::always_inline]] inline uint64_t bytes_in(const Block& block, unsigned behind = 0) {
  if constexpr (ByteRange{kFirst, kLast} == kAnyByte) return ~uint64_t{0};
  if constexpr (kFirst == kLast) return Simd::equal(block, static_cast<char>(kFirst)) >> behind;
  return Simd::range(block, static_cast<char>(kFirst), static_cast<char>(kLast)) >> behind;
}

// Adds the bytes of the characters of rule k to those of their class; returns their first bytes.
template <class Simd, const auto& kRules, size_t kLength, size_t k, class Block>
[[gnu::always_inline]] inline uint64_t add_rule(const Block& block, uint64_t* by_class) {
  constexpr const WideRule& rule = kRules[k];
  // Where bytes that need not be looked at lie behind the block, the class is known all the same.
  const uint64_t first = bytes_in<Simd, rule.bytes[0].first, rule.bytes[0].last>(block) &
                         bytes_in<Simd, rule.bytes[1].first, rule.bytes[1].last>(block, 1) &
                         bytes_in<Simd, rule.bytes[2].first, rule.bytes[2].last>(block, 2);
  by_class[rule.char_class] |= first | first << 1 | (kLength == 3 ? first << 2 : 0);
  return first;
}

// The same for all rules, if the block has a byte that one of their characters begins with.
template <class Simd, const auto& kRules, size_t kLength, class Block>
[[gnu::always_inline]] inline uint64_t add_rules(const Block& block, uint64_t* by_class) {
  constexpr size_t kLast = std::size(kRules) - 1;
  constexpr uint8_t kFrom = kRules[0].bytes[0].first, kTo = kRules[kLast].bytes[0].last;
  if (bytes_in<Simd, kFrom, kTo>(block) == 0) return 0;
  return [&]<size_t... k>(std::index_sequence<k...>) {
    return (add_rule<Simd, kRules, kLength, k>(block, by_class) | ...);
  }(std::make_index_sequence<kLast + 1>{});
}

// Adds the bytes of all these characters to those of their classes; returns their first bytes.
// Not inlined: all families share it.
template <class Simd>
[[gnu::noinline]] uint64_t add_wide_chars(const uint8_t* p, uint64_t* by_class) {
  const auto block = Simd::load_block(p);
  uint64_t first = 0;
  if (Simd::range(block, '\xE0', '\xEF') != 0) {
    first |= add_rules<Simd, kHanAndHangul, 3>(block, by_class);
    first |= add_rules<Simd, kKana, 3>(block, by_class);
    first |= add_rules<Simd, kDevanagariAndThai, 3>(block, by_class);
    first |= add_rules<Simd, kFullWidth, 3>(block, by_class);
    first |= add_rules<Simd, kDashesAndQuotes, 3>(block, by_class);
  }
  if (Simd::range(block, '\xC3', '\xDA') != 0) {
    first |= add_rules<Simd, kLatin, 2>(block, by_class);
    first |= add_rules<Simd, kGreek, 2>(block, by_class);
    first |= add_rules<Simd, kCyrillic, 2>(block, by_class);
    first |= add_rules<Simd, kHebrewAndArabic, 2>(block, by_class);
  }
  return first;
}

}  // namespace
}  // namespace tokenkit
