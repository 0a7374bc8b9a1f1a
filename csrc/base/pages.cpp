#include "base/pages.hpp"

#include <cstdint>
#include <cstdlib>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace tokenkit {

#if defined(__linux__)
namespace {

constexpr size_t kHugePage = size_t{2} << 20;

// A zeroed mapping on a border of huge pages; nullptr if there is none to be had.
void* map_huge(size_t bytes) {
  const size_t wanted = bytes + kHugePage;
  void* p = mmap(nullptr, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) return nullptr;
  auto* start = static_cast<uint8_t*>(p);
  const size_t before = (kHugePage - reinterpret_cast<uintptr_t>(p) % kHugePage) % kHugePage;
  if (before != 0) munmap(start, before);
  munmap(start + before + bytes, kHugePage - before);
  madvise(start + before, bytes, MADV_HUGEPAGE);  // only a wish: small pages serve as well
  return start + before;
}

}  // namespace
#endif

Pages::Pages(size_t bytes, bool dense) {
#if defined(__linux__)
  if (dense && bytes % kHugePage == 0) {
    data_ = map_huge(bytes);
    if (data_ != nullptr) {
      mapped_ = bytes;
      return;
    }
  }
#endif
  (void)dense;
  memory_ = std::calloc(bytes + 63, 1);
  if (memory_ == nullptr) throw std::bad_alloc();
  const uintptr_t behind = reinterpret_cast<uintptr_t>(memory_) % 64;
  data_ = static_cast<char*>(memory_) + (behind == 0 ? 0 : 64 - behind);
}

void Pages::free_all() {
#if defined(__linux__)
  if (mapped_ != 0) munmap(data_, mapped_);
#endif
  std::free(memory_);
}

}  // namespace tokenkit
