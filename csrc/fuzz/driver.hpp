// What the fuzzers share: subjects that are kept, the end after a fault, and, without libFuzzer, a
// program that makes its own inputs.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "tests/text_helpers.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace tokenkit::test {

// The subject of a number below `count`: made once and kept, so that piece tables are warm.
template <class Subject, uint32_t count>
Subject& kept(uint32_t number) {
  static std::array<std::unique_ptr<Subject>, count> subjects;
  if (!subjects[number]) subjects[number] = std::make_unique<Subject>(number);
  return *subjects[number];
}

// Prints a fault and its input, and aborts; does nothing if there is no fault.
inline void stop_at(const std::string& fault, const uint8_t* data, size_t size) {
  if (fault.empty()) return;
  std::fprintf(stderr, "%s\ninput:", fault.c_str());
  for (size_t i = 0; i < size; ++i) std::fprintf(stderr, " %02X", data[i]);
  std::fputc('\n', stderr);
  std::abort();
}

// Three random bytes, which choose the subject and its settings.
inline std::string random_choice(Random& random) {
  std::string choice;
  for (int i = 0; i < 3; ++i) choice += static_cast<char>(random.below(256));
  return choice;
}

// main() of a fuzzer: [SECONDS [SEED]]. At least one input is tried.
template <class Input>
int fuzz(int argc, char** argv, const char* name, const char* verdict, const Input& random_input) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 20;
  const uint32_t seed = argc > 2 ? static_cast<uint32_t>(std::atol(argv[2])) : 1;
  Random random(seed);
  const auto start = std::chrono::steady_clock::now();
  const auto passed = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  long inputs = 0;
  for (; passed() < seconds || inputs == 0; ++inputs) {
    const std::string input = random_input(random);
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
  }
  std::printf("%s: %ld inputs with seed %u, %s\n", name, inputs, seed, verdict);
  return 0;
}

}  // namespace tokenkit::test
