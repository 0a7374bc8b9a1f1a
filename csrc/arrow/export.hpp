// Columns out, by Arrow's C data interface.
//
// An exported array shares its memory with all other holders of the column, and releases its share
// when the consumer calls release(): without the GIL, on any thread, at any time. A consumer may
// move a child out and keep it longer than its parent.
#pragma once

#include "arrow/c_data.hpp"
#include "arrow/column.hpp"

namespace tokenkit {

// Fill structs that are not in use; the caller releases them. All fields are nullable.
void export_schema(const ArrowColumn& column, ArrowSchema* schema);
void export_array(const SharedColumn& column, ArrowArray* array);

}  // namespace tokenkit
