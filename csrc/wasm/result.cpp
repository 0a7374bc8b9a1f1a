#include "wasm/result.hpp"

#include <cstddef>
#include <cstdlib>

namespace tokenkit {

void Result::clear() {
  ids.clear();
  numbers.clear();
  bytes.clear();
  rows.clear();
  message.clear();
}

Result& result() {
  static Result only;
  return only;
}

Status status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kValue:
      return kBadValue;
    case ErrorKind::kKey:
      return kBadKey;
    case ErrorKind::kVocabulary:
      return kBadVocabulary;
    case ErrorKind::kType:
      break;  // of Arrow's columns alone
  }
  return kBroken;
}

Status failed(Status status, const char* message) {
  result().clear();
  result().message = message;
  return status;
}

}  // namespace tokenkit

using tokenkit::Result;

void* tk_alloc(uint32_t size) {
  constexpr uint32_t kBorder = 64;
  if (size > UINT32_MAX - kBorder) return nullptr;
#if defined(__wasm__)
  return std::aligned_alloc(kBorder, size / kBorder * kBorder + kBorder);  // a cache line
#else
  return std::malloc(size_t{size} + 1);  // Windows has no std::aligned_alloc
#endif
}

void tk_free(void* memory) { std::free(memory); }

const TkResult* tk_result() {
  static TkResult shown;
  const Result& held = tokenkit::result();
  shown = {};
  if (held.ids.size() != 0) {
    shown.numbers = held.ids.data();
    shown.number_count = static_cast<uint32_t>(held.ids.size());
  } else if (!held.numbers.empty()) {
    shown.numbers = held.numbers.data();
    shown.number_count = static_cast<uint32_t>(held.numbers.size());
  }
  if (!held.bytes.empty()) {
    shown.bytes = held.bytes.data();
    shown.byte_count = static_cast<uint32_t>(held.bytes.size());
  }
  if (!held.rows.empty()) {
    shown.rows = held.rows.data();
    shown.row_count = static_cast<uint32_t>(held.rows.size());
  }
  if (!held.message.empty()) {
    shown.message = held.message.data();
    shown.message_size = static_cast<uint32_t>(held.message.size());
  }
  return &shown;
}

void tk_release() { tokenkit::result() = {}; }
