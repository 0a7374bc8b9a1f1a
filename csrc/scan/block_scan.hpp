// Scanning text in blocks of 64 bytes (block_starts.hpp), one after the other.
//
// For the kernel files only. Functions without state: any thread may call them.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "scan/block_starts.hpp"
#include "scan/families.hpp"
#include "scan/keyed_pieces.hpp"
#include "scan/pretokenizer.hpp"
#include "scan/scan_util.hpp"

namespace tokenkit {
namespace {  // one copy per source file: they are compiled for different processors

// Writes pos + i for each bit i. Up to 64 items of `out` are overwritten.
inline void write_places(uint64_t bits, size_t pos, size_t* out) {
  const int n = std::popcount(bits);
  for (int k = 0; k < n; k += 4) {  // four at a time: one branch for most blocks
    for (int j = 0; j < 4; ++j) {
      out[k + j] = pos + static_cast<size_t>(std::countr_zero(bits));
      bits &= bits - 1;
    }
  }
}

// What is left of a text is scanned without blocks from here on.
constexpr size_t kShortTail = 12;

// Copies fewer than 64 bytes, with zeros behind them.
inline void copy_padded(const uint8_t* p, size_t n, uint8_t* out) {
  std::memset(out, 0, 64);
  std::memcpy(out, p, n);
}

// What a scan writes of the pieces: where they end, ...
struct EndsOut {
  size_t* ends;

  template <class Simd>
  void block(uint64_t starts, size_t pos, const uint8_t*, size_t count) const {
    Simd::write(starts, pos, ends + count);
  }
  void piece(std::string_view, size_t, size_t end, size_t count) const { ends[count] = end; }
};

// ... and their keys as well.
struct KeyedOut {
  KeyedPieces& pieces;

  template <class Simd>
  void block(uint64_t starts, size_t pos, const uint8_t* bytes, size_t count) const {
    Simd::write(starts, pos, pieces.ends + count);
    Simd::write_keys(starts, bytes, pieces.lo + count, pieces.hi + count);
  }
  void piece(std::string_view text, size_t start, size_t end, size_t count) const {
    const FrontKey key = front_key(text, start, end);
    pieces.lo[count] = key.lo;
    pieces.hi[count] = key.hi;
    pieces.ends[count] = end;
  }
};

// Scans with blocks where it can and with the family's scalar rule where it must. `Simd` has
//   pad(p, n, out): what copy_padded() does;
//   masks(p): the masks of the 64 bytes from p;
//   load_block(p): those bytes, and range(block, first, last) and equal(block, byte) for them;
//   write(bits, pos, out): what write_places does;
//   write_keys(bits, p, lo, hi), for KeyedOut: the front keys of the pieces that end there, the
//   first of which starts at p. Up to 64 items of both are overwritten.
template <class Family, class Simd, class Out>
[[gnu::always_inline]] inline size_t scan_into(const Out& out, std::string_view text, size_t pos,
                                               size_t capacity) {
  const Scan<> t(text);
  size_t count = 0;
  while (count < capacity && pos < t.n) {
    const size_t left = t.n - pos;
    if (left >= kShortTail && capacity >= 64) {
      if (capacity - count < 64) break;  // the caller asks again, with room for a whole block
      uint8_t padded[64];
      const uint8_t* block = t.s + pos;
      if (left < 64) {
        Simd::pad(block, left, padded);
        block = padded;
      }
      const BlockMasks m = Simd::masks(block);
      const auto size = static_cast<unsigned>(std::min<size_t>(left, 64));
      auto [starts, certain] = block_starts<typename Family::Rules, Simd>(t, pos, block, size, m);
      unsigned last = 0;
      if (left < 64 && certain == size) {  // the text ends in this block, and with it a piece
        last = size;
        starts |= uint64_t{1} << size;
      } else if (starts != 0) {
        // A blank behind a visible character always starts a piece. The last of these is known
        // long before the other starts, so the processor can begin with the block from there on
        // while it still works on this one.
        const uint64_t sure = m.blank & (m.visible << 1);
        last = 63 - static_cast<unsigned>(std::countl_zero(sure | 1));
        if ((starts >> last & 1) != 0) {
          starts &= below(last + 1);
        } else {
          last = 63 - static_cast<unsigned>(std::countl_zero(starts));
        }
      }
      if (last != 0) {
        out.template block<Simd>(starts, pos, block, count);
        count += static_cast<size_t>(std::popcount(starts));
        pos += last;
        continue;
      }
    }
    const size_t end = Family::piece(t, pos);
    out.piece(text, pos, end, count++);
    pos = end;
  }
  return count;
}

template <class Family, class Simd>
size_t scan_blocks(std::string_view text, size_t pos, size_t* ends, size_t capacity) {
  return scan_into<Family, Simd>(EndsOut{ends}, text, pos, capacity);
}
template <class Family, class Simd>
size_t scan_keyed(std::string_view text, size_t pos, KeyedPieces& out) {
  return scan_into<Family, Simd>(KeyedOut{out}, text, pos, KeyedPieces::kMost);
}

// The block scanner of a family, the scalar one if that has no Rules; nullptr for kCustom.
template <class Simd>
ScanFunction block_scanner(Family family) {
  return visit(family, [](auto f) -> ScanFunction {
    if constexpr (requires { typename decltype(f)::Rules; }) {
      return scan_blocks<decltype(f), Simd>;
    } else {
      return scan_with<decltype(f)>;
    }
  });
}

// The same with keys; nullptr if the family has no Rules.
template <class Simd>
KeyedScan keyed_block_scanner(Family family) {
  return visit(family, [](auto f) -> KeyedScan {
    if constexpr (requires { typename decltype(f)::Rules; }) {
      return scan_keyed<decltype(f), Simd>;
    } else {
      return nullptr;
    }
  });
}

}  // namespace
}  // namespace tokenkit
