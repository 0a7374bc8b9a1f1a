// An encoder behind the first steps of a tokenizer.json: some tokens are always found in a text,
// and what is between them is put in NFC.
//
// Immutable; threads share it. The encoder must live as long.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "encode/encoder.hpp"

namespace tokenkit {

class SteppedEncoder final : public Coder {
 public:
  // The special tokens `always` become their ids in every text; with `nfc`, other text is
  // normalized, section by section.
  SteppedEncoder(const Encoder& encoder, SpecialSet always, bool nfc);

  const Encoder& encoder() const { return encoder_; }
  bool nfc() const { return nfc_; }

  // As Coder says; `allowed` must hold all that are always found.
  void encode(std::string_view text, const SpecialSet* allowed, Scratch& scratch,
              IdSink& out) const override;
  void encode_prefix(std::string_view text, size_t max_ids, Scratch& scratch,
                     IdSink& out) const override;
  size_t count(std::string_view text, const SpecialSet* allowed, Scratch& scratch) const override;
  std::optional<size_t> within(std::string_view text, size_t limit,
                               Scratch& scratch) const override;
  bool fits(std::string_view text, size_t limit, Scratch& scratch) const override;
  void split(std::string_view text, size_t bytes, std::vector<size_t>& ends) const override;

  // The first token that is always found at or after `pos`.
  SpecialTokens::Match find(std::string_view text, size_t pos) const;
  // Bytes of the longest such token.
  size_t longest() const { return longest_; }

 private:
  const Encoder& encoder_;
  SpecialSet always_;
  size_t longest_ = 0;
  bool nfc_;
};

}  // namespace tokenkit
