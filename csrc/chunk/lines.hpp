// What lines are worth as borders in code. A function without state of their own:
// the caller keeps the LineState.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "chunk/border_types.hpp"

namespace tokenkit {

// No more of a line than this is looked at: what decides is near.
constexpr size_t kLineView = 1024;

// Goes through the borders of a text behind `from`, as found for plain text, and judges again those
// at which a line starts. `state` is that of `from`; it becomes that of the last border.
// Top-level blocks are recognized by their indentation, whatever the language.
void judge_code(std::string_view text, size_t from, LineState& state, Border* borders, size_t n);

}  // namespace tokenkit
