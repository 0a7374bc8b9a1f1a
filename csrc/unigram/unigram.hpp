// Encoding and counting with a Unigram vocabulary, as the package `tokenizers` does it.
//
// A word is what stands between two cuts: single spaces between characters that stay characters
// (csrc/README.md, "Unigram"). Where the steps do not allow that, a section is one word. The ids
// of short words are kept in the tables of a Scratch, by the bytes of the raw text. A Unigram is
// immutable; threads share it, each with a Scratch of its own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "encode/words.hpp"
#include "unigram/image.hpp"

namespace tokenkit {

class Unigram final : public Words {
 public:
  // Which texts it is given: raw ones, or sections that the normalizer made.
  struct Given {
    bool normal = false;  // the normalizer is left out
    bool later = false;   // no section is the first of its text
  };

  // Borrows `image` (see UnigramImage), which must live as long.
  Unigram(std::string_view image, SpecialTokens specials, Given given);
  Unigram(std::string_view image, SpecialTokens specials)
      : Unigram(image, std::move(specials), Given{}) {}

  const UnigramImage& image() const { return image_; }

  // As Words says.
  const TokensById& tokens() const override { return image_.tokens(); }
  const ByteTree& tree() const override { return image_.tree(); }
  void encode_section(const Section& section, size_t max_ids, Scratch& scratch,
                      IdSink& out) const override;
  size_t count_until(const Section& section, size_t limit, Scratch& scratch) const override;
  void encode_spans(std::string_view text, IdSink& ids, std::vector<Span>& spans) const override;
  void count_words(std::string_view text, Scratch& scratch, std::vector<int64_t>& ends,
                   std::vector<int64_t>& counts) const override;
  size_t split_after(std::string_view text, size_t from) const override;
  size_t settled_prefix(std::string_view text) const override;
  std::string normalized(std::string_view text) const override;

 private:
  struct Maker;
  // What a character may be to a cut.
  enum class Side : uint8_t { kOther, kSpace, kFirm };

  bool is_firm(uint32_t cp) const;
  bool is_cut(std::string_view text, size_t pos) const;
  bool is_seldom_cut(std::string_view text, size_t pos) const;
  size_t next_cut(std::string_view text, size_t pos) const;
  // Is it the first word of a text?
  bool is_led(const Section& section, size_t start) const {
    return start == 0 && section.first && !given_.later;
  }
  // Does a word that starts there have other ids elsewhere?
  bool depends_on_place(size_t start) const {
    return start == 0 && image_.splits().lead == unigram::Lead::kFirst;
  }
  template <class Take>
  void count_each(const Section& section, Scratch& scratch, const Take& take) const;
  void find_loose();

  UnigramImage image_;
  Given given_;
  bool has_cuts_;
  std::vector<unigram::Step> steps_;  // those that are taken
  std::array<Side, 128> sides_;
  std::vector<uint32_t> loose_;  // characters that may become something with a space at an end
};

}  // namespace tokenkit
