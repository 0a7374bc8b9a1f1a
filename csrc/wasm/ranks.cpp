#include "wasm/ranks.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <system_error>
#include <utility>

#include "base/error.hpp"

namespace tokenkit {
namespace {

[[noreturn]] void refuse(size_t line, const char* problem) {
  throw Error(ErrorKind::kVocabulary, "line " + std::to_string(line) +
                                          ": expected a token in base64, a space and a rank, " +
                                          problem);
}

// 0 to 63; 64 for any other character.
uint32_t digit_of(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<uint32_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<uint32_t>(c - 'a') + 26;
  if (c >= '0' && c <= '9') return static_cast<uint32_t>(c - '0') + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : 64;
}

std::string decoded(std::string_view text, size_t line) {
  if (text.empty() || text.size() % 4 != 0) refuse(line, "got base64 that is cut off");
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  std::string out;
  for (size_t i = 0; i < text.size(); i += 4) {
    uint32_t bits = 0;
    const size_t digits = i + 4 == text.size() ? 4 - padding : 4;
    for (size_t k = 0; k < 4; ++k) {
      const uint32_t digit = k < digits ? digit_of(text[i + k]) : 0;
      if (digit == 64) refuse(line, "got another character");
      bits = bits << 6 | digit;
    }
    for (size_t k = 0; k + 1 < digits; ++k) out += static_cast<char>(bits >> (16 - 8 * k) & 0xFF);
    // Bits behind the last byte are zero, so that a token is written in one way only.
    if (digits < 4 && (bits & ((1u << (8 * (4 - digits))) - 1)) != 0) {
      refuse(line, "got base64 with bits behind its end");
    }
  }
  return out;
}

std::pair<std::string, uint32_t> read_line(std::string_view text, size_t line) {
  const size_t space = text.find(' ');
  if (space == std::string_view::npos) refuse(line, "got one word");
  const std::string_view number = text.substr(space + 1);
  uint32_t rank = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), rank);
  if (error != std::errc() || end != number.data() + number.size()) {
    refuse(line, "got something else than a number behind the space");
  }
  return {decoded(text.substr(0, space), line), rank};
}

}  // namespace

TokenList read_ranks(std::string_view text) {
  TokenList tokens;
  for (size_t line = 1; !text.empty(); ++line) {
    const size_t size = std::min(text.find('\n'), text.size());
    std::string_view words = text.substr(0, size);
    if (words.ends_with('\r')) words.remove_suffix(1);
    if (!words.empty()) tokens.push_back(read_line(words, line));
    text.remove_prefix(std::min(size + 1, text.size()));
  }
  return tokens;
}

}  // namespace tokenkit
