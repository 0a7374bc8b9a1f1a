#include "arrow/column.hpp"

namespace tokenkit {

void ArrowNulls::push_marked(bool valid) {
  const size_t row = size_++;
  if (!valid && null_count_++ == 0) {
    bits_.assign(row / 8, 0xFF);  // all rows so far
    if (row % 8 != 0) bits_.push_back(static_cast<uint8_t>((1 << (row % 8)) - 1));
  }
  if (row % 8 == 0) bits_.push_back(0);
  if (valid) bits_[row / 8] |= static_cast<uint8_t>(1 << (row % 8));
}

void ArrowNulls::push_valid(size_t rows) {
  if (null_count_ == 0) {
    size_ += rows;
  } else {
    for (; rows > 0; --rows) push(true);
  }
}

size_t ArrowColumn::offset(size_t i) const {
  const bool wide = format == "U" || format == "Z" || format == "+L";
  return static_cast<size_t>(wide ? values<int64_t>()[i] : values<int32_t>()[i]);
}

std::string_view ArrowColumn::text(size_t row) const {
  const size_t start = offset(row);
  return {static_cast<const char*>(data[1].get()) + start, offset(row + 1) - start};
}

}  // namespace tokenkit
