// Builders of columns: append rows on one thread, then finish.
//
// finish() gives the memory away, without copying it; the builder may only be dropped then. Besides
// the errors that are named, anything here may throw std::bad_alloc.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "arrow/column.hpp"

namespace tokenkit {

// A column of the buffers `data`; nulls and children as they are.
SharedColumn make_column(std::string format, std::string name, ArrowNulls nulls,
                         std::vector<std::shared_ptr<const void>> data,
                         std::vector<SharedColumn> children = {});

// A column of structs, none null. The columns in it have names, and `rows` rows each.
SharedColumn make_struct(std::vector<SharedColumn> columns, size_t rows, std::string name = "");

// The most bytes that are asked for; no machine can address so many. Some allocators end the
// process where more than they can give is asked for, those of sanitizers for example.
constexpr uint64_t kMostMemory = uint64_t{1} << 48;

// Makes room for so many values more. Throws std::bad_alloc at once where memory cannot hold them.
template <class T>
void make_room(std::vector<T>& values, size_t more) {
  if (more > kMostMemory / sizeof(T) || more > values.max_size() - values.size()) {
    throw std::bad_alloc();
  }
  const size_t wanted = values.size() + more;
  if (wanted <= values.capacity()) return;
  // Twice as many at least, so that many small calls do not copy it each time.
  values.reserve(std::max(wanted, std::min(2 * values.capacity(), values.max_size())));
}

// Numbers: int32_t, uint32_t, int64_t.
template <class T>
class ArrowNumbers {
 public:
  void reserve(size_t more) { make_room(values_, more); }
  void push(T value) {
    values_.push_back(value);
    nulls_.push(true);
  }
  void push_null() {
    values_.push_back(0);
    nulls_.push(false);
  }
  size_t size() const { return values_.size(); }
  SharedColumn finish(std::string name = "") {
    const char* format = std::is_same_v<T, int64_t> ? "l" : std::is_same_v<T, int32_t> ? "i" : "I";
    static_assert(std::is_same_v<T, int64_t> || std::is_same_v<T, int32_t> ||
                  std::is_same_v<T, uint32_t>);
    return make_column(format, std::move(name), std::move(nulls_),
                       {shared_memory(std::move(values_))});
  }

 private:
  std::vector<T> values_;
  ArrowNulls nulls_;
};

// True or false, a bit each.
class ArrowBools {
 public:
  void reserve(size_t more) { make_room(bits_, more / 8 + 1); }
  void push(bool value);
  void push_null();
  size_t size() const { return nulls_.size(); }
  SharedColumn finish(std::string name = "");

 private:
  std::vector<uint8_t> bits_;
  ArrowNulls nulls_;
};

// Where the rows of lists, or of texts, end. `Offset` is int32_t or int64_t.
template <class Offset>
class ArrowOffsets {
 public:
  void reserve(size_t more) { make_room(offsets_, more); }
  // Adds a row. Throws Error(kValue) naming the row whose end `Offset` cannot hold.
  void push(size_t length);
  void push_null() { push_row(0, false); }
  size_t size() const { return nulls_.size(); }
  // The end of the last row.
  size_t end() const { return static_cast<size_t>(offsets_.back()); }
  // A list of `items`, which are as many as the rows end at.
  SharedColumn finish_list(SharedColumn items, std::string name = "");
  SharedColumn finish_texts(std::shared_ptr<const void> bytes, std::string name = "");

 private:
  void push_row(size_t length, bool valid);

  std::vector<Offset> offsets_ = {0};
  ArrowNulls nulls_;
};

// Texts: string where `Offset` is int32_t, large_string where it is int64_t.
template <class Offset>
class ArrowStrings {
 public:
  void reserve(size_t rows, size_t bytes) {
    offsets_.reserve(rows);
    make_room(bytes_, bytes);
  }
  // Adds a row, which is UTF-8. Throws as ArrowOffsets::push does.
  void push(std::string_view text) { push({text}); }
  // Adds a row of several texts, joined.
  void push(std::initializer_list<std::string_view> parts) {
    size_t size = 0;
    for (std::string_view part : parts) size += part.size();
    offsets_.push(size);
    for (std::string_view part : parts) bytes_.insert(bytes_.end(), part.begin(), part.end());
  }
  void push_null() { offsets_.push_null(); }
  size_t size() const { return offsets_.size(); }
  size_t bytes() const { return bytes_.size(); }
  SharedColumn finish(std::string name = "") {
    return offsets_.finish_texts(shared_memory(std::move(bytes_)), std::move(name));
  }

 private:
  ArrowOffsets<Offset> offsets_;
  std::vector<char> bytes_;
};

extern template class ArrowOffsets<int32_t>;
extern template class ArrowOffsets<int64_t>;

}  // namespace tokenkit
