// Where a piece starts for certain: what the families promise that split a text at words.
//
// Functions without state: any thread may call them.
#pragma once

#include <cstdint>

#include "text/unicode.hpp"

namespace tokenkit {

// A character of a text.
struct Seen {
  uint32_t cp;
  CharClass kind;
};

namespace {  // one copy per source file: some are compiled for newer processors

// A family that has these does so by inheritance (families.hpp says what each must mean).
struct WordBorders {
  static constexpr bool kUnsplit = false;

  // No alternative goes on from a letter or number to ASCII white space, or to a symbol other than
  // an apostrophe; and those that look ahead from a letter or number look for letters, numbers,
  // marks or an apostrophe.
  static bool splits_at(Seen before, Seen after) {
    const bool space = after.cp == ' ' || after.cp == '\n' || after.cp == '\r' || after.cp == '\t';
    return (is_letter(before.kind) || before.kind == kNumber) &&
           (space || (after.kind == kOther && after.cp != '\''));
  }

  // Between a letter or number and a symbol other than an apostrophe; before white space, line ends
  // excepted, that follows something else; and behind a line end, before anything but white space
  // and a slash.
  static bool anchors_at(Seen before, Seen after) {
    if (before.kind == kNewline) return !is_space(after.kind) && after.cp != '/';
    if (is_space(before.kind)) return false;
    if (after.kind == kSpace) return true;
    return splits_at(before, after) && after.kind == kOther;
  }
};

}  // namespace
}  // namespace tokenkit
