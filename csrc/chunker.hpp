// Chunks: slices of a text whose counts stay within a limit, cut where a reader would cut.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "borders.hpp"
#include "encoder.hpp"

namespace tokenkit {

enum class Strategy : uint8_t {
  kOptimal = 0,  // least number of chunks + weight * penalties of their ends
  kGreedy = 1,   // chunk by chunk, each the best by itself
  kToken = 2,    // as many tokens as fit, wherever they end
};

struct ChunkOptions {
  Format format = Format::kText;
  Strategy strategy = Strategy::kOptimal;
  uint32_t limit = 0;       // tokens of a chunk's text, at least 1
  uint32_t room = 0;        // tokens of prefix and text together
  uint32_t overlap = 0;     // tokens that a chunk may repeat; below limit
  uint32_t min_tokens = 0;  // chunks below this are merged or filled up where that is possible
  double weight = 0.15;     // of a penalty of 1 against one more chunk
  bool trim = false;        // leave out white space at both ends
  std::string_view prefix;  // stands before each chunk when it is used; valid UTF-8
  // To go on where an earlier call stopped: the first `context` bytes of the text were dealt with
  // and only tell what stands before; the chunk before the first one ended `resume` bytes behind
  // them, and what is between is its overlap.
  size_t context = 0;
  size_t resume = 0;
};

struct ChunkSpan {
  size_t start, end;  // bytes of the text, context included
  uint32_t tokens;    // of text[start, end)
  uint32_t overlap;   // of text[next.start, end)
  Level level;        // of the border at the end
  bool resumes;       // a later call may go on here, with the same result
  uint32_t headings;  // number of headings that stand before the chunk's first word
};

struct Chunks {
  std::vector<ChunkSpan> spans;
  std::vector<Heading> headings;
  // A character that is more than the limit, if there is one: then there are no spans.
  size_t failed_at = static_cast<size_t>(-1);
  size_t needed = 0;
};

// Cuts text, valid UTF-8 of less than 2**32 bytes. Needs a family of its own (not kCustom).
Chunks chunk_text(const Encoder& encoder, std::string_view text, const ChunkOptions& options,
                  Scratch& scratch);

// Cuts each text with the options of the same index, on threads; out[i] is what chunk_text gives.
void chunk_batch(const Encoder& encoder, const std::vector<std::string_view>& texts,
                 const std::vector<ChunkOptions>& options, size_t threads,
                 std::vector<Chunks>& out);

}  // namespace tokenkit
