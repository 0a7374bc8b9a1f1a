// Counting, comparing and encoding a column of text.
//
// A column is read in portions, so a stream of any length takes bounded memory beside its result.
// The column is used up. `threads` counts the calling one and is at least 1. Special tokens are
// ordinary text. All throw as ValidTexts::next and the coder do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "arrow/column.hpp"
#include "arrow/valid_rows.hpp"
#include "encode/coder.hpp"

namespace tokenkit {

// The count of each row as int64, null where the row is null.
SharedColumn count_arrow(const Coder& coder, ValidTexts& texts, size_t threads);

// Whether each row has at most `limit` tokens, as bool, null where the row is null;
// none has fewer than 0.
SharedColumn fits_arrow(const Coder& coder, ValidTexts& texts, int64_t limit, size_t threads);

// The ids of each row as list<uint32>, null where the row is null. Throws Error(kValue) naming the
// row where the ids are more than 32-bit offsets reach.
SharedColumn encode_arrow(const Coder& coder, ValidTexts& texts, size_t threads);

// Appends the ids of all rows to `out`, and to `offsets`, which is empty, a 0 and where each row
// ends. Throws Error(kValue) for a null.
void encode_ragged(const Coder& coder, ValidTexts& texts, size_t threads, IdSink& out,
                   std::vector<int64_t>& offsets);

}  // namespace tokenkit
