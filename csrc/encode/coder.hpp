// What batches, columns and counters ask of whatever turns texts into ids.
//
// A Coder is immutable; threads share it, each with a Scratch of its own. Texts are valid UTF-8,
// borrowed for the call.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "encode/scratch.hpp"
#include "encode/special.hpp"

namespace tokenkit {

class Coder {
 public:
  Coder() = default;
  virtual ~Coder() = default;
  Coder(const Coder&) = delete;
  Coder& operator=(const Coder&) = delete;

  // Appends the ids of a text. Special tokens of `allowed` become their ids, other text is
  // ordinary; nullptr allows none.
  virtual void encode(std::string_view text, const SpecialSet* allowed, Scratch& scratch,
                      IdSink& out) const = 0;
  // The number of ids, without making them.
  virtual size_t count(std::string_view text, const SpecialSet* allowed,
                       Scratch& scratch) const = 0;
  // Is the number of ids at most `limit`?
  virtual bool fits(std::string_view text, size_t limit, Scratch& scratch) const = 0;
  // Splits a text into parts of about `bytes` bytes that together have the ids of the whole, and
  // appends the ends of the parts. Where a text cannot be split, a part is longer.
  virtual void split(std::string_view text, size_t bytes, std::vector<size_t>& ends) const = 0;

  // A scratch for the duration of one call; goes back to the pool by itself.
  class Lease {
   public:
    explicit Lease(const Coder& coder) : pool_(coder.scratches_), scratch_(pool_.take()) {}
    ~Lease() { pool_.give_back(std::move(scratch_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Scratch& operator*() { return *scratch_; }

   private:
    ScratchPool& pool_;
    std::unique_ptr<Scratch> scratch_;
  };

 private:
  mutable ScratchPool scratches_;
};

}  // namespace tokenkit
