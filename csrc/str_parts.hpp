// Walking a Python str that is not ASCII alone: it becomes UTF-8 part by part, so that what is
// encoded is in the processor's caches still, and a long str takes no memory of its length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "encoder.hpp"

namespace tokenkit {

// The number of ids of the n characters from p, which take `width` bytes each (1, 2 or 4; see
// transcode.hpp); nothing if there are surrogates among them. Special tokens are ordinary text.
std::optional<size_t> count_str(const Encoder& encoder, const void* p, size_t n, int width,
                                Scratch& scratch);

// Appends the ids, or says false if there are surrogates; what was appended then means nothing.
bool encode_str(const Encoder& encoder, const void* p, size_t n, int width, Scratch& scratch,
                IdSink& out);

}  // namespace tokenkit
