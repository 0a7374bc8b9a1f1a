#include "chunk/lines.hpp"

#include <algorithm>

namespace tokenkit {
namespace {

bool starts_line(const Border& b) {
  return b.level == Level::kParagraph || b.level == Level::kLine;
}

bool is_line_end(char c) { return c == '\n' || c == '\r'; }

// What is looked at of the line at `pos`, and maybe what is behind it. It may end in a character.
std::string_view line_view(std::string_view text, size_t pos) {
  return text.substr(pos, kLineView);
}

// Blanks and tabs that a view begins with.
size_t indentation(std::string_view view) {
  return std::min(view.find_first_not_of(" \t"), view.size());
}

// Does the line end here, white space aside?
bool ends_line(std::string_view view) {
  const size_t words = indentation(view);
  return words == view.size() || is_line_end(view[words]);
}

constexpr std::string_view kContinuing[] = {"end",     "else",   "elif",  "except", "catch",
                                            "finally", "then",   "do",    "done",   "fi",
                                            "esac",    "#endif", "#else", "#elif"};

// Does the line whose words begin here go on with what stands before it? Closing brackets, else,
// and the like do.
bool continues_block(std::string_view words) {
  if (words.empty()) return false;
  switch (words[0]) {
    case '}':
    case ')':
    case ']':
      return true;
    case '#':
    case 'c':
    case 'd':
    case 'e':
    case 'f':
    case 't':
      break;
    default:
      return false;
  }
  for (std::string_view word : kContinuing) {
    if (!words.starts_with(word)) continue;
    const std::string_view rest = words.substr(word.size());
    if (ends_line(rest) || std::string_view(" :{;(").find(rest[0]) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

}  // namespace

void judge_code(std::string_view text, size_t from, LineState& state, Border* borders, size_t n) {
  if (from == 0) state.indent = static_cast<uint32_t>(indentation(line_view(text, 0)));
  for (size_t i = 0; i < n; ++i) {
    Border& b = borders[i];
    if (!starts_line(b)) continue;
    const std::string_view line = line_view(text, b.pos);
    const auto indent = static_cast<uint32_t>(indentation(line));
    const std::string_view words = line.substr(indent);
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
