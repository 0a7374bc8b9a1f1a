// Arrow's C data interface: columns of text in, integers and lists of ids out.
// https://arrow.apache.org/docs/format/CDataInterface.html
//
// Everything past `ArrowTexts` is std::string_view. What is exported owns its memory by
// shared_ptr, so releasing it needs no GIL and may happen on any thread, at any time.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

// The structs as the specification has them, guarded as it asks.
extern "C" {
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE
#define ARROW_FLAG_NULLABLE 2
struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema** children;
  struct ArrowSchema* dictionary;
  void (*release)(struct ArrowSchema*);
  void* private_data;
};
struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void** buffers;
  struct ArrowArray** children;
  struct ArrowArray* dictionary;
  void (*release)(struct ArrowArray*);
  void* private_data;
};
#endif
#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE
struct ArrowArrayStream {
  int (*get_schema)(struct ArrowArrayStream*, struct ArrowSchema* out);
  int (*get_next)(struct ArrowArrayStream*, struct ArrowArray* out);
  const char* (*get_last_error)(struct ArrowArrayStream*);
  void (*release)(struct ArrowArrayStream*);
  void* private_data;
};
#endif
}

namespace tokenkit {

class Encoder;
class IdSink;

// Owns one of the structs above and releases it once. Moving in leaves the source released.
template <class T>
class ArrowOwned {
 public:
  ArrowOwned() = default;
  explicit ArrowOwned(T* source) : value_(*source) { source->release = nullptr; }
  ArrowOwned(ArrowOwned&& other) noexcept : ArrowOwned(&other.value_) {}
  ArrowOwned& operator=(ArrowOwned&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~ArrowOwned() {
    if (value_.release != nullptr) value_.release(&value_);
  }
  T* get() { return &value_; }
  const T* get() const { return &value_; }

 private:
  T value_{};
};

// How the texts of an array lie in memory.
struct ArrowLayout {
  enum Kind : uint8_t { kNulls, kOffsets32, kOffsets64, kViews, kDictionary };
  Kind kind = kNulls;
  Kind values = kNulls;  // of a dictionary
  char index = 0;        // of a dictionary: the format letter of its integers
};

// Some consecutive rows of a column: the texts in them, and which row has which.
struct ArrowRows {
  std::vector<std::string_view> texts;
  std::vector<int64_t> first_row;  // of each text: the first row of the column that has it
  std::vector<int64_t> text_of;    // of each row: index into texts, -1 if it is null
};

// Reads a column once, from its start to its end. Not thread safe.
//
// Types: string, large_string, string_view, binary, large_binary, binary_view (holding UTF-8),
// dictionaries of these, and null. Anything else is Error(kType).
class ArrowTexts {
 public:
  // Take what the structs own. Throw Error(kType) for other types, Error(kValue) if the producer
  // fails or the structs contradict themselves.
  ArrowTexts(ArrowSchema* schema, ArrowArray* array);
  explicit ArrowTexts(ArrowArrayStream* stream);

  // Reads more rows, a few hundred thousand or 64 MB of text at most, and at least one text; false
  // at the end. The texts live until the next call. With `distinct` rows that share an entry of a
  // dictionary may share a text. Throws Error(kValue) naming the row.
  bool next(ArrowRows& rows, bool distinct);

 private:
  bool open_next_array();

  ArrowOwned<ArrowArrayStream> stream_;
  ArrowLayout layout_;
  std::vector<ArrowOwned<ArrowArray>> arrays_;  // those that the last rows lie in
  bool opened_ = false;                         // the last of arrays_ is not read to its end
  int64_t position_ = 0;                        // in it
  int64_t row_ = 0;                             // in the column
};

// Integers with nulls, as Arrow lays them out.
struct ArrowInt64 {
  std::vector<int64_t> values;  // 0 where null
  std::vector<uint8_t> valid;   // a bit per row, the lowest first; empty if there are no nulls
  int64_t null_count = 0;

  void push(int64_t value);
  void push_null();
  bool is_valid(size_t row) const { return valid.empty() || (valid[row / 8] >> (row % 8) & 1); }
};

// The count of each row (specials ordinary), null where the row is null. `threads` >= 1. Throws
// Error(kValue) naming row and byte of invalid UTF-8, and as ArrowTexts::next and Encoder::count
// do.
std::shared_ptr<ArrowInt64> count_arrow(const Encoder& encoder, ArrowTexts& texts, size_t threads);

// Appends the ids of all rows to `out`, and to `offsets`, which is empty, a 0 and where each row
// ends. Throws as count_arrow does, and Error(kValue) for a null.
void encode_arrow(const Encoder& encoder, ArrowTexts& texts, size_t threads, IdSink& out,
                  std::vector<int64_t>& offsets);

// Fill structs that are not in use; the caller releases them.
void export_int64(std::shared_ptr<const ArrowInt64> column, ArrowSchema* schema, ArrowArray* array);
// large_list<uint32>: `rows` lists, with one offset more.
void export_lists(std::shared_ptr<const uint32_t> ids, size_t size,
                  std::shared_ptr<const int64_t> offsets, size_t rows, ArrowSchema* schema,
                  ArrowArray* array);

}  // namespace tokenkit
