// Slow twins of the fast paths, written to be trusted by reading: each does what the definition
// says, step by step, and shares nothing with the code under test but the Unicode classes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bpe/vocab_build.hpp"
#include "encode/reading.hpp"
#include "encode/spans.hpp"
#include "encode/special.hpp"
#include "scan/pretokenizer.hpp"

namespace tokenkit::test {

using Tokens = std::vector<std::pair<std::string, uint32_t>>;
using Ranks = std::unordered_map<std::string, uint32_t>;

// Ends of the pieces of valid UTF-8: the published pattern of the family, matched with
// backtracking.
std::vector<size_t> reference_piece_ends(Family family, std::string_view text);

// BPE of one piece as tiktoken defines it: while two adjacent parts joined are a token, the two of
// lowest rank, the leftmost of equals, are joined. Bytes that are not a token may remain.
std::vector<std::string> reference_merge(const Ranks& ranks, std::string_view piece);

struct ReferenceIds {
  std::vector<uint32_t> ids;
  bool complete = true;  // false if a byte remained that is not a token; then ids mean nothing
};

// The ids of one piece: a piece that is a token is that token, merged or not.
void reference_encode_piece(const Ranks& ranks, std::string_view piece, ReferenceIds* out);

// How pieces are encoded.
using PieceRule = std::function<void(std::string_view piece, ReferenceIds* out)>;

// reference_encode_piece() with these ranks, which must outlive the rule.
PieceRule rank_rule(const Ranks& ranks);

// BPE with a list of merges (MergeList): of all adjacent pairs that are in the list, the one that
// comes first there is joined, the leftmost of equals, until there is none.
PieceRule list_rule(const Tokens& tokens, const MergeList& list);

// Pieces that were encoded before, by the same rule.
using ReferencePieces = std::unordered_map<std::string, ReferenceIds>;

// The ids of a text. Special tokens of `allowed` become their ids; nullptr allows none. With
// `known`, no piece is encoded twice.
ReferenceIds reference_encode(const PieceRule& rule, Family family, std::string_view text,
                              const SpecialTokens& specials, const SpecialSet* allowed,
                              ReferencePieces* known = nullptr);

// The same for a text that is read so: behind the space that is put before it, and with the added
// tokens of `reading`, given once more in `added`, found in what the special tokens leave.
ReferenceIds reference_read(const PieceRule& rule, Family family, std::string_view text,
                            const Reading& reading, const SpecialTokens& added,
                            const SpecialTokens& specials, const SpecialSet* allowed,
                            ReferencePieces* known = nullptr);
// What is put before a text.
std::string reference_lead(Lead lead, std::string_view text);

// The first special token of `among` at or after pos, the longest one there: every place and every
// token is tried.
SpecialTokens::Match reference_find_special(const SpecialTokens& specials, std::string_view text,
                                            size_t pos, const SpecialSet& among);

// (start, end) of each token, given the bytes of the tokens, which joined are `text`.
std::vector<int64_t> reference_spans(const std::vector<std::string>& tokens, SpanUnit unit);

}  // namespace tokenkit::test
