#include "encode/special.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "base/error.hpp"

namespace tokenkit {

SpecialTokens::SpecialTokens(std::vector<std::pair<std::string, uint32_t>> tokens)
    : tokens_(std::move(tokens)),
      sorted_(tokens_.size()),
      first_pairs_(65536 / 64),
      one_byte_(256, std::string_view::npos) {
  std::iota(sorted_.begin(), sorted_.end(), 0u);
  std::sort(sorted_.begin(), sorted_.end(),
            [&](uint32_t a, uint32_t b) { return tokens_[a].first < tokens_[b].first; });
  by_id_.reserve(tokens_.size());
  for (size_t i = 0; i < tokens_.size(); ++i) {
    const std::string& text = tokens_[i].first;
    if (text.empty()) throw Error(ErrorKind::kVocabulary, "a special token is empty");
    by_id_.emplace(tokens_[i].second, i);
    uint8_t first = static_cast<uint8_t>(text[0]);
    firsts_.add(first);
    // One byte alone may be followed by any.
    const size_t from = text.size() > 1 ? byte_at(text, 1) : 0;
    const size_t to = text.size() > 1 ? from : 255;
    for (size_t second = from; second <= to; ++second) {
      const size_t pair = size_t{first} << 8 | second;
      first_pairs_[pair / 64] |= uint64_t{1} << (pair % 64);
    }
  }
  for (uint32_t i = 0; i < sorted_.size(); ++i) {
    const std::string& text = tokens_[sorted_[i]].first;
    if (text.size() == 1) {
      one_byte_[byte_at(text, 0)] = sorted_[i];
      continue;
    }
    const uint32_t pair = uint32_t{byte_at(text, 0)} << 8 | byte_at(text, 1);
    if (ranges_.empty() || ranges_.back().pair != pair) ranges_.push_back({pair, i, i});
    ranges_.back().high = i + 1;
  }
}

const SpecialTokens::Range* SpecialTokens::range_of(uint8_t first, uint8_t second) const {
  const uint32_t pair = uint32_t{first} << 8 | second;
  const auto found = std::lower_bound(ranges_.begin(), ranges_.end(), pair,
                                      [](const Range& r, uint32_t p) { return r.pair < p; });
  return found == ranges_.end() || found->pair != pair ? nullptr : &*found;
}

size_t SpecialTokens::longest_at(std::string_view text, size_t pos, const SpecialSet& among) const {
  size_t best = std::string_view::npos;
  if (pos >= text.size()) return best;
  const size_t one = one_byte_[byte_at(text, pos)];
  if (one != best && among[one]) best = one;
  if (pos + 1 == text.size()) return best;
  const Range* range = range_of(byte_at(text, pos), byte_at(text, pos + 1));
  if (range == nullptr) return best;
  // Narrow the sorted range byte by byte; a token that ends where the range begins is a match.
  auto low = sorted_.begin() + range->low;
  auto high = sorted_.begin() + range->high;
  for (size_t depth = 2;; ++depth) {
    if (tokens_[*low].first.size() == depth) {
      if (among[*low]) best = *low;
      if (++low == high) break;
    }
    if (pos + depth == text.size()) break;
    const uint8_t byte = byte_at(text, pos + depth);
    const auto at = [&](uint32_t i) { return byte_at(tokens_[i].first, depth); };
    low = std::partition_point(low, high, [&](uint32_t i) { return at(i) < byte; });
    high = std::partition_point(low, high, [&](uint32_t i) { return at(i) <= byte; });
    if (low == high) break;
  }
  return best;
}

void SpecialTokens::Firsts::add(uint8_t byte) {
  if (!has[byte]) all.push_back(byte);
  has[byte] = true;
}

size_t SpecialTokens::Firsts::next(std::string_view text, size_t pos) const {
  if (all.size() == 1) {
    const void* hit = std::memchr(text.data() + pos, all[0], text.size() - pos);
    return hit == nullptr ? text.size()
                          : static_cast<size_t>(static_cast<const char*>(hit) - text.data());
  }
  // If there are few, stretches that compilers make vectors of.
  constexpr size_t kFew = 8, kStretch = 32;
  for (; all.size() <= kFew && text.size() - pos >= kStretch; pos += kStretch) {
    const auto* p = reinterpret_cast<const uint8_t*>(text.data()) + pos;
    uint8_t hits[kStretch] = {};
    for (const uint8_t first : all) {
      for (size_t k = 0; k < kStretch; ++k) hits[k] |= p[k] == first;
    }
    uint64_t words[kStretch / 8];
    std::memcpy(words, hits, kStretch);
    if ((words[0] | words[1] | words[2] | words[3]) != 0) break;
  }
  while (pos < text.size() && !has[byte_at(text, pos)]) ++pos;
  return pos;
}

SpecialTokens::Firsts SpecialTokens::firsts_of(const SpecialSet& among) const {
  Firsts firsts;
  for (size_t i = 0; i < tokens_.size(); ++i) {
    if (among[i]) firsts.add(byte_at(tokens_[i].first, 0));
  }
  return firsts;
}

SpecialTokens::Match SpecialTokens::find(std::string_view text, size_t pos,
                                         const SpecialSet& among) const {
  // After so many bytes without a match it pays to look at all of `among`.
  constexpr size_t kNarrowAfter = size_t{64} << 10;
  const size_t start = pos;
  const Firsts* firsts = &firsts_;
  Firsts narrow;
  while (pos < text.size()) {
    pos = firsts->next(text, pos);
    if (may_start_at(text, pos)) {
      const size_t index = longest_at(text, pos, among);
      if (index != std::string_view::npos) return {pos, index};
    }
    ++pos;
    if (pos - start >= kNarrowAfter && firsts == &firsts_ && firsts_.all.size() > 1) {
      narrow = firsts_of(among);
      firsts = &narrow;
    }
  }
  return {};
}

const std::string* SpecialTokens::text_of(uint32_t id) const {
  auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &tokens_[found->second].first;
}

size_t SpecialTokens::index_of(std::string_view text) const {
  if (text.size() < 2) return text.empty() ? std::string_view::npos : one_byte_[byte_at(text, 0)];
  const Range* range = range_of(byte_at(text, 0), byte_at(text, 1));
  if (range == nullptr) return std::string_view::npos;
  const auto end = sorted_.begin() + range->high;
  const auto found =
      std::lower_bound(sorted_.begin() + range->low, end, text,
                       [&](uint32_t i, std::string_view t) { return tokens_[i].first < t; });
  return found == end || tokens_[*found].first != text ? std::string_view::npos : *found;
}

}  // namespace tokenkit
