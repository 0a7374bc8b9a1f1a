// Encoding and counting of whole texts.
//
// An Encoder is immutable; threads share it. What changes during a call is in a Scratch, one per
// running call: callers pass one, or leave it to the function to lease one. Texts are borrowed for
// the call; ids go to a sink that the caller owns.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bpe/front_table.hpp"
#include "bpe/vocab.hpp"
#include "encode/coder.hpp"
#include "encode/reading.hpp"
#include "encode/scratch.hpp"
#include "encode/special.hpp"
#include "scan/pretokenizer.hpp"

namespace tokenkit {

struct FrontRoom;

class Encoder final : public Coder {
 public:
  // Borrows `image` (see Vocab). Throws Error(kVocabulary), and Error(kValue) for a space before
  // texts with a family that is not kUnsplit.
  Encoder(std::string_view image, Family family, SpecialTokens specials, Reading reading = {});

  const Vocab& vocab() const { return vocab_; }
  const SpecialTokens& specials() const { return specials_; }
  Family family() const { return family_; }
  const Reading& reading() const { return reading_; }

  // Is a space put before this text?
  bool leads(std::string_view text) const {
    return reading_.lead != Lead::kNowhere && !text.empty() &&
           (reading_.lead == Lead::kAlways || text[0] != ' ');
  }
  // Bytes of text that a token may stand for.
  size_t max_token_size() const {
    return std::max<size_t>(vocab_.max_token_size(), reading_.added.longest());
  }

  // All texts below are valid UTF-8. Special tokens of `allowed` become their ids, other text is
  // ordinary; nullptr allows none, and is all that may be said where a space is put before texts.
  // Throws Error(kVocabulary) if the vocabulary lacks a byte of the text. With Family::kCustom only
  // the piece functions may be called.

  // Appends the ids of text.
  void encode(std::string_view text, const SpecialSet* allowed, Scratch& scratch,
              IdSink& out) const override;
  void encode_prefix(std::string_view text, size_t max_ids, Scratch& scratch,
                     IdSink& out) const override;
  // The number of ids, without making them.
  size_t count(std::string_view text, const SpecialSet* allowed, Scratch& scratch) const override;
  std::optional<size_t> within(std::string_view text, size_t limit,
                               Scratch& scratch) const override;
  // The same for what count_rest() takes.
  std::optional<size_t> within_rest(std::string_view text, size_t limit, Scratch& scratch) const;
  bool fits(std::string_view text, size_t limit, Scratch& scratch) const override;
  void encode_rest(std::string_view text, Scratch& scratch, IdSink& out) const override;
  size_t count_rest(std::string_view text, Scratch& scratch) const override;
  void count_all(const std::string_view* texts, size_t n, Scratch& scratch,
                 int64_t* counts) const override;
  void encode_all(const std::string_view* texts, size_t n, Scratch& scratch, IdSink& out,
                  size_t* ends) const override;
  void split(std::string_view text, size_t bytes, std::vector<size_t>& ends) const override;
  // As settled_prefix() of encode/split.hpp, for a place behind `from`; `from` if it finds none.
  size_t settled(std::string_view text, size_t from = 0) const;

  // As ScanFunction: the ends of the pieces that follow `pos`, of which added tokens are some.
  size_t scan(std::string_view text, size_t pos, size_t* ends, size_t capacity) const {
    return reading_.added.empty() ? scan_(text, pos, ends, capacity)
                                  : scan_between(text, pos, ends, capacity);
  }
  // The same encoder for texts in which it finds no added tokens, nor in parts of them: one that
  // looks for none, if that is so.
  const Encoder& reader_of(std::string_view text) const {
    return without_added_ != nullptr && !reading_.added.find(text, 0).found() ? *without_added_
                                                                              : *this;
  }
  bool is_added(std::string_view piece) const { return reading_.added.id_of(piece) != nullptr; }

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
  static constexpr size_t kFrontedFrom = 96;  // bytes; below, the front table does not pay

  template <class Block, class Entries>
  uint32_t* encode_other(const Block& block, size_t i, Entries& entries, uint32_t* next,
                         size_t more, Scratch& scratch, IdSink& out) const;
  template <class Block>
  void encode_missing(const Block& block, size_t i, const IdEntry& entry, Scratch& scratch,
                      IdSink& out) const;
  template <class Block, class Counts>
  void count_others(const Block& block, Scratch& scratch, Counts& counts) const;
  // Whether text[pos..) is worth the front table. Then its ids, and their number.
  bool is_fronted(std::string_view text, size_t pos, Scratch& scratch) const {
    const size_t bytes = text.size() - pos;
    return keyed_scan_ != nullptr && bytes >= kFrontedFrom && scratch.front_pays(bytes);
  }
  void encode_fronted(std::string_view text, size_t pos, Scratch& scratch, IdSink& out) const;
  void append_fronted(FrontRoom& room, Scratch& scratch, IdSink& out) const;
  size_t count_fronted(std::string_view text, size_t pos, Scratch& scratch) const;
  bool takes_together(std::string_view text) const;
  template <class Single, class Grouped>
  void by_size(const std::string_view* texts, size_t n, bool in_order, const Single& single,
               const Grouped& grouped) const;
  size_t scan_between(std::string_view text, size_t pos, size_t* ends, size_t capacity) const;
  size_t plain_pieces(std::string_view text, size_t start, const size_t* ends, size_t n) const;
  template <class Take>
  void encode_each(std::string_view text, size_t start, const size_t* ends, size_t n,
                   Scratch& scratch, IdSink& out, const Take& take) const;
  // With `each`, writes how many ids every piece has there, too.
  void encode_plain(std::string_view text, size_t start, const size_t* ends, size_t n,
                    Scratch& scratch, IdSink& out, uint32_t* each = nullptr) const;
  size_t count_plain(std::string_view text, size_t start, const size_t* ends, size_t n,
                     Scratch& scratch, uint32_t* each = nullptr) const;
  template <class Take>
  void scan_blocks(std::string_view text, size_t pos, const Take& take) const;
  std::string led_head(std::string_view text) const;
  void refuse_led() const;
  void encode_from(std::string_view text, size_t pos, Scratch& scratch, IdSink& out) const;
  size_t count_from(std::string_view text, size_t pos, Scratch& scratch) const;
  std::optional<size_t> within_from(std::string_view text, size_t pos, size_t total, size_t limit,
                                    Scratch& scratch) const;
  void encode_short(const uint8_t* p, size_t n, Key key, uint64_t hash, Scratch& scratch,
                    IdSink& out) const;
  void encode_long(std::string_view text, size_t start, size_t end, uint64_t hash, Scratch& scratch,
                   IdSink& out) const;
  size_t count_long(std::string_view text, size_t start, size_t end, uint64_t hash,
                    Scratch& scratch) const;
  void append_merged(const LongMerger& merger, size_t bytes, IdSink& out) const;
  size_t count_merged(const LongMerger& merger) const;
  size_t count_huge(const uint8_t* p, size_t n) const;
  Vocab vocab_;
  Family family_;
  ScanFunction scan_;
  KeyedScan keyed_scan_;  // nullptr where the front table does not pay
  const FrontKernel* front_;
  bool segmented_;  // whether whole texts are read in segments (segments.hpp)
  SpecialTokens specials_;
  Reading reading_;
  std::unique_ptr<const Encoder> without_added_;
};

}  // namespace tokenkit
