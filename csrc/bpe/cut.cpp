#include "bpe/cut.hpp"

#include "text/utf8.hpp"

namespace tokenkit {
namespace {

constexpr uint64_t kHighBits = 0x8080808080808080u;
constexpr size_t kAscii = 8;  // bytes that are looked at together

// The bytes of the character at p, the first one lowest, and their number.
struct Raw {
  uint32_t bytes;
  uint32_t length;
};

inline Raw raw_character(const uint8_t* p, size_t left) {
  const uint32_t lead = p[0];
  if (lead < 0x80) return {lead, 1};
  const uint32_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (left >= 4) return {load32(p) & (0xFFFFFFFFu >> (8 * (4 - length))), length};
  uint8_t padded[4] = {};
  std::memcpy(padded, p, length < left ? length : left);
  return {load32(padded), length};
}

bool parts(const Vocab::Joins& joins, Raw a, Raw b) {
  if ((a.bytes | b.bytes) >= 0x80) return !joins.joined(a.bytes, b.bytes);
  return joins.ascii && !joins.ascii_joined(a.bytes, b.bytes);
}

}  // namespace

bool cuts_at(const Vocab& vocab, std::string_view text, size_t pos) {
  const auto* s = reinterpret_cast<const uint8_t*>(text.data());
  const size_t before = floor_char(text, pos - 1);
  return parts(vocab.joins(), raw_character(s + before, text.size() - before),
               raw_character(s + pos, text.size() - pos));
}

size_t cut_piece(const Vocab& vocab, std::string_view text, size_t start, size_t end, size_t* ends,
                 size_t capacity) {
  const auto* s = reinterpret_cast<const uint8_t*>(text.data());
  const Vocab::Joins joins = vocab.joins();
  size_t count = 0;
  Raw a = raw_character(s + start, text.size() - start);
  for (size_t i = start + a.length; i < end;) {
    if (a.bytes < 0x80 && end - i >= kAscii && (load64(s + i) & kHighBits) == 0 &&
        (!joins.ascii || capacity - count > kAscii)) {
      for (size_t k = 0; joins.ascii && k < kAscii; ++k) {
        ends[count] = i + k;
        count += !joins.ascii_joined(s[i + k - 1], s[i + k]);
      }
      i += kAscii;
      a = {s[i - 1], 1};
      continue;
    }
    const Raw b = raw_character(s + i, text.size() - i);
    ends[count] = i;
    count += parts(joins, a, b);
    if (count == capacity) return count;
    a = b;
    i += b.length;
  }
  ends[count++] = end;
  return count;
}

}  // namespace tokenkit
