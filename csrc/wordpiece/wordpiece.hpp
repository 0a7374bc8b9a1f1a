// Encoding and counting with a WordPiece vocabulary, as the package `tokenizers` does it.
//
// A text falls apart into words that do not depend on each other (csrc/README.md, "WordPiece"), so
// counts add up over words, and the ids of a word are kept in the tables of a Scratch, by the bytes
// of the raw text. A WordPiece is immutable; threads share it, each with a Scratch of its own.
// Texts are valid UTF-8, borrowed for the call.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "encode/words.hpp"
#include "wordpiece/chars.hpp"
#include "wordpiece/image.hpp"
#include "wordpiece/normalize.hpp"

namespace tokenkit {

class WordPiece final : public Words {
 public:
  // Borrows `image` (see WordPieceImage), which must live as long. With `normal`, texts are what
  // the normalizer made, and are only split.
  WordPiece(std::string_view image, SpecialTokens specials, bool normal = false);

  const WordPieceImage& image() const { return image_; }
  const bert::Options& options() const { return options_; }
  const bert::Kinds& kinds() const { return kinds_; }

  // As Words says.
  const TokensById& tokens() const override { return image_.tokens(); }
  const ByteTree& tree() const override { return image_.tree(); }
  bool fits(std::string_view text, size_t limit, Scratch& scratch) const override;
  void encode_section(const Section& section, size_t max_ids, Scratch& scratch,
                      IdSink& out) const override;
  size_t count_until(const Section& section, size_t limit, Scratch& scratch) const override;
  void encode_spans(std::string_view text, IdSink& ids, std::vector<Span>& spans) const override;
  void count_words(std::string_view text, Scratch& scratch, std::vector<int64_t>& ends,
                   std::vector<int64_t>& counts) const override;
  size_t split_after(std::string_view text, size_t from) const override;
  size_t settled_prefix(std::string_view text) const override;
  std::string normalized(std::string_view text) const override;

  // The number of ids of a word that was normalized.
  size_t count_normal(const bert::NormalWord& word) const;

 private:
  // What words are made in, one after the other.
  struct Maker {
    explicit Maker(const WordPiece& words) : word(words.options_, words.image_.max_chars()) {}
    bert::NormalWord word;
    std::vector<uint32_t> ids;
  };
  void make(std::string_view raw, Maker& maker) const;
  void cover(std::string_view word, std::vector<uint32_t>& ids) const;
  size_t count_one(std::string_view text, size_t start, size_t end, Scratch& scratch,
                   Maker& maker) const;
  bert::Kind kind_at(std::string_view text, size_t pos, size_t* size) const;
  size_t end_of_word(std::string_view text, size_t pos, bool* any) const;
  template <class Take>
  void scan(std::string_view text, const Take& take) const;

  WordPieceImage image_;
  bert::Options options_;
  bert::Kinds kinds_;
  std::array<uint32_t, 128> ascii_ids_;  // of words that are one character of ASCII
};

}  // namespace tokenkit
