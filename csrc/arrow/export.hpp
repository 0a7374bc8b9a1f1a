// Integers and lists of ids out, by Arrow's C data interface.
//
// An exported array shares its memory with all other holders of the shared_ptr, and releases its
// share when the consumer calls release(): without the GIL, on any thread, at any time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "arrow/c_data.hpp"
#include "arrow/column.hpp"

namespace tokenkit {

// Fill structs that are not in use; the caller releases them.
void export_int64(const std::shared_ptr<const ArrowInt64>& column, ArrowSchema* schema,
                  ArrowArray* array);
// large_list<uint32>: `rows` lists, with one offset more.
void export_lists(std::shared_ptr<const uint32_t> ids, size_t size,
                  std::shared_ptr<const int64_t> offsets, size_t rows, ArrowSchema* schema,
                  ArrowArray* array);

}  // namespace tokenkit
