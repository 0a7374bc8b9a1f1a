// Lines and white space of a text as Python's str has them: splitlines(), strip() and isspace().
// https://docs.python.org/3/library/stdtypes.html#str.splitlines
//
// All functions expect valid UTF-8, are pure and safe to call from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tokenkit {

// str.isspace() of one character: White_Space and the four separators of ASCII.
bool is_str_space(uint32_t cp);

// The first offset from `pos` on that has no white space.
size_t skip_str_space(std::string_view text, size_t pos);

// str.strip() and str.rstrip().
std::string_view stripped(std::string_view text);
std::string_view stripped_end(std::string_view text);

// Takes the next line off the text, and its end with it: what is before the end. CR LF is one end.
// Requires a text that is not empty.
std::string_view take_str_line(std::string_view* text);

}  // namespace tokenkit
