// Scanning a Python str that is not only ASCII: it becomes UTF-8 part by part, so that the text is
// still in the processor's caches when it is encoded, and a long str takes no memory of its length.
//
// The characters are borrowed for the call. Any thread may call these functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "encode/encoder.hpp"

namespace tokenkit {

// The number of ids of the n characters from p, which take `width` bytes each (1, 2 or 4; see
// transcode.hpp); limit + 1 if there are more than `limit`, found soon after it is passed; nothing
// if there are surrogates in what was looked at. Special tokens are ordinary text.
constexpr size_t kNoLimit = ~size_t{0};
std::optional<size_t> count_str(const Encoder& encoder, const void* p, size_t n, int width,
                                size_t limit, Scratch& scratch);

// Appends the ids, or says false if there are surrogates; what was appended then means nothing.
bool encode_str(const Encoder& encoder, const void* p, size_t n, int width, Scratch& scratch,
                IdSink& out);

// The same with a scratch that is leased for the call.
inline std::optional<size_t> count_str(const Encoder& encoder, const void* p, size_t n, int width,
                                       size_t limit) {
  return count_str(encoder, p, n, width, limit, *Encoder::Lease(encoder));
}
inline bool encode_str(const Encoder& encoder, const void* p, size_t n, int width, IdSink& out) {
  return encode_str(encoder, p, n, width, *Encoder::Lease(encoder), out);
}

}  // namespace tokenkit
