// Chunks: slices of a text whose counts stay within a limit, split where a reader would split it.
//
// Both functions only read what they are given; threads may share the encoder.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "chunk/chunk_types.hpp"
#include "encode/encoder.hpp"

namespace tokenkit {

// Cuts text, valid UTF-8 of less than 2**32 bytes. Needs a family of its own (not kCustom).
Chunks chunk_text(const Encoder& encoder, std::string_view text, const ChunkOptions& options,
                  Scratch& scratch);

// Cuts each text with the options of the same index, on threads; out[i] is what chunk_text gives.
void chunk_batch(const Encoder& encoder, const std::vector<std::string_view>& texts,
                 const std::vector<ChunkOptions>& options, size_t threads,
                 std::vector<Chunks>& out);

}  // namespace tokenkit
