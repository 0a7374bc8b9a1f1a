// Pretokenizers: they split text into pieces, exactly as the published regular expressions do.
//
// A piece is a match of the family's pattern; matches follow each other without gaps, so pieces
// partition the text. Merges never cross a piece border. Each family quotes its pattern at the top
// of its own header. Functions without state: any thread may call them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/simd.hpp"
#include "scan/family.hpp"
#include "scan/keyed_pieces.hpp"

namespace tokenkit {

// Writes the end offsets of the pieces that follow `pos`, at most `capacity` of them, and returns
// how many were written. `text` is valid UTF-8 and `pos` a piece start in it; the last end written
// is the next piece start. Returns 0 only at the end of the text or when capacity is 0.
using ScanFunction = size_t (*)(std::string_view text, size_t pos, size_t* ends, size_t capacity);

// The scanner of a family for an instruction set that runs here; nullptr for kCustom.
ScanFunction scanner(Family family, SimdLevel level);

// The scanner of a family for the level in use.
inline ScanFunction scanner(Family family) { return scanner(family, simd_level()); }

// The scanner with keys of a family for a level; nullptr where there is none.
KeyedScan keyed_scanner(Family family, SimdLevel level);

// Those of the levels above scalar, each in a source file of its own.
ScanFunction scanner_avx2(Family family);
ScanFunction scanner_avx512(Family family);
ScanFunction scanner_neon(Family family);
ScanFunction scanner_wasm(Family family);
KeyedScan keyed_scanner_avx512(Family family);

}  // namespace tokenkit
