// The pattern families, by number. The numbers cross the seam to Python: they never change.
#pragma once

#include <cstdint>

namespace tokenkit {

enum class Family : uint8_t {
  kCustom = 0,     // the caller splits the text into pieces
  kGpt2 = 1,       // gpt2, r50k_base, p50k_base, p50k_edit
  kCl100k = 2,     // cl100k_base
  kO200k = 3,      // o200k_base, o200k_harmony
  kCl100k1 = 4,    // Qwen 2 and 3
  kCl100k3 = 5,    // Llama 3, GLM 4
  kSpaces = 6,     // no pattern, and no token across the start of a word: Gemma, Llama 2
  kWhole = 7,      // no pattern
  kMarks = 8,      // Qwen 3.5
  kTekken = 9,     // Mistral NeMo and later
  kGpt21 = 10,     // Command-R, StarCoder
  kKimi = 11,      // Kimi K2
  kDeepSeek = 12,  // DeepSeek V3
  kGpt2Runs = 13,  // Digits, then ByteLevel, where digits stay together
};

}  // namespace tokenkit
