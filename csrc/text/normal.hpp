// Canonical forms of Unicode 9.0, which are those of the package `tokenizers`.
//
// Characters that came later are left as they are and keep others apart. The data is that of
// release 0.23.3, asked about every code point (tools/gen_normal_tables.py). csrc/README.md
// ("Normalized texts") says why stretches between safe characters may be normalized by themselves.
// Functions are total, pure, and safe to call from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tokenkit {

// The longest decomposition, in characters.
inline constexpr size_t kMostParts = 4;

// Writes the full canonical decomposition of a character, which is it itself if it has none, and
// returns its length. The parts have none.
size_t decompose(uint32_t cp, uint32_t* parts);

// Canonical combining class of a character that does not decompose; 0 for most.
uint8_t combining_class(uint32_t cp);

// The character that two others are composed to, 0 if there is none.
uint32_t compose(uint32_t first, uint32_t second);

// Is a text, valid UTF-8, in NFC?
bool is_nfc(std::string_view text);

// A text, valid UTF-8, in NFC: the text itself, or `made`, which is overwritten.
std::string_view in_nfc(std::string_view text, std::string& made);

// Are the characters on both sides of an offset inside a text, and the one behind them, safe? Then
// NFC splits there, and keeps the two.
bool nfc_keeps(std::string_view text, size_t offset);

// The last offset at which NFC of what stands before it is certain, whatever follows, and the same
// as in the whole: the start of the last safe character. npos if there is none.
size_t nfc_settled(std::string_view text);

}  // namespace tokenkit
