// The structs of Arrow's C data interface, and an owner for them.
// https://arrow.apache.org/docs/format/CDataInterface.html
//
// An ArrowOwned belongs to one thread at a time; what it releases is the producer's affair.
#pragma once

#include <cstdint>
#include <utility>

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

}  // namespace tokenkit
