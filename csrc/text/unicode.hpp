// Character classes of Unicode 16.0.0 and grapheme properties of Unicode 18.0.0.
//
// The versions are pinned on purpose. Token counts rest on the classes: they must not change when a
// compiler, a C library or a Python release moves on to newer data. No count rests on the grapheme
// properties, so they may be newer. The tables are generated (tools/gen_unicode_tables.py).
//
// All functions here are total (any uint32_t is allowed; surrogates, unassigned code points and
// values above U+10FFFF belong to the default class), pure and safe to call from any thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tokenkit {

// What a pretokenizer pattern can ask of a character. Every code point has exactly one class.
enum CharClass : uint8_t {
  kOther = 0,    // punctuation, symbols, controls, unassigned
  kUpper = 1,    // Lu, Lt
  kLower = 2,    // Ll
  kLetter = 3,   // Lm, Lo: letters without case
  kMark = 4,     // Mn, Mc, Me
  kNumber = 5,   // Nd, Nl, No
  kSpace = 6,    // White_Space except CR and LF
  kNewline = 7,  // CR, LF
};

// The distinct behaviours in the rules of UAX #29: Grapheme_Cluster_Break, refined by
// Indic_Conjunct_Break (rule GB9c) and Extended_Pictographic (rule GB11).
enum class GraphemeClass : uint8_t {
  kOther = 0,
  kCr,
  kLf,
  kControl,
  kExtend,             // joins the cluster before it; InCB=Extend
  kNonConjunctExtend,  // the same with InCB=None (only U+200C): ends a conjunct sequence
  kLinker,             // GCB=Extend, InCB=Linker: a virama that forms conjuncts
  kZwj,                // U+200D; InCB=Extend
  kRegionalIndicator,
  kPrepend,
  kSpacingMark,
  kHangulL,
  kHangulV,
  kHangulT,
  kHangulLv,
  kHangulLvt,
  kPictographic,  // Extended_Pictographic=Yes
  kConsonant,     // InCB=Consonant
  kOtherLinker,   // GCB=Other, InCB=Linker: joins a consonant behind it, but nothing before it
};
inline constexpr size_t kGraphemeClassCount = 19;

// The bits of a character's traits beside its class.
inline constexpr uint8_t kSign = 8;  // punctuation or a symbol, P or S
inline constexpr uint8_t kHan = 16;  // Script=Han

// kAsciiTraits[c] == char_traits(c), in two cache lines for scanners that stay in ASCII.
alignas(64) extern const uint8_t kAsciiTraits[128];

namespace detail {

// Two-stage tables: index[cp >> bits] names a block of 2**bits classes. They cover the code points
// below kLowEnd and, as if they followed directly, the kHighSize code points from kHighStart (tags,
// variation selectors). Everything elsewhere has class 0; the generator proves it.
inline constexpr uint32_t kLowEnd = 0x40000;
inline constexpr uint32_t kHighStart = 0xE0000;
inline constexpr uint32_t kHighSize = 0x1000;
inline constexpr unsigned kClassBits = 7;
inline constexpr unsigned kGraphemeBits = 6;

extern const uint8_t kClassIndex[(kLowEnd + kHighSize) >> kClassBits];
extern const uint8_t kClassBlocks[];
extern const uint8_t kGraphemeIndex[(kLowEnd + kHighSize) >> kGraphemeBits];
extern const uint8_t kGraphemeBlocks[];

template <unsigned Bits>
inline uint8_t look_up(const uint8_t* index, const uint8_t* blocks, uint32_t cp) {
  if (cp >= kLowEnd) [[unlikely]] {
    if (cp - kHighStart >= kHighSize)
      return 0;  // wraps below kHighStart, which is out of range too
    cp = cp - kHighStart + kLowEnd;
  }
  return blocks[(static_cast<uint32_t>(index[cp >> Bits]) << Bits) | (cp & ((1u << Bits) - 1))];
}

}  // namespace detail

// The class in the lowest three bits, and the other bits.
inline uint8_t char_traits(uint32_t cp) {
  return detail::look_up<detail::kClassBits>(detail::kClassIndex, detail::kClassBlocks, cp);
}

inline CharClass char_class(uint32_t cp) { return static_cast<CharClass>(char_traits(cp) & 7); }

inline GraphemeClass grapheme_class(uint32_t cp) {
  return static_cast<GraphemeClass>(
      detail::look_up<detail::kGraphemeBits>(detail::kGraphemeIndex, detail::kGraphemeBlocks, cp));
}

// \p{L}
inline bool is_letter(CharClass c) { return c >= kUpper && c <= kLetter; }

// \s
inline bool is_space(CharClass c) { return c >= kSpace; }

}  // namespace tokenkit
