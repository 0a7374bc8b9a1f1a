// Encoding and counting of whole texts.
//
// An Encoder is immutable; threads share it. What changes during a call is in a Scratch, one per
// running call: callers pass one, or leave it to the function to lease one. Texts are borrowed for
// the call; ids go to a sink that the caller owns.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "bpe/vocab.hpp"
#include "encode/coder.hpp"
#include "encode/scratch.hpp"
#include "encode/special.hpp"
#include "scan/pretokenizer.hpp"

namespace tokenkit {

struct Block;
struct Entries;

class Encoder final : public Coder {
 public:
  // Borrows `image` (see Vocab). Throws Error(kVocabulary).
  Encoder(std::string_view image, Family family, SpecialTokens specials);

  const Vocab& vocab() const { return vocab_; }
  const SpecialTokens& specials() const { return specials_; }
  Family family() const { return family_; }

  // All texts below are valid UTF-8. Special tokens of `allowed` become their ids, other text is
  // ordinary; nullptr allows none. Throws Error(kVocabulary) if the vocabulary lacks a byte of the
  // text. With Family::kCustom only the piece functions may be called.

  // Appends the ids of text.
  void encode(std::string_view text, const SpecialSet* allowed, Scratch& scratch,
              IdSink& out) const override;
  void encode_prefix(std::string_view text, size_t max_ids, Scratch& scratch,
                     IdSink& out) const override;
  // The number of ids, without making them.
  size_t count(std::string_view text, const SpecialSet* allowed, Scratch& scratch) const override;
  std::optional<size_t> within(std::string_view text, size_t limit,
                               Scratch& scratch) const override;
  bool fits(std::string_view text, size_t limit, Scratch& scratch) const override;
  void split(std::string_view text, size_t bytes, std::vector<size_t>& ends) const override;

  // The pieces text[ends[i - 1]..ends[i]), the first one from `start`: appends their ids. Pieces
  // may be empty; they end between characters.
  void encode_pieces(std::string_view text, size_t start, const size_t* ends, size_t n,
                     Scratch& scratch, IdSink& out) const;
  // With `each`, writes the count of every piece there, too.
  size_t count_pieces(std::string_view text, size_t start, const size_t* ends, size_t n,
                      Scratch& scratch, uint32_t* each = nullptr) const;
  // The same for one piece, which need not be valid UTF-8.
  void encode_piece(std::string_view piece, Scratch& scratch, IdSink& out) const;
  // Ends of the pieces of text, appended.
  void piece_ends(std::string_view text, std::vector<size_t>& ends) const;

  // The same for callers that have no scratch at hand: it is leased for the call.
  void encode(std::string_view text, const SpecialSet* allowed, IdSink& out) const {
    encode(text, allowed, *Lease(*this), out);
  }
  void encode_prefix(std::string_view text, size_t max_ids, IdSink& out) const {
    encode_prefix(text, max_ids, *Lease(*this), out);
  }
  size_t count(std::string_view text, const SpecialSet* allowed) const {
    return count(text, allowed, *Lease(*this));
  }
  std::optional<size_t> within(std::string_view text, size_t limit) const {
    return within(text, limit, *Lease(*this));
  }
  void encode_pieces(std::string_view text, size_t start, const size_t* ends, size_t n,
                     IdSink& out) const {
    encode_pieces(text, start, ends, n, *Lease(*this), out);
  }
  size_t count_pieces(std::string_view text, size_t start, const size_t* ends, size_t n) const {
    return count_pieces(text, start, ends, n, *Lease(*this));
  }
  void encode_piece(std::string_view piece, IdSink& out) const {
    encode_piece(piece, *Lease(*this), out);
  }

  // Appends the bytes of the ids. Throws Error(kKey) naming an id that is neither a token nor a
  // special token.
  void decode(const uint32_t* ids, size_t n, std::string& out) const;
  // The bytes of one id. Throws Error(kKey).
  std::string_view token(uint32_t id) const;

 private:
  void find_or_merge(const Block& block, IdTable& table, LongTable& long_ids,
                     Entries& entries) const;
  void encode_other(const Block& block, size_t i, Scratch& scratch, IdSink& out) const;
  void encode_ordinary(std::string_view text, Scratch& scratch, IdSink& out) const;
  size_t count_ordinary(std::string_view text, Scratch& scratch) const;
  void encode_short(const uint8_t* p, size_t n, Key key, uint64_t hash, Scratch& scratch,
                    IdSink& out) const;
  void encode_long(std::string_view text, size_t start, size_t end, Scratch& scratch,
                   IdSink& out) const;
  size_t count_long(std::string_view text, size_t start, size_t end, Scratch& scratch) const;
  void append_merged(const LongMerger& merger, size_t bytes, IdSink& out) const;
  size_t count_merged(const LongMerger& merger) const;
  size_t count_huge(const uint8_t* p, size_t n) const;
  Vocab vocab_;
  Family family_;
  ScanFunction scan_;
  SpecialTokens specials_;
};

}  // namespace tokenkit
