#include "scan/pretokenizer.hpp"

#include "scan/pretokenizer_cl100k.hpp"
#include "scan/pretokenizer_gpt2.hpp"
#include "scan/pretokenizer_o200k.hpp"

namespace tokenkit {

namespace {

ScanFunction scanner_scalar(Family family) {
  switch (family) {
    case Family::kGpt2:
      return scan_with<Gpt2Family>;
    case Family::kCl100k:
      return scan_with<Cl100kFamily>;
    case Family::kO200k:
      return scan_with<O200kFamily>;
    case Family::kCustom:
      break;
  }
  return nullptr;
}

}  // namespace

ScanFunction scanner(Family family, SimdLevel level) {
#if defined(__x86_64__) || defined(_M_X64)
  if (level == SimdLevel::kAvx512) return scanner_avx512(family);
  if (level == SimdLevel::kAvx2) return scanner_avx2(family);
#elif defined(__aarch64__) || defined(_M_ARM64)
  if (level == SimdLevel::kNeon) return scanner_neon(family);
#endif
  (void)level;
  return scanner_scalar(family);
}

}  // namespace tokenkit
