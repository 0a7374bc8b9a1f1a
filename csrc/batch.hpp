// Many texts at once, on several threads. Results do not depend on the number of threads.
#pragma once

#include <cstdint>
#include <functional>
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

// Runs work(k, scratch) for k in [0, n) on up to `threads` threads, this one included. The first
// exception stops the rest and is thrown here.
void run_on_threads(const Encoder& encoder, size_t n, size_t threads,
                    const std::function<void(size_t, Scratch&)>& work);

}  // namespace tokenkit
