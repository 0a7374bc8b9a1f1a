// Rows of a column that are UTF-8, and what is done about the others.
#pragma once

#include <cstddef>
#include <cstdint>

#include "arrow/import.hpp"

namespace tokenkit {

// Reads a column once, as ArrowTexts does; all texts are valid UTF-8. Not thread safe.
class ValidTexts {
 public:
  // As those of ArrowTexts. With `null_invalid`, rows that are not UTF-8 become null.
  ValidTexts(ArrowSchema* schema, ArrowArray* array, bool null_invalid = false)
      : texts_(schema, array), null_invalid_(null_invalid) {}
  explicit ValidTexts(ArrowArrayStream* stream, bool null_invalid = false)
      : texts_(stream), null_invalid_(null_invalid) {}

  // As ArrowTexts::next, on `threads` threads. Throws Error(kValue) naming row and byte of invalid
  // UTF-8, unless such rows become null.
  bool next(ArrowRows& rows, bool distinct, size_t threads);

  // How many rows of those that were read became null, as they are not UTF-8.
  int64_t invalid_count() const { return invalid_count_; }
  size_t rows_ahead() const { return texts_.rows_ahead(); }
  bool large() const { return texts_.large(); }

 private:
  void drop_invalid(ArrowRows& rows, size_t first);

  ArrowTexts texts_;
  bool null_invalid_;
  int64_t invalid_count_ = 0;
};

}  // namespace tokenkit
