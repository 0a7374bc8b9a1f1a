// A column of texts on its way to a table of chunks: rows in, chunks of each row in, batches out.
//
// Read some rows, push the chunks of each in order, close it; take a batch where there is one. So
// no more than some rows and one batch are held, whatever the length of the column. Not thread
// safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "arrow/chunk_columns.hpp"
#include "arrow/column.hpp"
#include "arrow/import.hpp"
#include "arrow/valid_rows.hpp"
#include "chunk/placed.hpp"

namespace tokenkit {

// How the chunks of a column are laid out.
enum class ChunkLayout : uint8_t {
  kTable = 0,  // a row for each chunk: the row's number, or its id, and what is known of the chunk
  kLists = 1,  // a row for each row: the list of its chunks; null where the row is null
};

class ArrowChunkRows {
 public:
  // Uses up texts and ids, which live as long. `ids` may be nullptr, and are nullptr for kLists;
  // they are read with ArrowTypes::kValues.
  ArrowChunkRows(ValidTexts& texts, ArrowTexts* ids, ChunkLayout layout);

  // Reads more rows, some megabytes of text; false at the end. Throws Error(kValue) if there are
  // more or fewer ids than rows, and as ValidTexts::next does.
  bool next(size_t threads);

  // Of the rows that were read: how many, the text of each (nullptr if it is null), and the number
  // in the column of the first.
  size_t size() const { return end_ - begin_; }
  const std::string_view* text(size_t i) const;
  int64_t first_row() const { return row_; }

  // Is the batch so large that it should be taken before this chunk is pushed? Never for kLists.
  bool is_full(const PlacedChunk& chunk) const;
  // Adds a chunk of row i. Throws Error(kValue) where the lists are more than Arrow's list can
  // hold.
  void push(size_t i, const PlacedChunk& chunk);
  // Says that row i has no more chunks.
  void close(size_t i);
  // Are there chunks that a table should not wait for more rows with? Never for kLists.
  bool has_batch() const { return layout_ == ChunkLayout::kTable && columns_.rows() > 0; }
  // What was pushed since the last batch; it says the types even if that is nothing.
  SharedColumn take();

 private:
  bool next_texts(size_t threads);
  bool next_ids();
  [[noreturn]] void refuse_lengths(bool more_texts, size_t threads);

  ValidTexts& texts_;
  ArrowTexts* ids_;
  ChunkLayout layout_;
  ArrowRows text_rows_, id_rows_;
  size_t begin_ = 0, end_ = 0;  // of the rows at hand, in text_rows_
  size_t id_begin_ = 0;         // of their ids, in id_rows_
  int64_t row_ = 0;

  ChunkColumns columns_;
  ArrowNumbers<int64_t> numbers_;
  std::optional<IdColumn> id_column_;
  ArrowOffsets<int32_t> lists_;
  size_t bytes_ = 0;   // of the words in the chunks since the last batch
  size_t listed_ = 0;  // of these chunks, those in lists that are closed
};

}  // namespace tokenkit
