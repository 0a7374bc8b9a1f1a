// Where the records of data end: the elements of JSON, those of HTML and XML. Functions without
// state of their own: the caller keeps the LineState.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "chunk/border_types.hpp"

namespace tokenkit {

// Both judge the borders of a text in (from, upto], as found for plain text and from
// borders[first] on, and add those between records that nothing separates. They read the text as it
// is: a text of another kind gets other borders, but is split as well. `state` is that of
// `from`; it becomes that of `upto`.

void judge_json(std::string_view text, size_t from, size_t upto, LineState& state,
                std::vector<Border>& borders, size_t first);
void judge_markup(std::string_view text, size_t from, size_t upto, LineState& state,
                  std::vector<Border>& borders, size_t first);

}  // namespace tokenkit
