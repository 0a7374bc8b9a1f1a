#include "arrow/truncate.hpp"

#include <optional>
#include <string_view>
#include <vector>

#include "arrow/builders.hpp"
#include "encode/batch.hpp"

namespace tokenkit {
namespace {

template <class Offset>
SharedColumn truncated(const Encoder& encoder, ValidTexts& texts, const Truncation& how,
                       size_t threads) {
  ArrowStrings<Offset> out;
  ArrowRows rows;
  std::vector<std::optional<Slices>> kept;
  while (texts.next(rows, true, threads)) {
    out.reserve(rows.text_of.size() + texts.rows_ahead(), 0);
    kept.resize(rows.texts.size());
    run_on_texts(encoder, rows.texts, threads, [&](size_t first, size_t last, Scratch& scratch) {
      for (size_t i = first; i < last; ++i) {
        kept[i] = truncate(encoder, rows.texts[i], how, scratch);
      }
    });
    for (int64_t row : rows.text_of) {
      if (row < 0) {
        out.push_null();
        continue;
      }
      const std::string_view text = rows.texts[static_cast<size_t>(row)];
      const std::optional<Slices>& slices = kept[static_cast<size_t>(row)];
      if (slices) {
        out.push({text.substr(0, slices->head), how.marker, text.substr(slices->tail)});
      } else {
        out.push({text});
      }
    }
  }
  return out.finish();
}

}  // namespace

SharedColumn truncate_arrow(const Encoder& encoder, ValidTexts& texts, const Truncation& how,
                            size_t threads) {
  return texts.large() ? truncated<int64_t>(encoder, texts, how, threads)
                       : truncated<int32_t>(encoder, texts, how, threads);
}

}  // namespace tokenkit
