// Ids that several threads make, in shares, joined in the order of the shares.
//
// What a thread has made is copied to its place as soon as all shares before it are counted, while
// it is still in the thread's cache; the memory of all ids is touched once. Threads do not wait for
// each other: shares without a place stay with their thread until the next one, or until finish().
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <shared_mutex>
#include <vector>

#include "encode/scratch.hpp"

namespace tokenkit {

class JoinedIds {
 public:
  // What one thread has made, and which shares of it have no place yet.
  struct Made {
    struct Share {
      size_t number, start;  // of its ids in the sink
    };
    IdSink sink;
    std::vector<Share> waiting;
  };

  // Ids are appended to `out`, which nobody else uses meanwhile. Shares have `bytes` of text in
  // all.
  JoinedIds(IdSink& out, size_t shares, size_t bytes)
      : out_(out), bytes_(bytes), counts_(shares, kNotMade), starts_(shares + 1) {}

  // Says that the ids of a share of so many bytes are in made.sink from `start` on. Several threads
  // may call it, each with its own `made`.
  void add(Made& made, size_t number, size_t start, size_t bytes);
  // When all shares are added, and all threads have ended: places what is left.
  void finish(std::vector<Made>& made);

  // Of a share, behind what `out` had: known once finish() has returned.
  size_t start_of(size_t number) const { return starts_[number]; }

 private:
  static constexpr size_t kNotMade = SIZE_MAX;

  void count(size_t number, size_t count, size_t bytes);
  void place(Made& made);

  IdSink& out_;
  size_t bytes_, bytes_made_ = 0, ids_made_ = 0;
  std::vector<size_t> counts_;
  std::vector<size_t> starts_;
  size_t settled_ = 0;  // shares before this one have all been counted
  // Held alone while numbers change or `out` grows, and together while ids are copied there.
  std::shared_mutex mutex_;
};

}  // namespace tokenkit
