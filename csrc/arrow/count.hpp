// Counting and encoding a column of text.
//
// A column is read in portions, so a stream of any length takes bounded memory beside its result.
// The column is used up. `threads` counts the calling one and is at least 1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "arrow/column.hpp"
#include "arrow/import.hpp"
#include "encode/encoder.hpp"

namespace tokenkit {

// The count of each row (specials ordinary), null where the row is null. `threads` >= 1. Throws
// Error(kValue) naming row and byte of invalid UTF-8, and as ArrowTexts::next and Encoder::count
// do.
std::shared_ptr<ArrowInt64> count_arrow(const Encoder& encoder, ArrowTexts& texts, size_t threads);

// Appends the ids of all rows to `out`, and to `offsets`, which is empty, a 0 and where each row
// ends. Throws as count_arrow does, and Error(kValue) for a null.
void encode_arrow(const Encoder& encoder, ArrowTexts& texts, size_t threads, IdSink& out,
                  std::vector<int64_t>& offsets);

}  // namespace tokenkit
