#include "pretokenizer.hpp"

#include "pretokenizer_cl100k.hpp"
#include "pretokenizer_gpt2.hpp"
#include "pretokenizer_o200k.hpp"

namespace tokenkit {

ScanFunction scanner(Family family) {
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

}  // namespace tokenkit
