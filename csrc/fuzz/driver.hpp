// What the fuzzers share: subjects that are kept, the end after a fault, and, without libFuzzer, a
// program that makes its own inputs. Of one thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>

#include "tests/text_helpers.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace tokenkit::test {

// The first seed of the subjects. A program moves it on from time to time, so that a long run meets
// many vocabularies; libFuzzer keeps to the first, so that an input means one thing.
inline uint32_t& subject_seed() {
  static uint32_t seed = 0;
  return seed;
}

// The subject of a number below `count`, made from a seed: kept, so that piece tables are warm.
template <class Subject, uint32_t count>
Subject& kept(uint32_t number) {
  static std::array<std::unique_ptr<Subject>, count> subjects;
  static uint32_t made_from = 0;
  if (made_from != subject_seed()) subjects = {};
  made_from = subject_seed();
  if (!subjects[number]) subjects[number] = std::make_unique<Subject>(made_from + number);
  return *subjects[number];
}

// Prints a fault and its input, and aborts; does nothing if there is no fault.
inline void stop_at(const std::string& fault, const uint8_t* data, size_t size) {
  if (fault.empty()) return;
  std::fprintf(stderr, "%s\nsubjects from seed %u, input:", fault.c_str(), subject_seed());
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

// Writes `count` inputs into a folder, for libFuzzer to start from.
template <class Input>
int write_corpus(const char* folder, long count, const Input& random_input) {
  Random random(1);
  for (long i = 0; i < count; ++i) {
    const std::string input = random_input(random);
    std::ofstream file(std::string(folder) + "/" + std::to_string(i), std::ios::binary);
    file.write(input.data(), static_cast<std::streamsize>(input.size()));
    if (!file.flush()) return std::fprintf(stderr, "cannot write into %s\n", folder), 1;
  }
  return 0;
}

// main() of a fuzzer: [SECONDS [SEED]], or --corpus FOLDER COUNT. At least one input is tried.
template <class Input>
int fuzz(int argc, char** argv, const char* name, const char* verdict, const Input& random_input) {
  constexpr long kInputsOfSubjects = 50000;
  if (argc == 4 && std::strcmp(argv[1], "--corpus") == 0) {
    return write_corpus(argv[2], std::atol(argv[3]), random_input);
  }
  const double seconds = argc > 1 ? std::atof(argv[1]) : 20;
  const uint32_t seed = argc > 2 ? static_cast<uint32_t>(std::atol(argv[2])) : 1;
  Random random(seed);
  const auto start = std::chrono::steady_clock::now();
  const auto passed = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  long inputs = 0;
  for (; passed() < seconds || inputs == 0; ++inputs) {
    if (inputs % kInputsOfSubjects == 0) subject_seed() = random.below(1u << 31);
    const std::string input = random_input(random);
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
  }
  std::printf("%s: %ld inputs with seed %u, %s\n", name, inputs, seed, verdict);
  return 0;
}

}  // namespace tokenkit::test
