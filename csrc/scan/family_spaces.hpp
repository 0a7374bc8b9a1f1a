// Texts that no pattern splits.
//
// The tokenizer takes the whole text for one piece. A cut is exact all the same where no token of
// the vocabulary goes across (csrc/README.md, theorem 3). Most vocabularies of this kind hold no
// token in which U+0020 follows anything but itself: kSpaces cuts there. That of Gemma has one, of
// "> </": so kSpaces does not cut behind '>' either. compile/families.py looks at the
// tokens before it takes kSpaces; kWhole is right for all others.
#pragma once

#include "scan/family.hpp"
#include "scan/scan_util.hpp"
#include "scan/word_borders.hpp"

namespace tokenkit {
namespace {

struct SpacesFamily {
  static constexpr Family kFamily = Family::kSpaces;
  static constexpr size_t kLookAhead = 1;
  static constexpr bool kUnsplit = true;

  struct Rules {
    static constexpr bool kUnsplit = true;
  };

  static bool cuts(uint32_t before, uint32_t after) {
    return after == ' ' && before != ' ' && before != '>';
  }

  template <class Text>
  static size_t piece(const Text& t, size_t i) {
    return t.run_to(i, [](uint8_t before, uint8_t after) { return cuts(before, after); });
  }

  static bool splits_at(Seen before, Seen after) { return cuts(before.cp, after.cp); }
  static bool anchors_at(Seen before, Seen after) { return cuts(before.cp, after.cp); }
  static bool ends_clean(std::string_view, size_t) { return true; }
};

struct WholeFamily {
  static constexpr Family kFamily = Family::kWhole;
  static constexpr size_t kLookAhead = 0;
  static constexpr bool kUnsplit = true;

  template <class Text>
  static size_t piece(const Text& t, size_t) {
    return t.n;
  }

  static bool splits_at(Seen, Seen) { return false; }
  static bool anchors_at(Seen, Seen) { return false; }
  static bool ends_clean(std::string_view, size_t) { return true; }
};

}  // namespace
}  // namespace tokenkit
