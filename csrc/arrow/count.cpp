#include "arrow/count.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "arrow/builders.hpp"
#include "base/error.hpp"
#include "encode/batch.hpp"

namespace tokenkit {

SharedColumn count_arrow(const Coder& coder, ValidTexts& texts, size_t threads) {
  ArrowNumbers<int64_t> out;
  ArrowRows rows;
  std::vector<int64_t> counts;
  while (texts.next(rows, true, threads)) {
    out.reserve(rows.text_of.size() + texts.rows_ahead());
    counts.resize(rows.texts.size());
    count_batch(coder, rows.texts, threads, counts.data());
    for (int64_t text : rows.text_of) {
      if (text < 0) {
        out.push_null();
      } else {
        out.push(counts[static_cast<size_t>(text)]);
      }
    }
  }
  return out.finish();
}

SharedColumn fits_arrow(const Coder& coder, ValidTexts& texts, int64_t limit, size_t threads) {
  ArrowBools out;
  ArrowRows rows;
  std::vector<uint8_t> fit;  // not bool: threads write to neighbours
  while (texts.next(rows, true, threads)) {
    out.reserve(rows.text_of.size() + texts.rows_ahead());
    fit.resize(rows.texts.size());
    run_on_texts(coder, rows.texts, threads, [&](size_t first, size_t last, Scratch& scratch) {
      for (size_t i = first; i < last; ++i) {
        fit[i] = limit >= 0 && coder.fits(rows.texts[i], static_cast<size_t>(limit), scratch);
      }
    });
    for (int64_t text : rows.text_of) {
      if (text < 0) {
        out.push_null();
      } else {
        out.push(fit[static_cast<size_t>(text)] != 0);
      }
    }
  }
  return out.finish();
}

SharedColumn encode_arrow(const Coder& coder, ValidTexts& texts, size_t threads) {
  IdSink ids;
  ArrowOffsets<int32_t> out;
  ArrowRows rows;
  std::vector<int64_t> ends;
  while (texts.next(rows, false, threads)) {
    out.reserve(rows.text_of.size() + texts.rows_ahead());
    ends.resize(rows.texts.size() + 1);
    encode_batch(coder, rows.texts, nullptr, threads, ids, ends.data());
    for (int64_t text : rows.text_of) {
      if (text < 0) {
        out.push_null();
      } else {
        const auto i = static_cast<size_t>(text);
        out.push(static_cast<size_t>(ends[i + 1] - ends[i]));
      }
    }
  }
  ArrowNulls nulls;
  nulls.push_valid(ids.size());
  return out.finish_list(make_column("I", "item", std::move(nulls), {ids.release()}));
}

void encode_ragged(const Coder& coder, ValidTexts& texts, size_t threads, IdSink& out,
                   std::vector<int64_t>& offsets) {
  ArrowRows rows;
  std::vector<int64_t> ends;
  offsets.push_back(0);
  while (texts.next(rows, false, threads)) {
    const auto null = std::find(rows.text_of.begin(), rows.text_of.end(), -1);
    if (null != rows.text_of.end()) {
      const size_t row = offsets.size() - 1 + static_cast<size_t>(null - rows.text_of.begin());
      throw Error(ErrorKind::kValue, "row " + std::to_string(row) +
                                         " is null; drop or fill nulls first (count_arrow keeps "
                                         "them)");
    }
    const int64_t before = offsets.back();
    ends.resize(rows.texts.size() + 1);
    encode_batch(coder, rows.texts, nullptr, threads, out, ends.data());
    for (size_t i = 1; i < ends.size(); ++i) offsets.push_back(before + ends[i]);
  }
}

}  // namespace tokenkit
