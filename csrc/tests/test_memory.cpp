// Memory that waits for its next use.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#if !defined(_WIN32)
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#endif

#include "base/memory.hpp"
#include "encode/scratch.hpp"
#include "tests/check.hpp"
#include "tests/text_helpers.hpp"

namespace tokenkit::test {
namespace {

uint8_t* bytes_of(const Memory& memory) { return static_cast<uint8_t*>(memory.data()); }

void test_large_blocks_come_back() {
  const void* given;
  {
    Memory memory;
    memory.grow(1 << 20);
    given = memory.data();
  }
  Memory same;
  same.grow(1000 << 10);
  CHECK(same.data() == given);
  CHECK(same.bytes() >= 1 << 20);
  Memory other;
  other.grow(1 << 20);
  CHECK(other.data() != given);
}

void test_blocks_come_back_any_number_of_times() {
  for (size_t given = 0; given < 4 * waiting_memory_limit(); given += 1 << 20) {
    Memory memory;
    memory.grow(1 << 20);
  }
  Memory same;
  same.grow(1000 << 10);
  CHECK(same.bytes() >= 1 << 20);
}

void test_growing_keeps_what_is_there() {
  Random random(81);
  for (int round = 0; round < 300; ++round) {
    Memory memory;
    std::vector<uint8_t> expected;
    for (int step = 0; step < 6; ++step) {
      const size_t before = expected.size();
      expected.resize(before + random.below(100000));
      memory.grow(expected.size());
      CHECK(memory.bytes() >= expected.size());
      for (size_t i = before; i < expected.size(); ++i) {
        bytes_of(memory)[i] = expected[i] = static_cast<uint8_t>(random.below(256));
      }
    }
    expected.resize(expected.size() / (1 + random.below(4)));
    memory.trim(expected.size());
    CHECK(memory.bytes() >= expected.size());
    CHECK(memory.bytes() <= expected.size() + expected.size() / 4 + 64);
    CHECK(std::equal(expected.begin(), expected.end(), bytes_of(memory)));
  }
}

// Many small steps copy little.
void test_growing_takes_linear_time() {
  Memory memory;
  size_t got = 0;
  int times = 0;
  for (size_t bytes = 0; bytes < (8 << 20); bytes += 1000) {
    memory.grow(bytes);
    times += memory.bytes() != got;
    got = memory.bytes();
  }
  CHECK(times < 40);
}

// What waits is bounded: of blocks larger than half of the limit, only one can wait.
void test_limit() {
  const size_t limit = waiting_memory_limit();
  CHECK_EQ(limit, cache_bytes() / 2);
  const size_t most = limit / 2 + 1;
  {
    std::vector<Memory> blocks(3);
    for (Memory& memory : blocks) memory.grow(most);
  }
  std::vector<Memory> blocks(6);  // more than can wait
  for (Memory& memory : blocks) memory.grow(100 << 10);
  size_t large = 0;
  for (const Memory& memory : blocks) large += memory.bytes() >= most;
  CHECK(large <= 1);
}

// Before anything else asks for it: a process reads TOKENKIT_CACHE_MB once.
void test_chosen_sizes() {
#if !defined(_WIN32)
  const std::pair<const char*, double> sizes[] = {{"", 16},       {"31.9", 16}, {"32", 32},
                                                  {"0.25", 0.25}, {"0", 0.125}, {"1e9", 1024}};
  for (const auto& [wanted, megabytes] : sizes) {
    const pid_t child = fork();
    if (child == 0) {
      setenv("TOKENKIT_CACHE_MB", wanted, 1);
      _exit(static_cast<double>(cache_bytes()) == std::ldexp(megabytes, 20) ? 0 : 1);
    }
    int status = -1;
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK_EQ(status, 0);
  }
#endif
}

// The tables of a thread take no more than the documentation says, with every TOKENKIT_CACHE_MB.
void test_tables_are_bounded() {
  for (int shift = -7; shift <= 6; ++shift) {
    const double allowed = std::ldexp(16 << 20, shift);
    CHECK(static_cast<double>(TableSizes(shift).bytes()) <= allowed);
    CHECK(static_cast<double>(TableSizes(shift).bytes()) >= 0.9 * allowed);
  }
}

void test_ids_are_given_away() {
  IdSink sink;
  CHECK(sink.release() == nullptr);
  for (uint32_t round = 0; round < 50; ++round) {
    for (uint32_t i = 0; i < 50000; ++i) sink.push(i ^ round);
    const std::shared_ptr<uint32_t> ids = sink.release();
    CHECK_EQ(sink.size(), 0u);
    const std::shared_ptr<uint32_t> second = ids;  // several owners
    sink.push(7);
    bool same = true;
    for (uint32_t i = 0; i < 50000; ++i) same &= second.get()[i] == (i ^ round);
    CHECK(same);
    sink.clear();
  }
}

void test_threads() {
  std::vector<std::thread> threads;
  std::vector<int> wrong(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t, &wrong] {
      for (int round = 0; round < 300; ++round) {
        Memory a, b;
        a.grow(70000 + static_cast<size_t>(round) * 1000);
        b.grow(300000);
        std::memset(a.data(), t, 70000);
        std::memset(b.data(), t + 100, 300000);
        for (size_t i = 0; i < 70000; i += 997) wrong[t] += bytes_of(a)[i] != t;
        for (size_t i = 0; i < 300000; i += 997) wrong[t] += bytes_of(b)[i] != t + 100;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int count : wrong) CHECK_EQ(count, 0);
}

// A child has what it needs, whatever another thread was doing when it was forked.
void test_fork() {
#if !defined(_WIN32)
  for (int round = 0; round < 5; ++round) {
    std::atomic<bool> locked{false};
    std::thread thread([&] {
      const std::lock_guard<std::mutex> lock(waiting_mutex());
      locked = true;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    });
    while (!locked) std::this_thread::yield();
    const pid_t child = fork();
    if (child == 0) {
      alarm(10);  // ends a child that hangs
      Memory memory;
      memory.grow(1 << 20);
      ScratchPool pool;
      pool.give_back(pool.take());
      _exit(memory.bytes() >= 1 << 20 ? 0 : 1);
    }
    int status = -1;
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK_EQ(status, 0);
    thread.join();
  }
#endif
}

}  // namespace
}  // namespace tokenkit::test

int main() {
  using namespace tokenkit::test;
  test_chosen_sizes();
  test_large_blocks_come_back();
  test_blocks_come_back_any_number_of_times();
  test_growing_keeps_what_is_there();
  test_growing_takes_linear_time();
  test_limit();
  test_tables_are_bounded();
  test_ids_are_given_away();
  test_threads();
  test_fork();
  return report("test_memory");
}
