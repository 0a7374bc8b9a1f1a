// Many texts at once, on several threads. Results do not depend on the number of threads.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "encoder.hpp"

namespace tokenkit {

// Counts each text (specials ordinary) into counts[0..texts.size()). `threads` >= 1.
void count_batch(const Encoder& encoder, const std::vector<std::string_view>& texts, size_t threads,
                 int64_t* counts);

// Appends the ids of all texts to `out`, one text after the other, and writes texts.size() + 1
// offsets into them, as Arrow lists have it.
void encode_batch(const Encoder& encoder, const std::vector<std::string_view>& texts,
                  const SpecialSet* allowed, size_t threads, IdSink& out, int64_t* offsets);

}  // namespace tokenkit
