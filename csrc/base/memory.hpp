// Memory for results and for text that is being encoded.
//
// Large blocks that are freed are kept for the next call: new memory from the system costs a page
// fault for every 4 KB, together up to a quarter of the time of encoding a text whose pieces are
// known. A Memory belongs to one thread at a time; the kept blocks are shared, behind
// waiting_mutex().
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>

namespace tokenkit {

// What TOKENKIT_CACHE_MB allows the tables of one thread: 16 MB if it is not set, or the largest
// 2**k times that, -7 <= k <= 6, that is not more. Results never depend on it.
size_t cache_bytes();
int cache_shift();  // k

// Owns a block from malloc().
class Memory {
 public:
  Memory() = default;
  ~Memory() { give_back(); }
  Memory(Memory&& other) noexcept { swap(other); }
  Memory& operator=(Memory&& other) noexcept {
    swap(other);
    return *this;
  }

  void* data() const { return data_; }
  size_t bytes() const { return bytes_; }

  // Makes the block hold at least `bytes`, and keeps what is in it; what grows again gets half as
  // much more at least. Throws std::bad_alloc.
  void grow(size_t bytes);
  // Gives what is behind `bytes` back to the system, where that is worth it.
  void trim(size_t bytes);
  void swap(Memory& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
  }

 private:
  void give_back() noexcept;

  void* data_ = nullptr;
  size_t bytes_ = 0;
};

// What may wait in all, in a process: half of what the tables of a thread may take.
size_t waiting_memory_limit();

// Guards all that waits for its next use: blocks here, scratches in their pools. A fork() takes it
// first, so that no child finds it locked for good by a thread that the child does not have.
std::mutex& waiting_mutex();

}  // namespace tokenkit
