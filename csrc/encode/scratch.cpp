#include "encode/scratch.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>

#include "encode/front_lookup.hpp"

namespace tokenkit {
namespace {

// Tables of short pieces start with 2 MB.
IdTable* new_id_table(const TableSizes& most) {
  return new IdTable(std::min(16u, most.id_bits), most.id_bits);
}
CountTable* new_count_table(const TableSizes& most) {
  return new CountTable(std::min(17u, most.count_bits), most.count_bits);
}

}  // namespace

// Short pieces: up to 8 MB for ids and 4 MB for counts, and 0.25 MB in front of each. Long ones:
// arenas of 2 MB and 1 MB, slots of 0.25 MB each. Front tables do not grow with the others, as they
// should stay in a second-level cache; they shrink faster, as an arena has room for two records.
TableSizes::TableSizes(int shift)
    : id_bits(static_cast<unsigned>(18 + shift)),
      count_bits(id_bits),
      front_bits(static_cast<unsigned>(std::clamp(14 + 2 * shift, 3, 14))),
      slot_bits(static_cast<unsigned>(16 + shift)),
      id_arena(static_cast<size_t>(std::ldexp(2 << 20, shift))),
      count_arena(id_arena / 2) {}

size_t TableSizes::bytes() const {
  return (sizeof(IdEntry) << id_bits) + (sizeof(CountEntry) << count_bits) +
         2 * (sizeof(FrontTable::Entry) << front_bits) + LongTable::bytes(slot_bits, id_arena) +
         LongTable::bytes(slot_bits, count_arena);
}

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
  if (!id_table_) id_table_.reset(new_id_table(TableSizes(cache_shift())));
  return *id_table_;
}

CountTable& Scratch::count_table() {
  if (!count_table_) count_table_.reset(new_count_table(TableSizes(cache_shift())));
  return *count_table_;
}

Scratch::Scratch() = default;
Scratch::~Scratch() = default;

FrontTable& Scratch::id_front() {
  if (!id_front_) id_front_ = std::make_unique<FrontTable>(TableSizes(cache_shift()).front_bits);
  return *id_front_;
}

FrontTable& Scratch::count_front() {
  if (!count_front_) {
    count_front_ = std::make_unique<FrontTable>(TableSizes(cache_shift()).front_bits);
  }
  return *count_front_;
}

FrontRoom& Scratch::front_room() {
  if (!front_room_) front_room_ = std::make_unique<FrontRoom>();
  return *front_room_;
}

LongTable& Scratch::long_ids() {
  if (!long_ids_) {
    const TableSizes sizes(cache_shift());
    long_ids_ = std::make_unique<LongTable>(sizes.slot_bits, sizes.id_arena);
  }
  return *long_ids_;
}

LongTable& Scratch::long_counts() {
  if (!long_counts_) {
    const TableSizes sizes(cache_shift());
    long_counts_ = std::make_unique<LongTable>(sizes.slot_bits, sizes.count_arena);
  }
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
