// Where words and tokens stand in a text, in the units of those who ask. Functions without state:
// any thread may call them. Texts are valid UTF-8.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "encode/spans.hpp"
#include "encode/words.hpp"

namespace tokenkit {

// Appends the ids of a text, and for each the start and end of what it covers.
void encode_spans(const Words& words, std::string_view text, SpanUnit unit, IdSink& ids,
                  std::vector<int64_t>& spans);

// The words of a text that have ids: where each ends, in characters, and how many ids it has.
void count_each_word(const Words& words, std::string_view text, std::vector<int64_t>& ends,
                     std::vector<int64_t>& counts);

}  // namespace tokenkit
