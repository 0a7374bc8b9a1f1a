#include "arrow/column.hpp"

#include <algorithm>
#include <new>

namespace tokenkit {

void ArrowInt64::reserve(size_t more) {
  if (more > values.max_size() - values.size()) throw std::bad_alloc();
  const size_t wanted = values.size() + more;
  if (wanted <= values.capacity()) return;
  // Twice as many at least, so that many small reserves do not copy it each time.
  values.reserve(std::max(wanted, std::min(2 * values.capacity(), values.max_size())));
}

void ArrowInt64::push(int64_t value) {
  const size_t row = values.size();
  values.push_back(value);
  if (null_count == 0) return;
  if (row % 8 == 0) valid.push_back(0);
  valid[row / 8] |= static_cast<uint8_t>(1 << (row % 8));
}

void ArrowInt64::push_null() {
  const size_t row = values.size();
  values.push_back(0);
  if (null_count++ == 0) {
    valid.assign(row / 8, 0xFF);  // all rows so far
    if (row % 8 != 0) valid.push_back(static_cast<uint8_t>((1 << (row % 8)) - 1));
  }
  if (row % 8 == 0) valid.push_back(0);
}

}  // namespace tokenkit
