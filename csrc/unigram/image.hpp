// A Unigram vocabulary as one read-only block: its tokens with scores, and the steps before it.
//
// A UnigramImage borrows its memory, on a 4-byte border, and does not change; threads may share it.
// Images are little-endian.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tokens/byte_tree.hpp"
#include "tokens/sealed.hpp"
#include "tokens/tokens_by_id.hpp"
#include "unigram/charsmap.hpp"

namespace tokenkit {
namespace unigram {

// A step of the normalizer.
struct Step {
  enum Kind : uint32_t {
    kCharsMap = 0,    // the character map
    kStripLeft = 1,   // white space at the start of a section
    kStripRight = 2,  // white space at its end
    kReplace = 3,     // each `from` by `to`
    kReplaceRun = 4,  // each run of two and more `from` by one `to`
    kPrepend = 5,     // `to` before a section that is not empty
    kTrimLeft = 6,    // all `from` at the start of a section
    kTrimRight = 7,   // all `from` at its end
    kCount
  };
  Kind kind;
  std::string from, to;
};

// Where Metaspace puts its sign before a word that does not begin with it.
enum class Lead : uint32_t { kNever = 0, kFirst = 1, kAlways = 2 };

// The pre-tokenizer: WhitespaceSplit, and then Metaspace.
struct Splits {
  bool at_spaces = false;
  std::string sign;  // of Metaspace, which is left out if this is empty
  Lead lead = Lead::kNever;
  bool at_signs = false;
};

}  // namespace unigram

// What a tokenizer file says of a Unigram model, and of the steps before it.
struct UnigramModel {
  std::vector<std::pair<std::string, double>> tokens;  // by id; the last of equal ones is found
  uint32_t unknown;                                    // the id of text that no token covers
  bool byte_fallback;
  std::string charsmap;  // as SentencePiece writes it; may be empty
  std::vector<unigram::Step> steps;
  unigram::Splits splits;
};

// Throws Error(kVocabulary): no tokens, an unknown id that none has, an endless score, a token of
// more than kMostTokenBytes, a charsmap or steps that make no sense.
std::vector<uint8_t> build_unigram_image(const UnigramModel& model);

class UnigramImage {
 public:
  static constexpr uint32_t kNone = ByteTree::kNone;
  static constexpr size_t kMostTokenBytes = 0xFFFE;

  // Reads all of it. Throws Error(kVocabulary) for anything that build_unigram_image did not make
  // or that has changed since.
  explicit UnigramImage(std::string_view image) : UnigramImage(SealedReader(image, kKind), true) {}

  const ByteTree& tree() const { return tree_; }
  const TokensById& tokens() const { return tokens_; }
  double score(uint32_t id) const {
    double out;
    std::memcpy(&out, scores_ + sizeof out * id, sizeof out);
    return out;
  }
  // The score of a character without a token.
  double unknown_score() const { return lowest_ - 10; }
  uint32_t unknown() const { return unknown_; }
  // The tokens of all bytes; nullptr if they do not stand for unknown text. kNone for a byte that
  // has none.
  const uint32_t* byte_ids() const { return byte_fallback_ ? byte_ids_.data() : nullptr; }
  // The node of one byte.
  uint32_t first_node(uint8_t byte) const { return first_nodes_[byte]; }

  const unigram::CharsMap& charsmap() const { return charsmap_; }
  const std::vector<unigram::Step>& steps() const { return steps_; }
  const unigram::Splits& splits() const { return splits_; }

 private:
  static constexpr BlockKind kKind{"TKUNIGR", 1, "Unigram"};
  friend std::vector<uint8_t> build_unigram_image(const UnigramModel& model);

  UnigramImage(SealedReader in, bool sound);

  uint32_t unknown_;
  bool byte_fallback_;
  double lowest_;
  unigram::Splits splits_;
  std::vector<unigram::Step> steps_;
  unigram::CharsMap charsmap_;
  ByteTree tree_;
  TokensById tokens_;
  const uint8_t* scores_;
  std::array<uint32_t, 256> byte_ids_;
  std::array<uint32_t, 256> first_nodes_;
};

}  // namespace tokenkit
