// A column of integers with nulls, laid out as Arrow wants it. Append rows on one thread; once
// shared, the column does not change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tokenkit {

// Integers with nulls, as Arrow lays them out.
struct ArrowInt64 {
  std::vector<int64_t> values;  // 0 where null
  std::vector<uint8_t> valid;   // a bit per row, the lowest first; empty if there are no nulls
  int64_t null_count = 0;

  // Makes room for so many rows more. Throws std::bad_alloc at once where memory cannot hold them.
  void reserve(size_t more);
  void push(int64_t value);
  void push_null();
  bool is_valid(size_t row) const { return valid.empty() || (valid[row / 8] >> (row % 8) & 1); }
};

}  // namespace tokenkit
