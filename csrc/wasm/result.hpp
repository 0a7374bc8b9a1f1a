// What the last call gave, and how errors of the core become a Status.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "encode/scratch.hpp"
#include "wasm/face.hpp"

namespace tokenkit {

// Owns what TkResult shows. One for all calls, as face.hpp says.
struct Result {
  IdSink ids;  // shown in place of numbers, if there are any
  std::vector<uint32_t> numbers;
  std::string bytes;
  std::vector<uint32_t> rows;
  std::string message;

  void clear();
  void number(size_t value) { numbers.push_back(static_cast<uint32_t>(value)); }
};

Result& result();

Status status_of(ErrorKind kind);
Status failed(Status status, const char* message);

// Runs a call: nothing that is thrown leaves it.
template <class Call>
Status guarded(const Call& call) {
  result().clear();
  try {
    return call(result());
  } catch (const Error& error) {
    return failed(status_of(error.kind()), error.what());
  } catch (const std::bad_alloc&) {
    return failed(kNoMemory, "out of memory");
  } catch (const std::length_error&) {
    return failed(kNoMemory, "out of memory");
  } catch (const std::exception& error) {
    return failed(kBroken, error.what());
  }
}

inline std::string_view view_of(const char* text, uint32_t size) { return {text, size}; }

// Handles are pointers; they cross as numbers, which hold one where pointers have 32 bits.
template <class T>
void give_handle(Result& out, T* handle) {
  const auto bits = reinterpret_cast<uintptr_t>(handle);
  out.number(static_cast<uint32_t>(bits));
  if constexpr (sizeof(bits) > 4) out.number(static_cast<uint32_t>(bits >> 32));
}

}  // namespace tokenkit
