// Which format a text looks like, from its first characters.
//
// tokenkit/chunking/formats.py is the readable twin, and says why; both give the same for every
// text. Functions without state: any thread may call them at any time.
#pragma once

#include <cstdint>
#include <string_view>

#include "chunk/border_types.hpp"

namespace tokenkit {

// What a caller asks for. The numbers cross the seam to Python: they never change.
enum class FormatChoice : uint8_t { kText = 0, kMarkdown = 1, kCode = 2, kAuto = 3 };

// The format to read a text in, which is valid UTF-8: kAuto is detected, and kCode that is JSON is
// read as JSON. Looks at 8192 characters.
Format format_of(std::string_view text, FormatChoice choice);

}  // namespace tokenkit
