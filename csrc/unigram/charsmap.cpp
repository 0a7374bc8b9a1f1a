#include "unigram/charsmap.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "text/grapheme.hpp"
#include "text/unicode.hpp"
#include "text/utf8.hpp"

namespace tokenkit::unigram {
namespace {

// SentencePiece's biggest map has 0.1 million nodes, and texts of 0.3 MB.
constexpr size_t kMostNodes = size_t{1} << 19;
constexpr size_t kMostBytes = size_t{1} << 26;

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorKind::kVocabulary, "precompiled_charsmap: " + why);
}

// A unit of the double array.
struct Unit {
  uint32_t bits;
  bool has_leaf() const { return (bits >> 8 & 1) != 0; }
  uint32_t value() const { return bits & 0x7FFFFFFFu; }
  uint32_t label() const { return bits & 0x800000FFu; }
  uint64_t offset() const { return static_cast<uint64_t>(bits >> 10) << ((bits & 1u << 9) >> 6); }
};

class Reader {
 public:
  explicit Reader(std::string_view data) {
    if (data.size() < 4) refuse("expected the size of a trie");
    const size_t size = load32(data.data());
    if (size % 4 != 0 || size > data.size() - 4) refuse("expected a trie of the stated size");
    units_ = data.substr(4, size);
    texts_ = data.substr(4 + size);
    if (size != 0) visit(unit_at(0).offset());
  }

  std::vector<std::pair<std::string, std::string>> entries;

 private:
  Unit unit_at(uint64_t place) const {
    if (place >= units_.size() / 4) refuse("its trie leads outside itself");
    return {load32(units_.data() + 4 * place)};
  }

  std::string text_at(uint32_t place) {
    if (place > texts_.size() || !is_char_boundary(texts_, place)) {
      refuse("its trie leads outside the texts");
    }
    const std::string_view text = texts_.substr(place, texts_.find('\0', place) - place);
    bytes_ += text.size();
    if (bytes_ > kMostBytes) refuse("expected texts of at most 64 MB");
    return std::string(text);
  }

  // Finds the entries below a node, whose string is key_.
  void visit(uint64_t node) {
    if (++visited_ > kMostNodes) refuse("expected at most 524,288 nodes in its trie");
    for (uint64_t label = 1; label < 256; ++label) {
      const Unit unit = unit_at(node ^ label);
      if (unit.label() != label) continue;
      key_.push_back(static_cast<char>(label));
      const uint64_t next = node ^ label ^ unit.offset();
      if (unit.has_leaf()) {
        if (first_invalid(key_) == std::string_view::npos) {
          entries.emplace_back(key_, text_at(unit_at(next).value()));
        } else if (is_beginning(key_)) {
          refuse("expected characters in its trie, got a part of one");
        }
      } else if (key_.size() < kMostCluster && is_beginning(key_)) {
        visit(next);
      }
      key_.pop_back();
    }
  }

  // Can valid text begin like that?
  static bool is_beginning(std::string_view key) {
    return first_invalid(key.substr(0, key.size() - incomplete_tail(key))) ==
           std::string_view::npos;
  }

  std::string_view units_, texts_;
  std::string key_;
  size_t visited_ = 0;
  size_t bytes_ = 0;
};

// Marks of Unicode 18.0, which is what the clusters of this library know.
bool is_later_mark(uint32_t cp) {
  struct Range {
    uint32_t first, last;
  };
  static constexpr Range kRanges[] = {{0x5C8, 0x5C9},     {0xB53, 0xB54},     {0x1ADE, 0x1ADF},
                                      {0x1AEC, 0x1AF0},   {0x10ECB, 0x10ECF}, {0x10EF0, 0x10EF9},
                                      {0x11DF0, 0x11DF0}, {0x1D127, 0x1D128}, {0x1D250, 0x1D252},
                                      {0x1D25B, 0x1D25C}, {0x1D25F, 0x1D25F}, {0x1D280, 0x1D281}};
  return std::any_of(std::begin(kRanges), std::end(kRanges),
                     [cp](const Range& range) { return range.first <= cp && cp <= range.last; });
}

}  // namespace

std::vector<std::pair<std::string, std::string>> read_charsmap(std::string_view data) {
  return Reader(data).entries;
}

size_t next_cluster(std::string_view text, size_t pos) {
  const size_t end = next_grapheme(text, pos);
  const auto* s = reinterpret_cast<const uint8_t*>(text.data());
  uint32_t cp;
  size_t at = pos + decode(s + pos, s + end, &cp);
  // A cluster that is too long for the map is one whatever it holds.
  while (at < end && at - pos <= kMostCluster) {
    const bool joins = grapheme_class(cp) == GraphemeClass::kPrepend;
    const size_t size = decode(s + at, s + end, &cp);
    if (is_later_mark(cp) && !joins) return at;
    at += size;
  }
  return end;
}

void CharsMap::write(const std::vector<std::pair<std::string, std::string>>& entries,
                     SealedWriter& out) {
  std::vector<ByteTree::Entry> keys;
  std::vector<uint32_t> first_chars;
  std::vector<uint32_t> ends{0};
  std::string texts;
  for (const auto& [key, text] : entries) {
    const auto* s = reinterpret_cast<const uint8_t*>(key.data());
    decode(s, s + key.size(), &first_chars.emplace_back());
    keys.emplace_back(key, static_cast<uint32_t>(keys.size()));
    texts += text;
    ends.push_back(static_cast<uint32_t>(texts.size()));
  }
  ByteTree::write(std::move(keys), out);
  out.put(static_cast<uint32_t>(entries.size()));
  out.put(first_chars.data(), first_chars.size());
  out.put(ends.data(), ends.size());
  out.put(texts);
}

CharsMap::CharsMap(SealedReader& in, bool* sound)
    : tree_(in, sound),
      count_(in.number()),
      first_chars_(in.take<uint32_t>(count_)),
      ends_(in.take<uint32_t>(size_t{count_} + 1)),
      texts_(in.text()) {
  *sound = *sound && ends_[0] == 0 && ends_[count_] == texts_.size();
  for (uint32_t i = 0; *sound && i < count_; ++i) {
    *sound = ends_[i] <= ends_[i + 1] && ends_[i + 1] <= texts_.size() &&
             first_invalid(text(i)) == std::string_view::npos;
  }
  for (uint32_t node = 0; *sound && node < tree_.node_count(); ++node) {
    *sound = tree_.number(node) == ByteTree::kNone || tree_.number(node) < count_;
  }
  for (uint32_t byte = 0; *sound && byte < keeps_.size(); ++byte) {
    const uint32_t node = tree_.child(ByteTree::kRoot, static_cast<uint8_t>(byte));
    keeps_[byte] = node == ByteTree::kNone || tree_.number(node) == ByteTree::kNone;
  }
}

std::optional<std::string_view> CharsMap::find(std::string_view text) const {
  uint32_t node = ByteTree::kRoot;
  for (char byte : text) {
    node = tree_.child(node, static_cast<uint8_t>(byte));
    if (node == ByteTree::kNone) return std::nullopt;
    const uint32_t number = tree_.number(node);
    if (number != ByteTree::kNone) return this->text(number);
  }
  return std::nullopt;
}

}  // namespace tokenkit::unigram
