#include "encode/joined_ids.hpp"

#include <algorithm>

namespace tokenkit {

void JoinedIds::add(Made& made, size_t number, size_t start, size_t bytes) {
  count(number, made.sink.size() - start, bytes);
  made.waiting.push_back({number, start});
  place(made);
}

void JoinedIds::finish(std::vector<Made>& made) {
  for (Made& one : made) place(one);
  out_.advance(starts_[settled_]);
}

void JoinedIds::count(size_t number, size_t count, size_t bytes) {
  std::lock_guard<std::shared_mutex> lock(mutex_);
  counts_[number] = count;
  ids_made_ += count;
  bytes_made_ += bytes;
  for (; settled_ < counts_.size() && counts_[settled_] != kNotMade; ++settled_) {
    starts_[settled_ + 1] = starts_[settled_] + counts_[settled_];
  }
  // As many as all will be, if the others have as many for each byte: most often it grows once.
  const double density = static_cast<double>(ids_made_) / static_cast<double>(bytes_made_ + 1);
  const auto all = static_cast<size_t>(1.02 * density * static_cast<double>(bytes_));
  if (out_.room() < starts_[settled_]) out_.reserve(std::max(starts_[settled_], all));
}

void JoinedIds::place(Made& made) {
  std::shared_lock<std::shared_mutex> lock(mutex_);
  auto share = made.waiting.begin();
  for (; share != made.waiting.end() && share->number < settled_; ++share) {
    std::copy_n(made.sink.data() + share->start, counts_[share->number],
                out_.end() + starts_[share->number]);
  }
  made.waiting.erase(made.waiting.begin(), share);
  if (made.waiting.empty()) made.sink.clear();
}

}  // namespace tokenkit
