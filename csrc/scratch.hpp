// What changes while text is walked: ids under way, and the tables of merged pieces.
//
// Scratches are kept for the next call, because their tables are worth most when they are warm.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "merge.hpp"
#include "piece_table.hpp"

namespace tokenkit {

// A growing array of ids; the memory can be handed over to the caller, who frees it with free().
class IdSink {
 public:
  IdSink() = default;
  ~IdSink() { std::free(data_); }
  IdSink(const IdSink&) = delete;
  IdSink& operator=(const IdSink&) = delete;

  const uint32_t* data() const { return data_; }
  size_t size() const { return size_; }
  uint32_t* end() { return data_ + size_; }

  // Makes room for `more` ids after end().
  void reserve(size_t more) {
    if (capacity_ - size_ < more) grow(more);
  }
  // Says that the ids before `end` were written.
  void set_end(const uint32_t* end) { size_ = static_cast<size_t>(end - data_); }
  // Says that `count` ids were written at end(); there must be room for them.
  void advance(size_t count) { size_ += count; }
  void push(uint32_t id) {
    reserve(1);
    data_[size_++] = id;
  }
  void append(const uint32_t* ids, size_t count);
  void clear() { size_ = 0; }
  void swap(IdSink& other) {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }
  // Gives the memory away, trimmed to its size; nullptr when empty.
  uint32_t* release();

 private:
  void grow(size_t more);

  uint32_t* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

// The mutable part of one running call. Tables are made when first needed.
class Scratch {
 public:
  IdTable& id_table();
  CountTable& count_table();
  LongTable& long_ids();
  LongTable& long_counts();
  LongMerger& merger() { return merger_; }

 private:
  std::unique_ptr<IdTable> id_table_;
  std::unique_ptr<CountTable> count_table_;
  std::unique_ptr<LongTable> long_ids_;
  std::unique_ptr<LongTable> long_counts_;
  LongMerger merger_;
};

// Lends scratches. One waits in `fast_` without a lock, the others under the mutex.
class ScratchPool {
 public:
  ScratchPool() = default;
  ~ScratchPool() { delete fast_.load(); }
  std::unique_ptr<Scratch> take();
  void give_back(std::unique_ptr<Scratch> scratch);

 private:
  std::atomic<Scratch*> fast_{nullptr};
  std::mutex mutex_;
  std::vector<std::unique_ptr<Scratch>> more_;
};

}  // namespace tokenkit
