#include "arrow/chunk_columns.hpp"

#include <memory>
#include <utility>

namespace tokenkit {
namespace {

// A column of texts as one of another format with the same buffers: binary.
SharedColumn with_format(const SharedColumn& column, const std::string& format) {
  if (column->format == format) return column;
  auto copy = std::make_shared<ArrowColumn>(*column);
  copy->format = format;
  return copy;
}

}  // namespace

void ChunkColumns::push(const PlacedChunk& chunk) {
  index_.push(chunk.index);
  start_.push(chunk.start);
  end_.push(chunk.end);
  tokens_.push(chunk.tokens);
  text_.push(chunk.words);
  headings_.push(chunk.headings->size());
  for (const std::string& words : *chunk.headings) heading_words_.push(words);
}

std::vector<SharedColumn> ChunkColumns::finish() {
  return {index_.finish("index"), start_.finish("start"),
          end_.finish("end"),     tokens_.finish("tokens"),
          text_.finish("text"),   headings_.finish_list(heading_words_.finish("item"), "headings")};
}

size_t word_bytes(const PlacedChunk& chunk) {
  size_t bytes = chunk.words.size();
  for (const std::string& words : *chunk.headings) bytes += words.size();
  return bytes;
}

IdColumn::IdColumn(const ArrowLayout& layout)
    : kind_(layout.value_kind()), format_(layout.format), width_(layout.width) {
  if (kind_ == ArrowLayout::kViews) format_.erase(0, 1);  // "vu" is string_view, "u" string
}

void IdColumn::push(const std::string_view* value) {
  const std::string_view bytes = value != nullptr ? *value : std::string_view();
  switch (kind_) {
    case ArrowLayout::kBits:
      value != nullptr ? bools_.push(bytes[0] != 0) : bools_.push_null();
      break;
    case ArrowLayout::kFixed:
      fixed_.insert(fixed_.end(), bytes.begin(), bytes.end());
      if (value == nullptr) fixed_.resize(fixed_.size() + width_);
      fixed_nulls_.push(value != nullptr);
      break;
    case ArrowLayout::kOffsets64:
      value != nullptr ? large_texts_.push(bytes) : large_texts_.push_null();
      break;
    default:
      value != nullptr ? texts_.push(bytes) : texts_.push_null();
  }
}

SharedColumn IdColumn::finish(const std::string& name) {
  switch (kind_) {
    case ArrowLayout::kBits:
      return bools_.finish(name);
    case ArrowLayout::kFixed:
      return make_column(format_, name, std::move(fixed_nulls_),
                         {shared_memory(std::move(fixed_))});
    case ArrowLayout::kOffsets64:
      return with_format(large_texts_.finish(name), format_);
    default:
      return with_format(texts_.finish(name), format_);
  }
}

}  // namespace tokenkit
