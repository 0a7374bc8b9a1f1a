#include "encode/spans.hpp"

#include "text/utf8.hpp"

namespace tokenkit {
namespace {

[[noreturn]] void refuse() { throw Error(ErrorKind::kValue, "the ids do not belong to this text"); }

}  // namespace

void token_spans(const Encoder& encoder, std::string_view text, const uint32_t* ids, size_t n,
                 SpanUnit unit, int64_t* spans) {
  size_t byte = 0;
  int64_t before = 0;   // units of the characters that start before `byte`
  int64_t current = 0;  // units of the character that holds the last byte seen
  for (size_t i = 0; i < n; ++i) {
    size_t size = encoder.token(ids[i]).size();
    if (i == 0 && encoder.leads(text)) --size;  // the space is nowhere
    if (size > text.size() - byte) refuse();
    std::string_view token = text.substr(byte, size);
    byte += size;
    if (unit == SpanUnit::kByte) {
      spans[2 * i] = static_cast<int64_t>(byte - size);
      spans[2 * i + 1] = static_cast<int64_t>(byte);
      continue;
    }
    bool inside = !token.empty() && is_continuation(static_cast<uint8_t>(token[0]));
    spans[2 * i] = inside ? before - current : before;
    for (char c : token) {
      uint8_t b = static_cast<uint8_t>(c);
      if (is_continuation(b)) continue;
      current = unit == SpanUnit::kUtf16 && b >= 0xF0 ? 2 : 1;
      before += current;
    }
    spans[2 * i + 1] = before;
  }
  if (byte != text.size()) refuse();
}

}  // namespace tokenkit
