#include "arrow/count.hpp"

#include <algorithm>
#include <string>

#include "base/error.hpp"
#include "encode/batch.hpp"

namespace tokenkit {

namespace {

void require_utf8(const ArrowRows& rows, size_t threads) {
  if (const auto bad = first_invalid(rows.texts, threads)) {
    throw Error(ErrorKind::kValue, "row " + std::to_string(rows.first_row[bad->text]) +
                                       ": invalid UTF-8 at byte " + std::to_string(bad->byte));
  }
}

}  // namespace

std::shared_ptr<ArrowInt64> count_arrow(const Encoder& encoder, ArrowTexts& texts, size_t threads) {
  auto out = std::make_shared<ArrowInt64>();
  ArrowRows rows;
  std::vector<int64_t> counts;
  while (texts.next(rows, true)) {
    require_utf8(rows, threads);
    out->reserve(rows.text_of.size() + texts.rows_ahead());
    counts.resize(rows.texts.size());
    count_batch(encoder, rows.texts, threads, counts.data());
    for (int64_t text : rows.text_of) {
      if (text < 0) {
        out->push_null();
      } else {
        out->push(counts[static_cast<size_t>(text)]);
      }
    }
  }
  return out;
}

void encode_arrow(const Encoder& encoder, ArrowTexts& texts, size_t threads, IdSink& out,
                  std::vector<int64_t>& offsets) {
  ArrowRows rows;
  std::vector<int64_t> ends;
  offsets.push_back(0);
  while (texts.next(rows, false)) {
    const auto null = std::find(rows.text_of.begin(), rows.text_of.end(), -1);
    if (null != rows.text_of.end()) {
      const size_t row = offsets.size() - 1 + static_cast<size_t>(null - rows.text_of.begin());
      throw Error(ErrorKind::kValue, "row " + std::to_string(row) +
                                         " is null; drop or fill nulls first (count_arrow keeps "
                                         "them)");
    }
    require_utf8(rows, threads);
    const int64_t before = offsets.back();
    ends.resize(rows.texts.size() + 1);
    encode_batch(encoder, rows.texts, nullptr, threads, out, ends.data());
    for (size_t i = 1; i < ends.size(); ++i) offsets.push_back(before + ends[i]);
  }
}

}  // namespace tokenkit
