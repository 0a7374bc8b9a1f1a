#include "wordpiece/image.hpp"

#include <algorithm>
#include <cstring>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace tokenkit {

struct WordPieceImage::Header {
  char magic[8];
  uint32_t version;
  uint32_t options;
  uint64_t image_size;
  uint64_t max_chars;
  uint32_t nodes;
  uint32_t tokens;
  uint32_t token_bytes;
  uint32_t inside;
  uint32_t unknown;
  uint32_t longest;
  uint64_t sum;  // of all other bytes

  // Bytes of an image with so many nodes, tokens and bytes of tokens.
  uint64_t expected_size() const {
    return sizeof(Header) + 4 * (2 * uint64_t{nodes} + 1) + 4 * (2 * uint64_t{tokens} + 1) + nodes +
           token_bytes;
  }
};

namespace {

using Header = WordPieceImage::Header;
using Token = std::pair<std::string, uint32_t>;

constexpr char kMagic[8] = "TKWORDP";
constexpr uint32_t kVersion = 1;
constexpr uint64_t kMostBytes = uint64_t{1} << 31;
constexpr uint32_t kNone = WordPieceImage::kNone;

uint64_t sum_of(const uint8_t* image, size_t size) {
  Header h;
  std::memcpy(&h, image, sizeof h);
  h.sum = 0;
  const uint64_t head = hash_bytes(reinterpret_cast<const uint8_t*>(&h), sizeof h);
  return fold_multiply(head ^ hash_bytes(image + sizeof h, size - sizeof h), kHashA);
}

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorKind::kVocabulary, why); }

uint32_t bits_of(const bert::Options& o) {
  return static_cast<uint32_t>(o.clean_text) | static_cast<uint32_t>(o.handle_chinese_chars) << 1 |
         static_cast<uint32_t>(o.strip_accents) << 2 | static_cast<uint32_t>(o.lowercase) << 3 |
         static_cast<uint32_t>(o.split_punctuation) << 4;
}

bert::Options options_of(uint32_t bits) {
  return {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, (bits & 16) != 0};
}

// The tree, grown level by level from the sorted tokens.
struct Tree {
  std::vector<uint32_t> first, accepts;
  std::vector<uint8_t> labels;

  explicit Tree(const std::vector<Token>& sorted) {
    struct Range {
      size_t from, to, depth;
    };
    std::vector<Range> nodes{{0, sorted.size(), 0}};  // the tokens below each
    labels.push_back(0);
    for (size_t node = 0; node < nodes.size(); ++node) {
      auto [from, to, depth] = nodes[node];
      const bool ends = from < to && sorted[from].first.size() == depth;
      accepts.push_back(ends ? sorted[from].second : kNone);
      from += ends;
      first.push_back(static_cast<uint32_t>(nodes.size()));
      while (from < to) {
        const char label = sorted[from].first[depth];
        size_t next = from;
        while (next < to && sorted[next].first[depth] == label) ++next;
        nodes.push_back({from, next, depth + 1});
        labels.push_back(static_cast<uint8_t>(label));
        from = next;
      }
    }
    first.push_back(static_cast<uint32_t>(nodes.size()));
  }

  uint32_t find(std::string_view text) const {
    uint32_t node = 0;
    for (char c : text) {
      const auto byte = static_cast<uint8_t>(c);
      const auto from = labels.begin() + first[node];
      const auto to = labels.begin() + first[node + 1];
      const auto at = std::find(from, to, byte);
      if (at == to) return kNone;
      node = static_cast<uint32_t>(at - labels.begin());
    }
    return node;
  }
};

std::vector<Token> checked(std::vector<Token> tokens) {
  uint64_t bytes = 0;
  for (const Token& token : tokens) bytes += token.first.size() + 1;
  if (bytes >= kMostBytes) refuse("the tokens have more than 2 GB");
  std::sort(tokens.begin(), tokens.end(),
            [](const Token& a, const Token& b) { return a.second < b.second; });
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].second == kNone) refuse("an id is 2**32 - 1, more than ids may be");
    if (i != 0 && tokens[i - 1].second == tokens[i].second) {
      refuse("id " + std::to_string(tokens[i].second) + " is given twice");
    }
  }
  return tokens;
}

// Appends values as they lie in memory.
template <class T>
void put(std::vector<uint8_t>& image, const T* values, size_t count) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(values);
  image.insert(image.end(), bytes, bytes + count * sizeof(T));
}

}  // namespace

std::vector<uint8_t> build_wordpiece_image(const WordPieceModel& model) {
  const std::vector<Token> by_id = checked(model.tokens);
  std::vector<Token> sorted = by_id;
  std::sort(sorted.begin(), sorted.end());
  for (size_t i = 1; i < sorted.size(); ++i) {
    if (sorted[i - 1].first == sorted[i].first) {
      refuse("ids " + std::to_string(sorted[i - 1].second) + " and " +
             std::to_string(sorted[i].second) + " have the same token");
    }
  }
  const Tree tree(sorted);
  const uint32_t unknown = tree.find(model.unknown);
  if (unknown == kNone || tree.accepts[unknown] == kNone) {
    refuse("the vocabulary lacks the token for unknown words");
  }
  std::vector<uint32_t> ids;
  std::vector<uint32_t> ends{0};
  std::string bytes;
  size_t longest = 0;
  for (const auto& [token, id] : by_id) {
    ids.push_back(id);
    bytes += token;
    ends.push_back(static_cast<uint32_t>(bytes.size()));
    longest = std::max(longest, token.size());
  }
  Header h{};
  std::memcpy(h.magic, kMagic, sizeof h.magic);
  h.version = kVersion;
  h.options = bits_of(model.options);
  h.max_chars = model.max_chars;
  h.nodes = static_cast<uint32_t>(tree.labels.size());
  h.tokens = static_cast<uint32_t>(ids.size());
  h.token_bytes = static_cast<uint32_t>(bytes.size());
  h.inside = tree.find(model.prefix);
  h.unknown = tree.accepts[unknown];
  h.longest = static_cast<uint32_t>(longest);
  h.image_size = h.expected_size();
  std::vector<uint8_t> image;
  image.reserve(h.image_size);
  put(image, &h, 1);
  put(image, tree.first.data(), tree.first.size());
  put(image, tree.accepts.data(), tree.accepts.size());
  put(image, ids.data(), ids.size());
  put(image, ends.data(), ends.size());
  put(image, tree.labels.data(), tree.labels.size());
  put(image, bytes.data(), bytes.size());
  h.sum = sum_of(image.data(), image.size());
  std::memcpy(image.data(), &h, sizeof h);
  return image;
}

WordPieceImage::WordPieceImage(std::string_view image) {
  Header h;
  if (image.size() < sizeof h || std::memcmp(image.data(), kMagic, sizeof kMagic) != 0) {
    refuse("not a usable WordPiece image: it does not begin like one");
  }
  std::memcpy(&h, image.data(), sizeof h);
  if (h.version != kVersion) {
    refuse("not a usable WordPiece image: expected version " + std::to_string(kVersion) + ", got " +
           std::to_string(h.version));
  }
  const auto* p = reinterpret_cast<const uint8_t*>(image.data());
  if (h.image_size != image.size() || h.expected_size() != image.size() ||
      h.sum != sum_of(p, image.size())) {
    refuse("not a usable WordPiece image: it is damaged");
  }
  if (reinterpret_cast<uintptr_t>(p) % alignof(uint32_t) != 0) {
    refuse("not a usable WordPiece image: it is not on a 4-byte border of memory");
  }
  options_ = options_of(h.options);
  max_chars_ = static_cast<size_t>(h.max_chars);
  unknown_ = h.unknown;
  node_count_ = h.nodes;
  token_count_ = h.tokens;
  inside_ = h.inside;
  max_token_size_ = h.longest;
  first_ = reinterpret_cast<const uint32_t*>(p + sizeof h);
  accepts_ = first_ + node_count_ + 1;
  ids_ = accepts_ + node_count_;
  ends_ = ids_ + token_count_;
  labels_ = {reinterpret_cast<const char*>(ends_ + token_count_ + 1), node_count_};
  bytes_ = {labels_.data() + node_count_, h.token_bytes};
  // The sum says that nothing changed, and not who made the image.
  bool sound = node_count_ != 0 && (inside_ == kNone || inside_ < node_count_) && ends_[0] == 0 &&
               first_[node_count_] == node_count_ && ends_[token_count_] == h.token_bytes;
  for (uint32_t i = 0; sound && i < node_count_; ++i) {
    sound = i < first_[i] && first_[i] <= first_[i + 1];
  }
  for (uint32_t i = 0; sound && i < token_count_; ++i) {
    sound = ends_[i] <= ends_[i + 1] && (i == 0 || ids_[i - 1] < ids_[i]);
  }
  if (!sound) refuse("not a usable WordPiece image: its parts do not fit together");
}

std::string_view WordPieceImage::token(uint32_t id) const {
  const uint32_t* at = std::lower_bound(ids_, ids_ + token_count_, id);
  if (at == ids_ + token_count_ || *at != id) {
    throw Error(ErrorKind::kKey, "no token has the id " + std::to_string(id));
  }
  return token_at(static_cast<uint32_t>(at - ids_));
}

uint32_t WordPieceImage::child(uint32_t node, uint8_t byte) const {
  const char* from = labels_.data() + first_[node];
  const void* at = std::memchr(from, byte, first_[node + 1] - first_[node]);
  if (at == nullptr) return kNone;
  return static_cast<uint32_t>(static_cast<const char*>(at) - labels_.data());
}

uint32_t WordPieceImage::find(std::string_view token) const {
  uint32_t node = 0;
  for (char c : token) {
    node = child(node, static_cast<uint8_t>(c));
    if (node == kNone) return kNone;
  }
  return accepts_[node];
}

WordPieceImage::Match WordPieceImage::longest(std::string_view text, bool inside) const {
  Match best{kNone, 0};
  uint32_t node = inside ? inside_ : 0;
  for (size_t i = 0; node != kNone && i < text.size();) {
    node = child(node, static_cast<uint8_t>(text[i++]));
    if (node != kNone && accepts_[node] != kNone) best = {accepts_[node], i};
  }
  return best;
}

}  // namespace tokenkit
