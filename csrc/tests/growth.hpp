// Growth checks: ten times the input may take at most twenty times as long.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <ctime>

#include "tests/check.hpp"

namespace tokenkit::test {

// Below `kSteps` seconds the clock's own steps would count.
#if defined(_WIN32)
constexpr int kRuns = 12;  // std::clock() is the time on the wall there, which others disturb
constexpr double kSteps = 0.001;
#elif defined(__EMSCRIPTEN__)
constexpr int kRuns = 6;  // so it is there, in whole milliseconds
constexpr double kSteps = 0.005;
#else
constexpr int kRuns = 3;
constexpr double kSteps = 0.001;
#endif

// Processor time of work(), the least of a few runs: other programs disturb it less than the clock.
template <class Work>
double processor_time(const Work& work) {
  double best = 1e9;
  for (int run = 0; run < kRuns; ++run) {
    const std::clock_t start = std::clock();
    work();
    best = std::min(best, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  }
  return best;
}

// work(n) does its work on an input of size n.
template <class Work>
void check_growth(const char* what, size_t n, const Work& work) {
  const double small = std::max(processor_time([&] { work(n); }), kSteps);
  const double large = processor_time([&] { work(10 * n); });
  if (CHECK(large <= 20 * small)) return;
  std::fprintf(stderr, "  %s: %.4f s, ten times the input %.4f s\n", what, small, large);
}

}  // namespace tokenkit::test
