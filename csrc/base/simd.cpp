#include "base/simd.hpp"

#include <atomic>
#include <cstdlib>
#include <string>

#include "base/bytes.hpp"
#include "base/error.hpp"

#if (defined(__x86_64__) || defined(_M_X64)) && defined(TOKENKIT_MSVC)
#include <immintrin.h>
#include <intrin.h>
#endif

namespace tokenkit {
namespace {

#if defined(__x86_64__) || defined(_M_X64)
#if defined(TOKENKIT_MSVC)
bool has_avx2() {
  int r[4];
  __cpuid(r, 1);
  bool os_saves = (r[2] & (1 << 27)) != 0 && (_xgetbv(0) & 0x6) == 0x6;
  __cpuidex(r, 7, 0);
  return os_saves && (r[1] & (1 << 5)) != 0 && (r[1] & (1 << 8)) != 0;
}
bool has_avx512() {
  if (!has_avx2() || (_xgetbv(0) & 0xE6) != 0xE6) return false;
  int r[4];
  __cpuidex(r, 7, 0);
  const unsigned wanted = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31;  // F, DQ, BW, VL
  return (static_cast<unsigned>(r[1]) & wanted) == wanted && (r[2] & (1 << 1)) != 0 &&
         (r[2] & (1 << 6)) != 0;
}
#else
bool has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") &&
         __builtin_cpu_supports("popcnt");
}
bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi") &&
         __builtin_cpu_supports("avx512vbmi2");
}
#endif
#endif

SimdLevel chosen() {
  std::vector<SimdLevel> levels = simd_levels();
  const char* wanted = std::getenv("TOKENKIT_SIMD");
  if (wanted == nullptr || *wanted == '\0') return levels.back();
  std::string names;
  for (SimdLevel level : levels) {
    if (simd_name(level) == wanted) return level;
    names += (names.empty() ? "" : ", ") + std::string(simd_name(level));
  }
  throw Error(ErrorKind::kValue, std::string("TOKENKIT_SIMD is ") + wanted +
                                     ", which does not run here; there are: " + names);
}

}  // namespace

std::vector<SimdLevel> simd_levels() {
  std::vector<SimdLevel> levels = {SimdLevel::kScalar};
#if defined(__x86_64__) || defined(_M_X64)
  if (has_avx2()) levels.push_back(SimdLevel::kAvx2);
  if (has_avx512()) levels.push_back(SimdLevel::kAvx512);
#elif defined(__aarch64__) || defined(_M_ARM64)
  levels.push_back(SimdLevel::kNeon);
#elif defined(__wasm_simd128__)
  levels.push_back(SimdLevel::kWasm);
#endif
  return levels;
}

SimdLevel simd_level() {
  // -1: not yet chosen. Threads may choose at once: all find the same. The guard of a static object
  // would stay locked in the child of a process that forks meanwhile.
  static std::atomic<int> known{-1};
  int level = known.load(std::memory_order_relaxed);
  if (level < 0) {
    level = static_cast<int>(chosen());
    known.store(level, std::memory_order_relaxed);
  }
  return static_cast<SimdLevel>(level);
}

std::string_view simd_name(SimdLevel level) {
  switch (level) {
    case SimdLevel::kScalar:
      return "scalar";
    case SimdLevel::kNeon:
      return "neon";
    case SimdLevel::kWasm:
      return "wasm";
    case SimdLevel::kAvx2:
      return "avx2";
    case SimdLevel::kAvx512:
      return "avx512";
  }
  return "";
}

}  // namespace tokenkit
