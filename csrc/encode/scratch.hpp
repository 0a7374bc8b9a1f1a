// What changes during a call: the ids so far, and the tables of merged pieces.
//
// Scratches are kept for the next call, because their tables are worth most when they are warm. A
// scratch and a sink belong to one thread at a time; the pool may be shared.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/memory.hpp"
#include "bpe/front_table.hpp"
#include "bpe/merge.hpp"
#include "bpe/piece_table.hpp"

namespace tokenkit {

struct FrontRoom;

// A growing array of ids, whose memory can be handed over.
class IdSink {
 public:
  const uint32_t* data() const { return static_cast<const uint32_t*>(memory_.data()); }
  size_t size() const { return size_; }
  uint32_t* end() { return static_cast<uint32_t*>(memory_.data()) + size_; }

  // How many ids there is room for after end().
  size_t room() const { return memory_.bytes() / sizeof(uint32_t) - size_; }
  // Makes room for `more` ids after end().
  void reserve(size_t more) {
    if (room() >= more) return;
    memory_.grow((size_ + more) * sizeof(uint32_t));
  }
  // Says that the ids before `end` were written.
  void set_end(const uint32_t* end) { size_ = static_cast<size_t>(end - data()); }
  // Says that `count` ids were written at end(); there must be room for them.
  void advance(size_t count) { size_ += count; }
  void push(uint32_t id) {
    reserve(1);
    *end() = id;
    ++size_;
  }
  void append(const uint32_t* ids, size_t count);
  void clear() { size_ = 0; }
  void swap(IdSink& other) noexcept {
    memory_.swap(other.memory_);
    std::swap(size_, other.size_);
  }
  // Gives the ids away; nullptr when empty.
  std::shared_ptr<uint32_t> release();

 private:
  Memory memory_;
  size_t size_ = 0;
};

// How large the tables of a scratch may become, for a cache_shift().
struct TableSizes {
  explicit TableSizes(int shift);
  unsigned id_bits, count_bits, front_bits, slot_bits;
  size_t id_arena, count_arena;  // bytes
  size_t bytes() const;          // of all tables together
};

// The mutable part of one running call. Tables are made when first needed.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  IdTable& id_table();
  CountTable& count_table();
  LongTable& long_ids();
  LongTable& long_counts();
  FrontTable& id_front();
  FrontTable& count_front();
  FrontRoom& front_room();
  // Is a front table worth its memory for so much text more? To make one takes longer than it
  // spares until so many bytes were seen. Tests change how many.
  static constexpr size_t kFrontFrom = size_t{128} << 10;
  static constinit inline size_t front_from = kFrontFrom;
  bool front_pays(size_t bytes) {
    if (seen_ < front_from) seen_ += bytes;
    return seen_ >= front_from;
  }
  LongMerger& merger() { return merger_; }

 private:
  std::unique_ptr<IdTable> id_table_;
  std::unique_ptr<CountTable> count_table_;
  std::unique_ptr<LongTable> long_ids_;
  std::unique_ptr<LongTable> long_counts_;
  std::unique_ptr<FrontTable> id_front_;
  std::unique_ptr<FrontTable> count_front_;
  std::unique_ptr<FrontRoom> front_room_;
  size_t seen_ = 0;
  LongMerger merger_;
};

// Lends scratches. One waits in `fast_` without a lock, the others under waiting_mutex().
class ScratchPool {
 public:
  ScratchPool() = default;
  ~ScratchPool() { delete fast_.load(); }
  std::unique_ptr<Scratch> take();
  void give_back(std::unique_ptr<Scratch> scratch);

 private:
  std::atomic<Scratch*> fast_{nullptr};
  std::vector<std::unique_ptr<Scratch>> more_;
};

}  // namespace tokenkit
