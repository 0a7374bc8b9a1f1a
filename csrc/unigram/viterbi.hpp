// The best way to cover a piece with tokens, as the package `tokenizers` finds it.
//
// Of all ways the one whose scores have the highest sum is taken; sums are made from the start of
// the piece, in double precision, and of equal ones the first one found stays, as in the package
// (models/unigram/model.rs, encode_optimized). Takes four bytes of memory for each byte of the
// piece, and time in proportion to its length and to that of the longest token.
//
// A Viterbi belongs to one thread; it borrows the image.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "unigram/image.hpp"

namespace tokenkit::unigram {

class Viterbi {
 public:
  explicit Viterbi(const UnigramImage& image);

  // Appends the ids of a piece, valid UTF-8, and if `ends` is given, where each ends in it: bytes
  // that stand for unknown text all end where that ends.
  void cover(std::string_view piece, std::vector<uint32_t>& ids,
             std::vector<size_t>* ends = nullptr);

 private:
  void search(std::string_view piece);
  void reach(size_t start, size_t end, double score, uint32_t id);
  void turn_around(std::string_view piece);
  size_t end_of_step(std::string_view piece, size_t pos) const;
  uint32_t id_of_step(size_t pos) const;
  void give_unknown(std::string_view text, std::vector<uint32_t>& ids) const;

  const UnigramImage* image_;
  // Of each end, the last token on the best way there, or kCharacter; then, of each start on the
  // best way, the next one.
  std::vector<uint32_t> steps_;
  std::vector<double> scores_;  // of the best ways, for the ends that are still open
  size_t mask_;
};

}  // namespace tokenkit::unigram
