// Many texts, or big ones, on several threads.
//
// Results do not depend on the number of threads. `threads` counts the calling one and is at least
// 1; all of them have ended when a function returns or throws. Texts are borrowed for the call, and
// valid UTF-8 unless said otherwise.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "encode/coder.hpp"

namespace tokenkit {

// The first text that is not valid UTF-8, and its first_invalid(); nothing if all are valid. The
// texts may be any bytes.
struct InvalidText {
  size_t text, byte;
};
std::optional<InvalidText> first_invalid(const std::vector<std::string_view>& texts,
                                         size_t threads);

// Counts each text (specials ordinary) into counts[0..texts.size()).
void count_batch(const Coder& coder, const std::vector<std::string_view>& texts, size_t threads,
                 int64_t* counts);

// Appends the ids of all texts to `out`, one text after the other, and writes texts.size() + 1
// offsets into them, as Arrow lists have it, the first being 0.
void encode_batch(const Coder& coder, const std::vector<std::string_view>& texts,
                  const SpecialSet* allowed, size_t threads, IdSink& out, int64_t* offsets);

// Runs work(k, scratch) for k in [0, n) on up to `threads` threads, this one included. The first
// exception stops the rest and is thrown here.
void run_on_threads(const Coder& coder, size_t n, size_t threads,
                    const std::function<void(size_t, Scratch&)>& work);

// The same for texts: work(first, last, scratch) is for texts[first..last), which have about as
// many bytes as every other share.
void run_on_texts(const Coder& coder, const std::vector<std::string_view>& texts, size_t threads,
                  const std::function<void(size_t, size_t, Scratch&)>& work);

}  // namespace tokenkit
