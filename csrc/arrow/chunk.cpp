#include "arrow/chunk.hpp"

#include <string>
#include <utility>

#include "base/error.hpp"
#include "chunk/chunker.hpp"
#include "encode/batch.hpp"
#include "text/utf8.hpp"

namespace tokenkit {
namespace {

constexpr size_t kMostText = size_t{1} << 31;  // as chunk_text has it

[[noreturn]] void refuse(int64_t row) {
  throw Error(ErrorKind::kValue,
              "row " + std::to_string(row) + ": expected a text of less than 2,147,483,648 bytes");
}

}  // namespace

SharedColumn ArrowChunking::next() {
  if (ended_) return nullptr;
  do {
    for (; row_ < rows_.size(); ++row_) {
      if (!placed_ && rows_.text(row_) != nullptr) {
        placed_.emplace(texts_[text_], chunks_[text_]);
        ++text_;
      }
      while (placed_ && !placed_->ended()) {
        const PlacedChunk chunk = placed_->next();
        SharedColumn full = rows_.is_full(chunk) ? rows_.take() : nullptr;
        rows_.push(row_, chunk);
        if (full != nullptr) return full;
      }
      placed_.reset();
      rows_.close(row_);
    }
    if (rows_.has_batch()) return rows_.take();
  } while (read());
  return nullptr;
}

// Reads more rows and chunks them; false at the end, or at a character that is too long.
bool ArrowChunking::read() {
  ended_ = !rows_.next(threads_);
  if (ended_) return false;
  texts_.clear();
  row_of_.clear();
  row_ = text_ = 0;
  for (size_t i = 0; i < rows_.size(); ++i) {
    if (const std::string_view* text = rows_.text(i)) {
      if (text->size() >= kMostText) refuse(rows_.first_row() + static_cast<int64_t>(i));
      texts_.push_back(*text);
      row_of_.push_back(i);
    }
  }
  chunk_texts();
  for (size_t k = 0; k < texts_.size() && !overlong_; ++k) {
    const Chunks& chunks = chunks_[k];
    if (chunks.failed_at == static_cast<size_t>(-1)) continue;
    overlong_ = {.row = rows_.first_row() + static_cast<int64_t>(row_of_[k]),
                 .offset = count_chars(texts_[k].substr(0, chunks.failed_at)),
                 .needed = chunks.needed};
  }
  ended_ = overlong_.has_value();
  return !ended_;
}

void ArrowChunking::chunk_texts() {
  chunks_.resize(texts_.size());
  run_on_threads(encoder_, texts_.size(), threads_, [&](size_t k, Scratch& scratch) {
    ChunkOptions options = options_;
    options.format = format_of(texts_[k], choice_);
    chunks_[k] = chunk_text(encoder_, texts_[k], options, scratch);
  });
}

}  // namespace tokenkit
