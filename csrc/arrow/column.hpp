// A column with nulls, laid out as Arrow wants it: its type, its buffers, its children.
//
// The builders of builders.hpp make columns. A column does not change; any number of threads and of
// other libraries may share it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tokenkit {

// Which rows of a column are null. No bits are kept before the first null.
class ArrowNulls {
 public:
  // Adds a row.
  void push(bool valid) {
    if (valid && null_count_ == 0) {
      ++size_;
    } else {
      push_marked(valid);
    }
  }
  // Adds rows that are not null.
  void push_valid(size_t rows);

  size_t size() const { return size_; }
  int64_t null_count() const { return null_count_; }
  bool is_valid(size_t row) const { return bits_.empty() || (bits_[row / 8] >> (row % 8) & 1); }
  // A bit per row, the lowest first, 1 where it is valid; nullptr if there are no nulls.
  const uint8_t* bits() const { return bits_.empty() ? nullptr : bits_.data(); }

 private:
  void push_marked(bool valid);

  std::vector<uint8_t> bits_;
  size_t size_ = 0;
  int64_t null_count_ = 0;
};

// The types are those of Arrow's C data interface, as it writes them: "l" is int64, "b" is bool
// (bits), "u" is string with int32 offsets and "U" with int64, "+l" is a list, "+s" a struct.
// https://arrow.apache.org/docs/format/CDataInterface.html#data-type-description-format-strings
struct ArrowColumn {
  std::string format;
  std::string name;                               // where it is a child
  ArrowNulls nulls;                               // says how many rows there are, too
  std::vector<std::shared_ptr<const void>> data;  // the buffers behind that of nulls
  std::vector<std::shared_ptr<const ArrowColumn>> children;

  size_t size() const { return nulls.size(); }
  bool is_valid(size_t row) const { return nulls.is_valid(row); }
  // The first buffer, of a type of that width: values, or offsets.
  template <class T>
  const T* values() const {
    return static_cast<const T*>(data[0].get());
  }
  // Of type "b".
  bool bit(size_t row) const { return values<uint8_t>()[row / 8] >> (row % 8) & 1; }
  // A list's or a text's offsets, whether its type has 32 or 64 bits: where row i starts, or row
  // i - 1 ends.
  size_t offset(size_t i) const;
  // Of a column of texts.
  std::string_view text(size_t row) const;
};

using SharedColumn = std::shared_ptr<const ArrowColumn>;

// What a vector holds, to be shared.
template <class T>
std::shared_ptr<const void> shared_memory(std::vector<T> values) {
  auto owner = std::make_shared<std::vector<T>>(std::move(values));
  return {owner, owner->data()};
}

}  // namespace tokenkit
