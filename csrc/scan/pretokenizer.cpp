#include "scan/pretokenizer.hpp"

#include "scan/families.hpp"

namespace tokenkit {

ScanFunction scanner(Family family, SimdLevel level) {
#if defined(__x86_64__) || defined(_M_X64)
  if (level == SimdLevel::kAvx512) return scanner_avx512(family);
  if (level == SimdLevel::kAvx2) return scanner_avx2(family);
#elif defined(__aarch64__) || defined(_M_ARM64)
  if (level == SimdLevel::kNeon) return scanner_neon(family);
#elif defined(__wasm_simd128__)
  if (level == SimdLevel::kWasm) return scanner_wasm(family);
#endif
  (void)level;
  return visit(family, [](auto f) -> ScanFunction { return scan_with<decltype(f)>; });
}

KeyedScan keyed_scanner(Family family, SimdLevel level) {
#if defined(__x86_64__) || defined(_M_X64)
  if (level == SimdLevel::kAvx512) return keyed_scanner_avx512(family);
#endif
  (void)family;
  (void)level;
  return nullptr;
}

}  // namespace tokenkit
