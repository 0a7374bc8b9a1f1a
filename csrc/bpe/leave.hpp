// From the ranks of merged tokens to the ids that leave csrc.
//
// Most vocabularies are plain(): their ranks are their ids, and nothing is done. Else a rank has an
// id of its own, or stands for bytes without a token: these leave as the tokens of single bytes if
// the vocabulary has those. Functions without state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/error.hpp"
#include "bpe/merge.hpp"
#include "bpe/vocab.hpp"

namespace tokenkit {

// The first rank that stands for a byte without a token, kNone if there is none.
inline uint32_t first_lacking(const Vocab& vocab, const uint32_t* ranks, size_t n) {
  if (vocab.complete()) return kNone;
  for (size_t i = 0; i < n; ++i) {
    if (vocab.id_of(ranks[i]) >= vocab.public_ids()) return ranks[i];
  }
  return kNone;
}

// Throws Error(kVocabulary) that names the byte that a rank begins with.
[[noreturn]] inline void refuse_lacking(const Vocab& vocab, uint32_t rank) {
  static const char* digits = "0123456789abcdef";
  const std::string_view bytes = vocab.token(vocab.id_of(rank));
  const auto byte = static_cast<uint8_t>(bytes.empty() ? 0 : bytes[0]);
  throw Error(ErrorKind::kVocabulary, std::string("the text holds byte 0x") + digits[byte >> 4] +
                                          digits[byte & 15] +
                                          ", which this vocabulary has no token for");
}

// The number of ids that leave for some ranks, of which none is lacking.
inline size_t count_leaving(const Vocab& vocab, const uint32_t* ranks, size_t n) {
  if (!vocab.has_internal()) return n;
  size_t count = 0;
  for (size_t i = 0; i < n; ++i) {
    const uint32_t id = vocab.id_of(ranks[i]);
    count += id < vocab.public_ids() ? 1 : vocab.token(id).size();
  }
  return count;
}

// Writes the ids that leave, at most `room` of them, and returns how many; a piece has at most as
// many as bytes. Throws as refuse_lacking().
inline size_t leave(const Vocab& vocab, const uint32_t* ranks, size_t n, uint32_t* out,
                    size_t room) {
  size_t count = 0;
  for (size_t i = 0; i < n && count < room; ++i) {
    const uint32_t id = vocab.id_of(ranks[i]);
    if (id < vocab.public_ids()) {
      out[count++] = id;
      continue;
    }
    if (!vocab.complete()) refuse_lacking(vocab, ranks[i]);
    for (const char c : vocab.token(id)) {
      if (count < room) out[count++] = vocab.byte_token(static_cast<uint8_t>(c));
    }
  }
  return count;
}

// The same for merged pieces, in place.
inline void leave_batch(const Vocab& vocab, ShortPiece* pieces, size_t count) {
  for (size_t k = 0; k < count; ++k) {
    ShortPiece& piece = pieces[k];
    uint32_t ids[kShortMax];
    piece.count = static_cast<uint32_t>(leave(vocab, piece.ids, piece.count, ids, piece.size));
    for (size_t i = 0; i < piece.count; ++i) piece.ids[i] = ids[i];
  }
}

}  // namespace tokenkit
