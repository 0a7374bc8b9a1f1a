// The instruction set in use: the widest that both the binary and the processor have.
//
// It is chosen once per process. The environment variable TOKENKIT_SIMD (scalar, avx2, avx512,
// neon, wasm) asks for another one, for tests; one that does not run here is refused. Results never
// depend on it. Any thread may call these functions.
#pragma once

#include <string_view>
#include <vector>

namespace tokenkit {

enum class SimdLevel { kScalar, kNeon, kWasm, kAvx2, kAvx512 };

// The levels that run here, the widest last; kScalar is always the first.
std::vector<SimdLevel> simd_levels();

// The level in use. Throws Error(kValue) if TOKENKIT_SIMD names none that runs here.
SimdLevel simd_level();

std::string_view simd_name(SimdLevel level);

}  // namespace tokenkit
