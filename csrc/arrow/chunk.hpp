// Chunking a column of texts.
//
// The encoder, what the options borrow and the rows must live as long. Not thread safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "arrow/chunk_rows.hpp"
#include "arrow/column.hpp"
#include "chunk/chunk_types.hpp"
#include "chunk/detect.hpp"
#include "chunk/placed.hpp"
#include "encode/encoder.hpp"

namespace tokenkit {

// A character of a row that is more than a chunk.
struct OverlongCharacter {
  int64_t row;
  size_t offset;  // in characters of the row's text
  size_t needed;  // tokens
};

class ArrowChunking {
 public:
  // The format of `options` is that of each text, by `choice`. `threads` counts the calling one and
  // is at least 1.
  ArrowChunking(const Encoder& encoder, const ChunkOptions& options, FormatChoice choice,
                size_t threads, ArrowChunkRows& rows)
      : encoder_(encoder), options_(options), choice_(choice), threads_(threads), rows_(rows) {}

  // The next batch of a table; nullptr at the end, or where overlong() says why not. Lists are all
  // in the rows at the end. Throws as ArrowChunkRows does.
  SharedColumn next();
  const std::optional<OverlongCharacter>& overlong() const { return overlong_; }

 private:
  bool read();
  void chunk_texts();

  const Encoder& encoder_;
  ChunkOptions options_;
  FormatChoice choice_;
  size_t threads_;
  ArrowChunkRows& rows_;
  // Of the rows at hand.
  std::vector<std::string_view> texts_;
  std::vector<size_t> row_of_;  // of each text
  std::vector<Chunks> chunks_;
  size_t row_ = 0;
  size_t text_ = 0;
  std::optional<PlacedChunks> placed_;  // those of the row that are not pushed yet
  bool ended_ = false;
  std::optional<OverlongCharacter> overlong_;
};

}  // namespace tokenkit
