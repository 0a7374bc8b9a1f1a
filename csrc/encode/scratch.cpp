#include "encode/scratch.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>

namespace tokenkit {
namespace {

unsigned shifted(int bits) { return static_cast<unsigned>(bits + cache_shift()); }

// The tables of a scratch. Those of short pieces start with 2 MB and grow to 8 MB for ids and 4 MB
// for counts; the slots of long ones take a quarter of a MB each, their arenas 2 MB and 1 MB.
IdTable* new_id_table() { return new IdTable(std::min(16u, shifted(18)), shifted(18)); }
CountTable* new_count_table() { return new CountTable(std::min(17u, shifted(18)), shifted(18)); }
LongTable* new_long_table(size_t arena_megabytes) {
  const auto bytes = static_cast<double>(arena_megabytes << 20);
  return new LongTable(shifted(15), static_cast<size_t>(std::ldexp(bytes, cache_shift())));
}

}  // namespace

void IdSink::append(const uint32_t* ids, size_t count) {
  if (count == 0) return;
  reserve(count);
  std::memcpy(end(), ids, count * sizeof(uint32_t));
  advance(count);
}

std::shared_ptr<uint32_t> IdSink::release() {
  if (size_ == 0) return nullptr;
  memory_.trim(size_ * sizeof(uint32_t));
  const auto owner = std::make_shared<Memory>(std::move(memory_));
  size_ = 0;
  return {owner, static_cast<uint32_t*>(owner->data())};
}

IdTable& Scratch::id_table() {
  if (!id_table_) id_table_.reset(new_id_table());
  return *id_table_;
}

CountTable& Scratch::count_table() {
  if (!count_table_) count_table_.reset(new_count_table());
  return *count_table_;
}

LongTable& Scratch::long_ids() {
  if (!long_ids_) long_ids_.reset(new_long_table(2));
  return *long_ids_;
}

LongTable& Scratch::long_counts() {
  if (!long_counts_) long_counts_.reset(new_long_table(1));
  return *long_counts_;
}

std::unique_ptr<Scratch> ScratchPool::take() {
  if (Scratch* waiting = fast_.exchange(nullptr, std::memory_order_acquire)) {
    return std::unique_ptr<Scratch>(waiting);
  }
  std::lock_guard<std::mutex> lock(waiting_mutex());
  if (more_.empty()) return std::make_unique<Scratch>();
  std::unique_ptr<Scratch> last = std::move(more_.back());
  more_.pop_back();
  return last;
}

void ScratchPool::give_back(std::unique_ptr<Scratch> scratch) {
  Scratch* expected = nullptr;
  if (fast_.compare_exchange_strong(expected, scratch.get(), std::memory_order_release,
                                    std::memory_order_relaxed)) {
    static_cast<void>(scratch.release());  // the pool owns it now
    return;
  }
  std::lock_guard<std::mutex> lock(waiting_mutex());
  try {
    more_.push_back(std::move(scratch));
  } catch (const std::bad_alloc&) {
    // It is freed: the end of a call must not throw.
  }
}

}  // namespace tokenkit
