#include "chunk/lines.hpp"

#include <algorithm>

#include "text/utf8.hpp"

namespace tokenkit {
namespace {

bool starts_line(const Border& b) {
  return b.level == Level::kParagraph || b.level == Level::kLine;
}

// The line at `pos`, without its end; of a long one the beginning.
std::string_view line_at(std::string_view text, size_t pos) {
  const size_t far = std::min(text.size(), pos + kLineView);
  size_t end = pos;
  while (end < far && text[end] != '\n' && text[end] != '\r') ++end;
  return text.substr(pos, (end == far ? floor_char(text, far) : end) - pos);
}

size_t indentation(std::string_view line) {
  const size_t words = line.find_first_not_of(" \t");
  return words == std::string_view::npos ? line.size() : words;
}

std::string_view trimmed(std::string_view line) {
  const size_t start = line.find_first_not_of(" \t");
  if (start == std::string_view::npos) return {};
  return line.substr(start, line.find_last_not_of(" \t") + 1 - start);
}

// Lines that go on with what stands before them: closing brackets, else, and the like.
bool continues_block(std::string_view words) {
  if (words.empty()) return false;
  if (words[0] == '}' || words[0] == ')' || words[0] == ']') return true;
  for (std::string_view word : {"end", "else", "elif", "except", "catch", "finally", "then", "do",
                                "done", "fi", "esac", "#endif", "#else", "#elif"}) {
    if (words.substr(0, word.size()) != word) continue;
    const char next = words.size() > word.size() ? words[word.size()] : ' ';
    if (next == ' ' || next == ':' || next == '{' || next == ';' || next == '(') return true;
  }
  return false;
}

}  // namespace

void judge_code(std::string_view text, size_t from, LineState& state, Border* borders, size_t n) {
  const auto indent_at = [&](size_t pos) {
    return static_cast<uint32_t>(indentation(line_at(text, pos)));
  };
  if (from == 0) state.indent = indent_at(0);
  for (size_t i = 0; i < n; ++i) {
    Border& b = borders[i];
    if (!starts_line(b)) continue;
    const std::string_view words = trimmed(line_at(text, b.pos));
    const uint32_t indent = indent_at(b.pos);
    const bool blank = b.level == Level::kParagraph;
    if (continues_block(words)) {
      b.penalty = blank ? 10 : 30;
    } else if (indent == 0 && (blank || state.indent > 0)) {
      b.level = Level::kBlock;
      b.penalty = blank ? 0 : 5;
    } else if (blank) {
      b.penalty = static_cast<uint8_t>(std::min<size_t>(2 + indent / 4, 8));
    } else {
      b.penalty = static_cast<uint8_t>(std::min<size_t>(10 + indent / 2, 18));
    }
    state.indent = indent;
  }
}

}  // namespace tokenkit
