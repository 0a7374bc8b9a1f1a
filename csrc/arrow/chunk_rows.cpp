#include "arrow/chunk_rows.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace tokenkit {
namespace {

constexpr size_t kReadBytes = size_t{16} << 20;   // of text that is read at once
constexpr size_t kReadRows = size_t{1} << 17;     // these, too, as empty rows take memory as well
constexpr size_t kBatchBytes = size_t{32} << 20;  // of the chunks in a batch
constexpr size_t kBatchRows = size_t{1} << 19;
constexpr size_t kMostBytes = std::numeric_limits<int32_t>::max();

// Where the rows from `begin` on that are read at once end.
size_t end_of_some(const ArrowRows& rows, size_t begin, size_t most) {
  size_t bytes = 0;
  size_t end = begin;
  most = std::min(most, kReadRows);
  for (; end < rows.text_of.size() && end - begin < most && bytes < kReadBytes; ++end) {
    const int64_t text = rows.text_of[end];
    if (text >= 0) bytes += rows.texts[static_cast<size_t>(text)].size();
  }
  return end;
}

const std::string_view* text_of(const ArrowRows& rows, size_t i) {
  const int64_t text = rows.text_of[i];
  return text < 0 ? nullptr : &rows.texts[static_cast<size_t>(text)];
}

}  // namespace

ArrowChunkRows::ArrowChunkRows(ValidTexts& texts, ArrowTexts* ids, ChunkLayout layout)
    : texts_(texts), ids_(ids), layout_(layout) {
  if (ids_ != nullptr) id_column_.emplace(ids_->layout());
}

bool ArrowChunkRows::next(size_t threads) {
  row_ += static_cast<int64_t>(size());
  id_begin_ += size();
  begin_ = end_;
  const bool more = next_texts(threads);
  if (ids_ != nullptr && next_ids() != more) refuse_lengths(more, threads);
  const size_t most =
      ids_ != nullptr ? id_rows_.text_of.size() - id_begin_ : text_rows_.text_of.size();
  end_ = end_of_some(text_rows_, begin_, most);
  return more;
}

// Is there another text? Reads on where all that were read are done.
bool ArrowChunkRows::next_texts(size_t threads) {
  if (begin_ < text_rows_.text_of.size()) return true;
  begin_ = end_ = 0;
  return texts_.next(text_rows_, false, threads);
}

bool ArrowChunkRows::next_ids() {
  if (id_begin_ < id_rows_.text_of.size()) return true;
  id_begin_ = 0;
  return ids_->next(id_rows_, true);
}

// One of the two has ended: how long is the other?
void ArrowChunkRows::refuse_lengths(bool more_texts, size_t threads) {
  const auto done = static_cast<size_t>(row_);
  size_t texts = done;
  size_t ids = done;
  if (more_texts) {
    do {
      texts += text_rows_.text_of.size() - begin_;
      begin_ = end_ = text_rows_.text_of.size();
    } while (next_texts(threads));
  } else {
    do {
      ids += id_rows_.text_of.size() - id_begin_;
      id_begin_ = id_rows_.text_of.size();
    } while (next_ids());
  }
  throw Error(ErrorKind::kValue, "ids: expected one for each of the " + std::to_string(texts) +
                                     " rows, got " + std::to_string(ids));
}

const std::string_view* ArrowChunkRows::text(size_t i) const {
  return text_of(text_rows_, begin_ + i);
}

bool ArrowChunkRows::is_full(const PlacedChunk& chunk) const {
  return has_batch() && (bytes_ + word_bytes(chunk) > kBatchBytes || columns_.rows() >= kBatchRows);
}

void ArrowChunkRows::push(size_t i, const PlacedChunk& chunk) {
  bytes_ += word_bytes(chunk);
  if (bytes_ > kMostBytes) {
    throw Error(ErrorKind::kValue,
                "row " + std::to_string(row_ + static_cast<int64_t>(i)) +
                    ": expected chunks of at most 2,147,483,647 bytes in all, as the offsets of "
                    "Arrow's string have 32 bits; pass the column in parts");
  }
  if (id_column_) {
    id_column_->push(text_of(id_rows_, id_begin_ + i));
  } else if (layout_ == ChunkLayout::kTable) {
    numbers_.push(row_ + static_cast<int64_t>(i));
  }
  columns_.push(chunk);
}

void ArrowChunkRows::close(size_t i) {
  if (layout_ == ChunkLayout::kTable) return;
  if (text(i) == nullptr) {
    lists_.push_null();
  } else {
    lists_.push(columns_.rows() - listed_);
  }
  listed_ = columns_.rows();
}

SharedColumn ArrowChunkRows::take() {
  const size_t rows = columns_.rows();
  std::vector<SharedColumn> columns = std::exchange(columns_, {}).finish();
  bytes_ = listed_ = 0;
  if (layout_ == ChunkLayout::kLists) {
    SharedColumn chunks = make_struct(std::move(columns), rows, "item");
    return std::exchange(lists_, {}).finish_list(std::move(chunks));
  }
  if (id_column_) {
    columns.insert(columns.begin(), id_column_->finish("id"));
    id_column_.emplace(ids_->layout());
  } else {
    columns.insert(columns.begin(), std::exchange(numbers_, {}).finish("row"));
  }
  return make_struct(std::move(columns), rows);
}

}  // namespace tokenkit
