// Which types of columns are read, and how they lie in memory.
// https://arrow.apache.org/docs/format/CDataInterface.html#data-type-description-format-strings
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "arrow/c_data.hpp"

namespace tokenkit {

// What a reader takes.
enum class ArrowTypes : uint8_t {
  // string, large_string, string_view, binary, large_binary, binary_view, null, and dictionaries
  // of these.
  kTexts,
  // All of these but null, and booleans, integers, floats, decimals, dates, times, timestamps,
  // durations, intervals and binary of fixed size.
  kValues,
};

// How the values of an array lie in memory.
struct ArrowLayout {
  enum Kind : uint8_t { kNulls, kOffsets32, kOffsets64, kViews, kFixed, kBits, kDictionary };
  Kind kind = kNulls;
  Kind values = kNulls;  // of a dictionary
  char index = 0;        // of a dictionary: the format letter of its integers
  // Of the values, be they in a dictionary or not: their type, and the bytes of one if it is
  // kFixed.
  std::string format;
  size_t width = 0;

  Kind value_kind() const { return kind == kDictionary ? values : kind; }
};

// Throws Error(kType) for other types, Error(kValue) for a schema that contradicts itself.
ArrowLayout layout_of(const ArrowSchema& schema, ArrowTypes types);

}  // namespace tokenkit
