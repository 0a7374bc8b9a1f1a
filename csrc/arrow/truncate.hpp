// Truncating a column of text; see encode/truncate.hpp.
#pragma once

#include <cstddef>

#include "arrow/column.hpp"
#include "arrow/valid_rows.hpp"
#include "encode/truncate.hpp"

namespace tokenkit {

// Each row truncated, as string, or as large_string if the column is of large texts; null where
// the row is null. `threads` >= 1. Throws as ValidTexts::next and truncate() do, and Error(kValue)
// naming the row where the texts are more than a string column holds.
SharedColumn truncate_arrow(const Encoder& encoder, ValidTexts& texts, const Truncation& how,
                            size_t threads);

}  // namespace tokenkit
