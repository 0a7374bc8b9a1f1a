#include "unigram/viterbi.hpp"

#include <algorithm>
#include <bit>

#include "text/utf8.hpp"

namespace tokenkit::unigram {
namespace {

constexpr uint32_t kNotReached = 0xFFFFFFFFu;
constexpr uint32_t kCharacter = 0xFFFFFFFEu;  // one that no token covers
constexpr size_t kLongestCharacter = 4;

size_t char_size(char lead) {
  const auto byte = static_cast<uint8_t>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

}  // namespace

Viterbi::Viterbi(const UnigramImage& image) : image_(&image) {
  scores_.resize(std::bit_ceil(std::max(image.tokens().longest(), kLongestCharacter) + 1));
  mask_ = scores_.size() - 1;
}

inline void Viterbi::reach(size_t start, size_t end, double score, uint32_t id) {
  const double sum = score + scores_[start & mask_];
  if (steps_[end] != kNotReached && !(sum > scores_[end & mask_])) return;
  scores_[end & mask_] = sum;
  steps_[end] = id;
}

// Finds the best way to each end.
void Viterbi::search(std::string_view piece) {
  const ByteTree& tree = image_->tree();
  const double unknown = image_->unknown_score();
  steps_.assign(piece.size() + 1, kNotReached);
  scores_[0] = 0;
  for (size_t start = 0; start < piece.size();) {
    const size_t character = std::min(char_size(piece[start]), piece.size() - start);
    bool covered = false;
    uint32_t node = image_->first_node(static_cast<uint8_t>(piece[start]));
    for (size_t end = start + 1; node != ByteTree::kNone;) {
      const uint32_t id = tree.number(node);
      if (id != ByteTree::kNone) {
        reach(start, end, image_->score(id), id);
        covered |= end - start == character;
      }
      if (end == piece.size()) break;
      node = tree.child(node, static_cast<uint8_t>(piece[end++]));
    }
    if (!covered) reach(start, start + character, unknown, kCharacter);
    start += character;
  }
}

// Leads the best way from its start to its end.
void Viterbi::turn_around(std::string_view piece) {
  size_t end = piece.size();
  uint32_t step = steps_[end];
  while (end > 0) {
    size_t start = end - 1;
    if (step == kCharacter) {
      while (is_continuation(static_cast<uint8_t>(piece[start]))) --start;
    } else {
      start = end - image_->tokens().token_at(step).size();
    }
    const uint32_t before = steps_[start];
    steps_[start] = step;
    step = before;
    end = start;
  }
}

size_t Viterbi::end_of_step(std::string_view piece, size_t pos) const {
  if (steps_[pos] == kCharacter) return pos + char_size(piece[pos]);
  return pos + image_->tokens().token_at(steps_[pos]).size();
}

// The id of a step of the best way; that of unknown text for a character without a token.
uint32_t Viterbi::id_of_step(size_t pos) const {
  return steps_[pos] == kCharacter ? image_->unknown() : steps_[pos];
}

// The ids of a run of unknown text, which may by chance be a token.
void Viterbi::give_unknown(std::string_view text, std::vector<uint32_t>& ids) const {
  const uint32_t found = image_->tree().find(text);
  if (found != ByteTree::kNone) return ids.push_back(found);
  const uint32_t* byte_ids = image_->byte_ids();
  const auto has_id = [&](char byte) {
    return byte_ids[static_cast<uint8_t>(byte)] != ByteTree::kNone;
  };
  if (byte_ids == nullptr || !std::all_of(text.begin(), text.end(), has_id)) {
    return ids.push_back(image_->unknown());
  }
  for (char byte : text) ids.push_back(byte_ids[static_cast<uint8_t>(byte)]);
}

void Viterbi::cover(std::string_view piece, std::vector<uint32_t>& ids, std::vector<size_t>* ends) {
  search(piece);
  turn_around(piece);
  for (size_t pos = 0; pos < piece.size();) {
    size_t end = end_of_step(piece, pos);
    const uint32_t id = id_of_step(pos);
    if (id != image_->unknown()) {
      ids.push_back(id);
    } else {
      // A token that is the one for unknown text joins the run.
      for (size_t next; end < piece.size(); end = next) {
        next = end_of_step(piece, end);
        if (id_of_step(end) != image_->unknown()) break;
      }
      give_unknown(piece.substr(pos, end - pos), ids);
    }
    if (ends != nullptr) ends->resize(ids.size(), end);
    pos = end;
  }
}

}  // namespace tokenkit::unigram
