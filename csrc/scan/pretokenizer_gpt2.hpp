// The gpt2 family, one alternative after the other:
//   '(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s
#pragma once

#include "scan/scan_util.hpp"

namespace tokenkit {
namespace {

struct Gpt2Family {
  template <class Text>
  static size_t piece(const Text& t, size_t i) {
    if (t.s[i] == '\'') {
      if (size_t tail = contraction_tail(t, i, false)) return i + 1 + tail;
    }
    size_t start = i + (t.s[i] == ' ');
    typename Text::Char c = t.at(start);
    for (uint32_t set : {kAnyLetter, bit(kNumber), kSymbol}) {
      if (c.mask & set) return t.run(start + c.length, set);
    }
    return space_before_word(t, i, t.space_run(i));
  }
};

}  // namespace
}  // namespace tokenkit
