// A coder whose texts fall apart into words: parts whose ids do not depend on each other.
//
// Special tokens are found in the raw text, and no word crosses them; what stands between them is a
// section. Immutable; threads share it, each with a Scratch of its own. Texts are valid UTF-8,
// borrowed for the call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "encode/coder.hpp"
#include "tokens/byte_tree.hpp"
#include "tokens/tokens_by_id.hpp"

namespace tokenkit {

class Words : public Coder {
 public:
  static constexpr size_t kAll = static_cast<size_t>(-1);

  explicit Words(SpecialTokens specials) : specials_(std::move(specials)) {}

  const SpecialTokens& specials() const { return specials_; }
  virtual const TokensById& tokens() const = 0;
  // The tokens by their bytes.
  virtual const ByteTree& tree() const = 0;

  // As Coder says.
  void encode(std::string_view text, const SpecialSet* allowed, Scratch& scratch,
              IdSink& out) const final;
  size_t count(std::string_view text, const SpecialSet* allowed, Scratch& scratch) const final;
  bool fits(std::string_view text, size_t limit, Scratch& scratch) const override;
  void encode_prefix(std::string_view text, size_t max_ids, Scratch& scratch,
                     IdSink& out) const final;
  std::optional<size_t> within(std::string_view text, size_t limit, Scratch& scratch) const final;
  void split(std::string_view text, size_t bytes, std::vector<size_t>& ends) const final;

  // A section: `first` says that the text begins with it.
  struct Section {
    std::string_view text;
    bool first = true;
  };
  // Appends at least the first `max_ids` ids, or all.
  virtual void encode_section(const Section& section, size_t max_ids, Scratch& scratch,
                              IdSink& out) const = 0;
  // The number of ids, of all words up to the one that takes it over `limit`.
  virtual size_t count_until(const Section& section, size_t limit, Scratch& scratch) const = 0;

  // Where an id stands, in bytes of the text: from the first character that it covers to the last.
  struct Span {
    size_t start, end;
  };
  // Appends the ids of a text and where each stands.
  virtual void encode_spans(std::string_view text, IdSink& ids, std::vector<Span>& spans) const = 0;

  // The words of a text that have ids: appends where each ends, in bytes, and how many ids it has.
  virtual void count_words(std::string_view text, Scratch& scratch, std::vector<int64_t>& ends,
                           std::vector<int64_t>& counts) const = 0;

  // An offset in (0, size) at or behind `from` where a text can be split: its parts have the ids of
  // the whole, whatever stands before and behind it. npos if there is none.
  virtual size_t split_after(std::string_view text, size_t from) const = 0;
  // How many bytes at the start of a text have the same ids whatever follows, up to an offset near
  // the end; 0 if none is found.
  virtual size_t settled_prefix(std::string_view text) const = 0;

  // What the steps before the model make of a text.
  virtual std::string normalized(std::string_view text) const = 0;

 private:
  SpecialTokens specials_;
};

}  // namespace tokenkit
