// The pattern families, by number. The numbers cross the seam to Python: they never change.
#pragma once

#include <cstdint>

namespace tokenkit {

enum class Family : uint8_t {
  kCustom = 0,  // the caller splits the text into pieces
  kGpt2 = 1,    // gpt2, r50k_base, p50k_base, p50k_edit
  kCl100k = 2,  // cl100k_base
  kO200k = 3,   // o200k_base, o200k_harmony
};

}  // namespace tokenkit
