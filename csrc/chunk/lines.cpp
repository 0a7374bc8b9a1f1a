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

size_t run_of(std::string_view line, char c) {
  const size_t end = line.find_first_not_of(c);
  return end == std::string_view::npos ? line.size() : end;
}

// 1 to 6 for "# Heading" to "###### Heading", else 0.
size_t atx_depth(std::string_view words) {
  const size_t depth = run_of(words, '#');
  if (depth == 0 || depth > 6) return 0;
  return depth == words.size() || words[depth] == ' ' || words[depth] == '\t' ? depth : 0;
}

// The words of an ATX heading, without the number signs on both sides.
std::string_view atx_words(std::string_view words, size_t depth) {
  std::string_view inner = trimmed(words.substr(depth));
  const size_t last = inner.find_last_not_of('#');
  if (last == std::string_view::npos) return {};
  if (last + 1 < inner.size() && (inner[last] == ' ' || inner[last] == '\t')) {
    inner = trimmed(inner.substr(0, last));
  }
  return inner;
}

// Characters, but for what takes no place of its own or two.
size_t width(std::string_view words) {
  return static_cast<size_t>(std::count_if(
      words.begin(), words.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
}

// Penalties in tenths. What stays whole is cut at its blank lines and lines before it is cut inside
// one: what a place costs by itself is added.
constexpr uint8_t kInside = 50;        // inside what should stay whole
constexpr uint8_t kInHeading = 60;     // inside the line of a heading
constexpr uint8_t kAfterHeading = 80;  // between a heading and what follows

class Markdown {
 public:
  Markdown(std::string_view text, LineState& state, std::vector<Heading>& headings)
      : text_(text), state_(state), headings_(headings) {}

  // The next non-blank line, at `pos`; `border` is the one before it, nullptr at the start.
  void line(size_t pos, Border* border) {
    const std::string_view whole = line_at(text_, pos);
    const bool blank_before = border == nullptr || border->level == Level::kParagraph;
    const Line l{pos,
                 border,
                 whole,
                 trimmed(whole),
                 indentation(whole),
                 blank_before,
                 static_cast<Previous>(state_.previous)};
    if (state_.fence != 0) return inside_fence(l);
    if (l.before == Previous::kSetextWords) {  // this is its underline
      become(Previous::kHeading, kInHeading);
      return judge(border, Level::kLine, kAfterHeading);
    }
    if (l.indent < 4 && opens_fence(l.words)) {
      become(Previous::kOther, kInside);
      if (l.before == Previous::kHeading) return judge(border, Level::kLine, kAfterHeading);
      return judge(border, Level::kFence, 0);
    }
    become(Previous::kOther, 0);
    if (!heading(l)) table_or_text(l);
  }

 private:
  enum class Previous : uint8_t { kOther, kHeading, kSetextWords, kFenceEnd, kTable };

  struct Line {
    size_t pos;
    Border* border;  // before it
    std::string_view whole, words;
    size_t indent;
    bool blank_before;
    Previous before;  // what the line before it was
  };

  // Notes what this line is, for the next one, and what it costs to split inside it.
  void become(Previous what, uint8_t inside) {
    state_.previous = static_cast<uint32_t>(what);
    state_.inside = inside;
  }

  void inside_fence(const Line& l) {
    judge(l.border, Level::kLine, l.blank_before ? kInside : kInside + 10);
    const size_t marks = run_of(l.words, static_cast<char>(state_.fence));
    if (l.indent < 4 && marks >= state_.fence_size && marks == l.words.size()) {
      state_.fence = 0;
      become(Previous::kFenceEnd, kInside);
    }
  }

  // Is this a heading? A heading right under another one belongs to it.
  bool heading(const Line& l) {
    if (l.indent >= 4) return false;
    size_t depth = atx_depth(l.words);
    if (depth != 0) {
      add_heading(l.pos, depth, atx_words(l.words, depth));
      become(Previous::kHeading, kInHeading);
    } else if ((l.blank_before || l.before != Previous::kOther) &&
               (depth = setext_depth(l.pos + l.whole.size(), l.words)) != 0) {
      add_heading(l.pos, depth, l.words);
      become(Previous::kSetextWords, kInHeading);
    }
    if (depth == 0) return false;
    judge(l.border, Level::kHeading, l.before == Previous::kHeading ? 30 : 0);
    return true;
  }

  void table_or_text(const Line& l) {
    const bool table = l.words.size() > 1 && l.words[0] == '|';
    if (table) become(Previous::kTable, kInside);
    if (l.before == Previous::kHeading) return judge(l.border, Level::kLine, kAfterHeading);
    if (l.before == Previous::kFenceEnd) return judge(l.border, Level::kFence, 0);
    if (table && l.before == Previous::kTable && !l.blank_before) {
      return judge(l.border, Level::kLine, kInside + 10);
    }
    if (table != (l.before == Previous::kTable)) {
      return judge(l.border, Level::kFence, l.blank_before || table ? 0 : 5);
    }
  }

  static void judge(Border* border, Level level, uint8_t penalty) {
    if (border == nullptr) return;
    border->level = level;
    border->penalty = penalty;
  }

  bool opens_fence(std::string_view words) {
    for (char c : {'`', '~'}) {
      const size_t marks = run_of(words, c);
      if (marks < 3 || (c == '`' && words.find('`', marks) != std::string_view::npos)) continue;
      state_.fence = static_cast<uint8_t>(c);
      state_.fence_size = static_cast<uint32_t>(marks);
      return true;
    }
    return false;
  }

  // Is the line whose predecessor ends at `end` a run of = or -? Then that one is a heading. So it
  // is over a run of ~ of its own length: that is reStructuredText, in which many a README is
  // written, and not a fence.
  size_t setext_depth(size_t end, std::string_view above) const {
    if (end < text_.size() && text_[end] == '\r') ++end;
    if (end < text_.size() && text_[end] == '\n') ++end;
    const std::string_view under = line_at(text_, std::min(end, text_.size()));
    const std::string_view words = trimmed(under);
    if (words.size() < 2 || indentation(under) >= 4) return 0;
    if (run_of(words, '=') == words.size()) return 1;
    if (run_of(words, '-') == words.size()) return 2;
    const bool tildes = run_of(words, '~') == words.size() && run_of(above, '~') != above.size();
    return tildes && words.size() > 3 && words.size() >= width(above) ? 3 : 0;
  }

  void add_heading(size_t pos, size_t depth, std::string_view words) {
    const size_t start = words.empty() ? pos : static_cast<size_t>(words.data() - text_.data());
    headings_.push_back({static_cast<uint32_t>(pos), static_cast<uint32_t>(depth),
                         static_cast<uint32_t>(start),
                         static_cast<uint32_t>(start + words.size())});
  }

  std::string_view text_;
  LineState& state_;
  std::vector<Heading>& headings_;
};

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

void judge_markdown(std::string_view text, size_t from, LineState& state, Border* borders, size_t n,
                    std::vector<Heading>& headings) {
  Markdown markdown(text, state, headings);
  if (from == 0) {
    // The first line may start behind blank lines.
    const size_t first = text.find_first_not_of(" \t\r\n\v\f");
    if (first == std::string_view::npos) return;
    const size_t newline = text.find_last_of("\r\n", first);
    markdown.line(newline == std::string_view::npos ? 0 : newline + 1, nullptr);
  }
  for (size_t i = 0; i < n; ++i) {
    Border& b = borders[i];
    if (starts_line(b)) {
      markdown.line(b.pos, &b);
    } else {
      b.penalty = static_cast<uint8_t>(b.penalty + state.inside);
    }
  }
}

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
