#include "arrow/valid_rows.hpp"

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "encode/batch.hpp"
#include "text/utf8.hpp"

namespace tokenkit {

bool ValidTexts::next(ArrowRows& rows, bool distinct, size_t threads) {
  if (!texts_.next(rows, distinct)) return false;
  const auto bad = first_invalid(rows.texts, threads);
  if (!bad) return true;
  if (!null_invalid_) {
    throw Error(ErrorKind::kValue, "row " + std::to_string(rows.first_row[bad->text]) +
                                       ": invalid UTF-8 at byte " + std::to_string(bad->byte));
  }
  drop_invalid(rows, bad->text);
  return true;
}

// Makes null what has an invalid text, of which `first` is the first; the text itself is emptied.
void ValidTexts::drop_invalid(ArrowRows& rows, size_t first) {
  std::vector<bool> dropped(rows.texts.size());
  for (size_t i = first; i < rows.texts.size(); ++i) {
    dropped[i] = first_invalid(rows.texts[i]) != std::string_view::npos;
    if (dropped[i]) rows.texts[i] = {};
  }
  for (int64_t& text : rows.text_of) {
    if (text < 0 || !dropped[static_cast<size_t>(text)]) continue;
    text = -1;
    ++invalid_count_;
  }
}

}  // namespace tokenkit
