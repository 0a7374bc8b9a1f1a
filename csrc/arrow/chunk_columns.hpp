// Builders of the columns that chunks come in, and of the ids of their rows. As in builders.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "arrow/builders.hpp"
#include "arrow/layout.hpp"
#include "chunk/placed.hpp"

namespace tokenkit {

// The columns index, start, end, tokens, text and headings.
class ChunkColumns {
 public:
  void push(const PlacedChunk& chunk);
  size_t rows() const { return index_.size(); }
  std::vector<SharedColumn> finish();

 private:
  ArrowNumbers<int32_t> index_, tokens_;
  ArrowNumbers<int64_t> start_, end_;
  ArrowStrings<int32_t> text_, heading_words_;
  ArrowOffsets<int32_t> headings_;
};

// The bytes of a chunk's words and of its headings.
size_t word_bytes(const PlacedChunk& chunk);

// Values of any type that ArrowTypes::kValues has, in a column of that type; views become strings.
class IdColumn {
 public:
  explicit IdColumn(const ArrowLayout& layout);
  // The bytes of a value as ArrowTexts gives them; nullptr is null.
  void push(const std::string_view* value);
  SharedColumn finish(const std::string& name);

 private:
  ArrowLayout::Kind kind_;
  std::string format_;
  ArrowBools bools_;
  size_t width_;
  std::vector<char> fixed_;
  ArrowNulls fixed_nulls_;
  ArrowStrings<int32_t> texts_;
  ArrowStrings<int64_t> large_texts_;
};

}  // namespace tokenkit
