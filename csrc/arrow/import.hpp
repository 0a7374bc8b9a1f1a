// Columns of text in: rows of an Arrow array or stream as std::string_view.
//
// Views point into the producer's memory, which ArrowTexts owns and releases. Read rows in order;
// those of one call to next() live until the next call. Not thread safe.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "arrow/c_data.hpp"
#include "arrow/layout.hpp"

namespace tokenkit {

// Some consecutive rows of a column: the texts in them, and which row has which.
struct ArrowRows {
  std::vector<std::string_view> texts;
  std::vector<int64_t> first_row;  // of each text: the first row of the column that has it
  std::vector<int64_t> text_of;    // of each row: index into texts, -1 if it is null
};

// Reads a column once, from its start to its end. Not thread safe.
//
// A producer is not trusted: what its structs and buffers say is checked before it is used as a
// place in memory. Only the lengths of buffers are taken on trust, as the interface has none.
//
// With ArrowTypes::kValues values of other types are read, too, each as its bytes in memory, and a
// boolean as a byte that is 0 or 1.
class ArrowTexts {
 public:
  // Take what the structs own. Throw Error(kType) for other types, Error(kValue) if the producer
  // fails or the structs contradict themselves.
  ArrowTexts(ArrowSchema* schema, ArrowArray* array, ArrowTypes types = ArrowTypes::kTexts);
  explicit ArrowTexts(ArrowArrayStream* stream, ArrowTypes types = ArrowTypes::kTexts);

  const ArrowLayout& layout() const { return layout_; }

  // Reads more rows, a few hundred thousand or 64 MB of text at most, and at least one text; false
  // at the end. The texts live until the next call. With `distinct` rows that share an entry of a
  // dictionary may share a text. Throws Error(kValue) naming the row of what is malformed.
  bool next(ArrowRows& rows, bool distinct);

  // How many rows of the array that was read last are still to come; others may follow.
  size_t rows_ahead() const;

  // Are the texts of a type whose offsets have 64 bits: large_string, large_binary?
  bool large() const;

 private:
  bool open_next_array();

  ArrowOwned<ArrowArrayStream> stream_;
  ArrowLayout layout_;
  std::vector<ArrowOwned<ArrowArray>> arrays_;  // those that the last rows lie in
  bool opened_ = false;                         // the last of arrays_ is not read to its end
  int64_t position_ = 0;                        // in it
  int64_t row_ = 0;                             // in the column
};

}  // namespace tokenkit
