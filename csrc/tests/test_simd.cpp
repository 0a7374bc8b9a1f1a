// The levels: which there are, which is in use, and that each has code of its own.
//     test_simd          tests
//     test_simd list     prints the names of the levels that run here
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/simd.hpp"
#include "bpe/front_table.hpp"
#include "bpe/merge.hpp"
#include "scan/families.hpp"
#include "scan/pretokenizer.hpp"
#include "tests/check.hpp"
#include "text/transcode.hpp"

namespace tokenkit::test {
namespace {

std::string names_of(const std::vector<SimdLevel>& levels) {
  std::string names;
  for (SimdLevel level : levels)
    names += (names.empty() ? "" : " ") + std::string(simd_name(level));
  return names;
}

void test_levels() {
  const std::string names = names_of(simd_levels());
#if defined(__aarch64__) || defined(_M_ARM64)
  CHECK_EQ(names, "scalar neon");
#elif defined(__wasm_simd128__)
  CHECK_EQ(names, "scalar wasm");
#elif defined(__x86_64__) || defined(_M_X64)
  CHECK(names == "scalar" || names == "scalar avx2" || names == "scalar avx2 avx512");
#else
  CHECK_EQ(names, "scalar");
#endif
}

void test_level_in_use() {
  const char* wanted = std::getenv("TOKENKIT_SIMD");
  if (wanted == nullptr || *wanted == '\0') {
    CHECK(simd_level() == simd_levels().back());
  } else {
    CHECK_EQ(simd_name(simd_level()), std::string_view(wanted));
  }
}

// A level that fell back to another's code would pass every comparison with it.
void test_own_code() {
  for (Family family : Families::kAll) {
    std::vector<ScanFunction> met;
    for (SimdLevel level : simd_levels()) {
      const ScanFunction function = scanner(family, level);
      CHECK(function != nullptr);
      CHECK(std::find(met.begin(), met.end(), function) == met.end());
      met.push_back(function);
    }
    CHECK(scanner(family) == scanner(family, simd_level()));
  }
  for (SimdLevel level : simd_levels()) {
    // NEON has no merge and no transcoder of its own, WebAssembly no transcoder.
    const bool merges = level != SimdLevel::kScalar && level != SimdLevel::kNeon;
    const bool transcodes = merges && level != SimdLevel::kWasm;
    CHECK_EQ(merge_kernel(level).one != merge_kernel(SimdLevel::kScalar).one, merges);
    CHECK_EQ(transcoder(level).write_2 != transcoder(SimdLevel::kScalar).write_2, transcodes);
    CHECK_EQ(merge_kernel(level).batch != merge_kernel(SimdLevel::kScalar).batch, merges);
    CHECK_EQ(front_kernel(level) != nullptr, level == SimdLevel::kAvx512);
    CHECK_EQ(keyed_scanner(Family::kO200k, level) != nullptr, level == SimdLevel::kAvx512);
  }
}

}  // namespace
}  // namespace tokenkit::test

int main(int argc, char** argv) {
  using namespace tokenkit::test;
  const std::string names = names_of(tokenkit::simd_levels());
  if (argc > 1 && std::string_view(argv[1]) == "list") {
    std::printf("%s\n", names.c_str());
    return 0;
  }
  test_levels();
  test_level_in_use();
  test_own_code();
  std::printf("test_simd: levels here: %s; in use: %s\n", names.c_str(),
              std::string(tokenkit::simd_name(tokenkit::simd_level())).c_str());
  return report("test_simd");
}
