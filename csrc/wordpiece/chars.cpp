#include "wordpiece/chars.hpp"

#include <algorithm>
#include <iterator>

namespace tokenkit::bert {
namespace detail {

#include "wordpiece/bert_tables.inc"

}  // namespace detail

namespace {

using namespace detail;

// Is the character a word by itself, between words, or dropped?
Kind raw_kind(uint8_t flags, const Options& options) {
  if (options.clean_text && (flags & kControl) != 0) return Kind::kNothing;
  const auto kind = static_cast<Kind>(options.strip_accents ? flags >> 2 & 3 : flags & 3);
  if (options.handle_chinese_chars && (flags & kChinese) != 0) return Kind::kMark;
  return kind == Kind::kMark && !options.split_punctuation ? Kind::kWord : kind;
}

}  // namespace

size_t lower(uint32_t cp, uint32_t* parts) {
  const auto* at = std::lower_bound(std::begin(kLoweredFrom), std::end(kLoweredFrom), cp);
  if (at == std::end(kLoweredFrom) || *at != cp) {
    parts[0] = cp;
    return 1;
  }
  const size_t i = static_cast<size_t>(at - kLoweredFrom);
  const size_t start = kLoweredStart[i], end = kLoweredStart[i + 1];
  std::copy(kLoweredTo + start, kLoweredTo + end, parts);
  return end - start;
}

Kinds::Kinds(const Options& options) {
  for (size_t flags = 0; flags < by_flags_.size(); ++flags) {
    by_flags_[flags] = raw_kind(static_cast<uint8_t>(flags), options);
  }
  by_byte_.fill(Kind::kBeyond);
  for (uint32_t byte = 0; byte < 0x80; ++byte) by_byte_[byte] = of(byte);
}

}  // namespace tokenkit::bert
