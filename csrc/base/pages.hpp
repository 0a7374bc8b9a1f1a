// Zeroed memory for tables, on huge pages where the system has them. A Pages object owns its memory
// and belongs to one thread at a time.
#pragma once

#include <cstddef>
#include <utility>

namespace tokenkit {

// Memory on cache-line borders, all zero, that costs nothing until it is touched. Dense ones lie on
// huge pages where the system has them (Linux): a table that is probed everywhere would otherwise
// take a page fault for every 4 KB, each of which costs as much as merging several pieces.
class Pages {
 public:
  Pages() = default;
  // With `dense`, most of it is going to be touched. Throws std::bad_alloc.
  explicit Pages(size_t bytes, bool dense = false);
  ~Pages() { free_all(); }
  Pages(Pages&& other) noexcept { swap(other); }
  Pages& operator=(Pages&& other) noexcept {
    swap(other);
    return *this;
  }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;

  void* data() const { return data_; }

 private:
  void swap(Pages& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(memory_, other.memory_);
    std::swap(mapped_, other.mapped_);
  }
  void free_all();

  void* data_ = nullptr;
  void* memory_ = nullptr;  // from malloc, or nullptr
  size_t mapped_ = 0;       // bytes mapped at data_, or 0
};

}  // namespace tokenkit
