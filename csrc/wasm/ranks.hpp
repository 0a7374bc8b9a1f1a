// Ranks as OpenAI publishes them, in `.tiktoken` files: on each line a token in base64, a space,
// and its rank. tokenkit/encodings/formats reads them for Python. A function without state.
#pragma once

#include <string_view>

#include "bpe/vocab_build.hpp"

namespace tokenkit {

// Reads all lines; empty ones are left out. Throws Error(kVocabulary) naming the line.
TokenList read_ranks(std::string_view text);

}  // namespace tokenkit
