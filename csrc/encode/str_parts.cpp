#include "encode/str_parts.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/memory.hpp"
#include "text/transcode.hpp"

namespace tokenkit {
namespace {

constexpr size_t kPart = size_t{64} << 10;  // characters

// Calls scan(part, rest) for parts that together have the pieces of the whole, until it says false;
// `rest` is false for the first one. False if there are surrogates in what was scanned.
template <class Char, class Scan>
bool scan_parts(const Encoder& encoder, const Char* p, size_t n, const Scan& scan) {
  bool rest = false;
  Memory memory;
  size_t held = 0;  // bytes at the start of the memory that no part has had
  while (n != 0) {
    const size_t m = std::min(n, kPart);
    const size_t size = utf8_size(p, m);
    if (size == kNoUtf8) return false;
    memory.grow(held + size + kTranscodeSlack);
    auto* bytes = static_cast<uint8_t*>(memory.data());
    to_utf8(p, m, bytes + held);
    p += m;
    n -= m;
    const auto* text = reinterpret_cast<const char*>(bytes);
    const size_t total = held + size;
    if (n == 0) {
      scan(std::string_view(text, total), rest);
      return true;
    }
    // Only in what is new: a text without any place to cut must not be searched again and again.
    const size_t settled = encoder.settled({text, total}, held);
    if (settled == held) {
      held = total;
      continue;
    }
    if (!scan(std::string_view(text, settled), rest)) return true;
    rest = true;
    held = total - settled;
    std::memmove(bytes, bytes + settled, held);
  }
  return true;
}

template <class Scan>
bool scan_str(const Encoder& encoder, const void* p, size_t n, int width, const Scan& scan) {
  if (width == 1) return scan_parts(encoder, static_cast<const uint8_t*>(p), n, scan);
  if (width == 2) return scan_parts(encoder, static_cast<const uint16_t*>(p), n, scan);
  return scan_parts(encoder, static_cast<const uint32_t*>(p), n, scan);
}

}  // namespace

std::optional<size_t> count_str(const Encoder& encoder, const void* p, size_t n, int width,
                                size_t limit, Scratch& scratch) {
  size_t total = 0;
  const bool valid = scan_str(encoder, p, n, width, [&](std::string_view part, bool rest) {
    if (limit == kNoLimit) {
      total += rest ? encoder.count_rest(part, scratch) : encoder.count(part, nullptr, scratch);
      return true;
    }
    const std::optional<size_t> more = rest ? encoder.within_rest(part, limit - total, scratch)
                                            : encoder.within(part, limit - total, scratch);
    total = more ? total + *more : limit + 1;
    return more.has_value();
  });
  if (!valid) return std::nullopt;
  return total;
}

bool encode_str(const Encoder& encoder, const void* p, size_t n, int width, Scratch& scratch,
                IdSink& out) {
  out.reserve(n / 4 + 16);
  return scan_str(encoder, p, n, width, [&](std::string_view part, bool rest) {
    if (rest) {
      encoder.encode_rest(part, scratch, out);
    } else {
      encoder.encode(part, nullptr, scratch, out);
    }
    return true;
  });
}

}  // namespace tokenkit
