// What batches, columns and counters ask of whatever turns texts into ids.
//
// A Coder is immutable; threads share it, each with a Scratch of its own. Texts are valid UTF-8,
// borrowed for the call.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
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
  // The ids of what follows a part that split() made: nothing is put before it.
  virtual void encode_rest(std::string_view text, Scratch& scratch, IdSink& out) const {
    encode(text, nullptr, scratch, out);
  }
  virtual size_t count_rest(std::string_view text, Scratch& scratch) const {
    return count(text, nullptr, scratch);
  }
  // The number of ids, without making them.
  virtual size_t count(std::string_view text, const SpecialSet* allowed,
                       Scratch& scratch) const = 0;
  // The numbers of ids of n texts, of which none is allowed a special token.
  virtual void count_all(const std::string_view* texts, size_t n, Scratch& scratch,
                         int64_t* counts) const {
    for (size_t i = 0; i < n; ++i) {
      counts[i] = static_cast<int64_t>(count(texts[i], nullptr, scratch));
    }
  }
  // Appends the ids of n texts, and writes how many the sink has after each.
  virtual void encode_all(const std::string_view* texts, size_t n, Scratch& scratch, IdSink& out,
                          size_t* ends) const {
    for (size_t i = 0; i < n; ++i) {
      encode(texts[i], nullptr, scratch, out);
      ends[i] = out.size();
    }
  }
  // Appends at least the first `max_ids` ids, or all, and stops soon after.
  virtual void encode_prefix(std::string_view text, size_t max_ids, Scratch& scratch,
                             IdSink& out) const = 0;
  // The number of ids if it is at most `limit`; stops soon after the limit is passed.
  virtual std::optional<size_t> within(std::string_view text, size_t limit,
                                       Scratch& scratch) const = 0;
  // As within(), but for texts that need no look.
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

// The same for callers that have no scratch at hand: it is leased for the call.
inline void encode_text(const Coder& coder, std::string_view text, const SpecialSet* allowed,
                        IdSink& out) {
  coder.encode(text, allowed, *Coder::Lease(coder), out);
}
inline void encode_prefix(const Coder& coder, std::string_view text, size_t max_ids, IdSink& out) {
  coder.encode_prefix(text, max_ids, *Coder::Lease(coder), out);
}
inline size_t count_text(const Coder& coder, std::string_view text, const SpecialSet* allowed) {
  return coder.count(text, allowed, *Coder::Lease(coder));
}
inline std::optional<size_t> count_within(const Coder& coder, std::string_view text, size_t limit) {
  return coder.within(text, limit, *Coder::Lease(coder));
}

}  // namespace tokenkit
