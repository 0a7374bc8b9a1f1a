// The offsets of tokens in their text. A function without state: any thread may call it.
#pragma once

#include <cstdint>
#include <string_view>

#include "encode/encoder.hpp"

namespace tokenkit {

enum class SpanUnit { kChar = 0, kByte = 1, kUtf16 = 2 };

// Writes the half-open (start, end) of each id into spans[0..2n), in `unit`s of `text`, which the
// ids decode to. In bytes the spans partition the text; in the other units a token that holds part
// of a character has the whole character in its span. Throws Error(kValue) when the ids do not
// decode to the length of the text.
void token_spans(const Encoder& encoder, std::string_view text, const uint32_t* ids, size_t n,
                 SpanUnit unit, int64_t* spans);

}  // namespace tokenkit
