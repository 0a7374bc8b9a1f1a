// The list of pattern families, and the one place that turns a number into a family.
//
// A new family is one header like family_o200k.hpp and its name in the list below (and a number in
// family.hpp). Its header holds a struct with
//   kFamily       its number;
//   kLookAhead    to find the end of a piece, `piece` looks at no more than this many bytes past
//                 the end of the next piece;
//   Rules         how the family differs from others on ASCII, for block_scan.hpp, if it is scanned
//                 in blocks;
//   piece(t, i)   the end of the piece that starts at offset i < t.n, where `t` is a Scan
//                 (scan_util.hpp); it looks at nothing before i. While more text may come, a piece
//                 that is not certain yet ends within kLookAhead bytes of the end of the text, or
//                 at the `note` of one of its loops, and begins there or at such an end: what a
//                 stream counter keeps of its text is chosen by this (encode/counter.hpp);
//   splits_at(before, after)
//                 of two characters side by side: true if a piece certainly starts between them,
//                 whatever surrounds them, and the pieces before do not change when the text ends
//                 there. Texts are split there (encode/batch.hpp);
//   anchors_at(before, after)
//                 true if a piece certainly starts there, at least, for all that are read from an
//                 earlier offset (chunk/edges.cpp);
//   ends_clean(text, pos)
//                 where text[pos - 1] is a line end and text[pos] is none: true if the text before
//                 `pos` certainly keeps its pieces when it ends there, whatever surrounds it;
//   kUnsplit      the tokenizer knows no pieces: any place that no token crosses may be taken for
//                 the end of one. False for patterns.
// Patterns that split at words have splits_at and anchors_at from word_borders.hpp. A family
// without Rules is scanned without blocks.
//
// Beyond that, chunk/edges.cpp relies on this, of families that are not kUnsplit: at a piece start
// between white space other than line ends and anything else before it, the pieces before stay when
// the text ends there. The tests of csrc go through the list, so they hold a new family to all of
// it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <type_traits>

#include "scan/family_cl100k.hpp"
#include "scan/family_deepseek.hpp"
#include "scan/family_gpt2.hpp"
#include "scan/family_o200k.hpp"
#include "scan/family_spaces.hpp"

namespace tokenkit {
namespace {  // one copy per source file: some are compiled for newer processors

template <class... F>
struct FamilyList {
  static constexpr Family kAll[] = {F::kFamily...};
  static constexpr size_t kLookAhead = std::max({F::kLookAhead...});

  template <class Visitor>
  static auto visit(Family family, const Visitor& visitor) {
    using Result = std::common_type_t<decltype(visitor(F()))...>;
    if constexpr (std::is_void_v<Result>) {
      ((family == F::kFamily ? visitor(F()) : void()), ...);
    } else {
      Result result{};
      ((family == F::kFamily ? void(result = visitor(F())) : void()), ...);
      return result;
    }
  }
};

using Families = FamilyList<Gpt2Family, Cl100kFamily, O200kFamily, Cl100k1Family, Cl100k3Family,
                            SpacesFamily, WholeFamily, MarksFamily, TekkenFamily, Gpt21Family,
                            KimiFamily, DeepSeekFamily, Gpt2RunsFamily>;

// Returns visitor(F()) for the struct F of the family. For kCustom, which has no scanner, the
// visitor is not called, and the result is Result{}: nullptr, 0 or false.
template <class Visitor>
auto visit(Family family, const Visitor& visitor) {
  return Families::visit(family, visitor);
}

// The look-ahead that is enough for every family, in bytes.
constexpr size_t kLookAhead = Families::kLookAhead;

}  // namespace
}  // namespace tokenkit
