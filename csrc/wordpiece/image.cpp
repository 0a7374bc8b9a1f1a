#include "wordpiece/image.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace tokenkit {
namespace {

constexpr BlockKind kKind{"TKWORDP", 2, "WordPiece"};

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorKind::kVocabulary, why); }

uint32_t bits_of(const bert::Options& o) {
  return static_cast<uint32_t>(o.clean_text) | static_cast<uint32_t>(o.handle_chinese_chars) << 1 |
         static_cast<uint32_t>(o.strip_accents) << 2 | static_cast<uint32_t>(o.lowercase) << 3 |
         static_cast<uint32_t>(o.split_punctuation) << 4;
}

bert::Options options_of(uint32_t bits) {
  return {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, (bits & 16) != 0};
}

// The id of the token for unknown words. Throws Error(kVocabulary) for a token that is there twice.
uint32_t unknown_of(const WordPieceModel& model) {
  std::vector<ByteTree::Entry> sorted = model.tokens;
  std::sort(sorted.begin(), sorted.end());
  for (size_t i = 1; i < sorted.size(); ++i) {
    if (sorted[i - 1].first == sorted[i].first) {
      refuse("ids " + std::to_string(sorted[i - 1].second) + " and " +
             std::to_string(sorted[i].second) + " have the same token");
    }
  }
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), ByteTree::Entry(model.unknown, 0));
  if (at == sorted.end() || at->first != model.unknown) {
    refuse("the vocabulary lacks the token for unknown words");
  }
  return at->second;
}

}  // namespace

std::vector<uint8_t> build_wordpiece_image(const WordPieceModel& model) {
  SealedWriter out(kKind);
  out.put(bits_of(model.options));
  out.put(&model.max_chars, 1);
  out.put(unknown_of(model));
  out.put(model.prefix);
  ByteTree::write(model.tokens, out);
  TokensById::write(model.tokens, out);
  return out.seal();
}

WordPieceImage::WordPieceImage(std::string_view image)
    : WordPieceImage(SealedReader(image, kKind), true) {}

WordPieceImage::WordPieceImage(SealedReader in, bool sound)
    : options_(options_of(in.number())),
      max_chars_(static_cast<size_t>(load64(in.take<uint8_t>(8)))),
      unknown_(in.number()),
      prefix_(in.text()),
      tree_(in, &sound),
      tokens_(in, &sound) {
  in.finish(sound);
  inside_ = tree_.node_of(prefix_);
}

WordPieceImage::Match WordPieceImage::longest(std::string_view text, bool inside) const {
  Match best{kNone, 0};
  uint32_t node = inside ? inside_ : ByteTree::kRoot;
  for (size_t i = 0; node != kNone && i < text.size();) {
    node = tree_.child(node, static_cast<uint8_t>(text[i++]));
    if (node != kNone && tree_.number(node) != kNone) best = {tree_.number(node), i};
  }
  return best;
}

}  // namespace tokenkit
