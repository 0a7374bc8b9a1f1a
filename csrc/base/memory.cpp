#include "base/memory.hpp"

#include <algorithm>
#include <atomic>
#include <climits>
#include <cmath>
#include <cstdlib>
#include <new>
#include <type_traits>

#if !defined(_WIN32)
#include <pthread.h>
#endif

namespace tokenkit {
namespace {

constexpr size_t kSmall = size_t{64} << 10;  // smaller blocks are malloc's business

// Blocks that wait for their next use.
class Waiting {
 public:
  // Takes the smallest block of at least `bytes`, else the largest of the others, else nothing.
  void take(size_t bytes, void** data, size_t* got) {
    std::lock_guard<std::mutex> lock(waiting_mutex());
    Block* best = nullptr;
    for (Block& b : blocks_) {
      if (b.data == nullptr) continue;
      const bool fits = b.bytes >= bytes;
      if (best == nullptr || (fits != (best->bytes >= bytes)
                                  ? fits
                                  : (fits ? b.bytes < best->bytes : b.bytes > best->bytes))) {
        best = &b;
      }
    }
    if (best == nullptr) return;
    *data = best->data;
    *got = best->bytes;
    total_ -= best->bytes;
    *best = {};
  }

  // Whether the block was taken in.
  bool give(void* data, size_t bytes) {
    std::lock_guard<std::mutex> lock(waiting_mutex());
    if (total_ + bytes > waiting_memory_limit()) return false;
    for (Block& b : blocks_) {
      if (b.data != nullptr) continue;
      b = {data, bytes};
      total_ += bytes;
      return true;
    }
    return false;
  }

 private:
  struct Block {
    void* data = nullptr;
    size_t bytes = 0;
  };
  Block blocks_[4];
  size_t total_ = 0;
};

// Both are made when the library is loaded, before a thread can use them: the guard of a static
// object inside a function would stay locked in the child of a process that forks meanwhile. Never
// destroyed: results may be given back while a process ends.
constinit Waiting waiting;
static_assert(std::is_trivially_destructible_v<Waiting>);
// NOLINTNEXTLINE(bugprone-throwing-static-initialization): without it nothing works
std::mutex* const mutex = [] {
#if !defined(_WIN32)
  const auto lock = [] { waiting_mutex().lock(); };
  const auto unlock = [] { waiting_mutex().unlock(); };
  pthread_atfork(lock, unlock, unlock);
#endif
  return new std::mutex;
}();

int chosen_shift() {
#if defined(__wasm__)
  return 0;  // no environment says otherwise, and reading a number would take 20 KB of code
#else
  const char* wanted = std::getenv("TOKENKIT_CACHE_MB");
  if (wanted == nullptr || *wanted == '\0') return 0;
  const double megabytes = std::strtod(wanted, nullptr);
  int k = -7;
  while (k < 6 && 16 * std::ldexp(1.0, k + 1) <= megabytes) ++k;
  return k;
#endif
}

}  // namespace

std::mutex& waiting_mutex() { return *mutex; }

int cache_shift() {
  constexpr int kUnknown = INT_MIN;
  static std::atomic<int> known{kUnknown};  // without a guard, as in simd_level()
  int shift = known.load(std::memory_order_relaxed);
  if (shift == kUnknown) {
    shift = chosen_shift();
    known.store(shift, std::memory_order_relaxed);
  }
  return shift;
}

size_t cache_bytes() { return static_cast<size_t>(std::ldexp(16 << 20, cache_shift())); }

size_t waiting_memory_limit() { return cache_bytes() / 2; }

void Memory::grow(size_t bytes) {
  if (bytes <= bytes_) return;
  if (data_ != nullptr) {
    bytes = std::max(bytes, bytes_ + bytes_ / 2);  // so that many steps take linear time
  } else if (bytes >= kSmall) {
    waiting.take(bytes, &data_, &bytes_);
    if (bytes <= bytes_) return;
  }
  void* grown = std::realloc(data_, bytes);
  if (grown == nullptr) throw std::bad_alloc();
  data_ = grown;
  bytes_ = bytes;
}

void Memory::trim(size_t bytes) {
  if (bytes_ - bytes <= bytes_ / 8) return;
  void* trimmed = std::realloc(data_, bytes == 0 ? 1 : bytes);
  if (trimmed == nullptr) return;
  data_ = trimmed;
  bytes_ = bytes;
}

void Memory::give_back() noexcept {
  if (bytes_ < kSmall || !waiting.give(data_, bytes_)) std::free(data_);
}

}  // namespace tokenkit
