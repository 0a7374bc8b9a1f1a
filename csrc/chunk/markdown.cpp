#include "chunk/markdown.hpp"

#include <algorithm>

#include "chunk/lines.hpp"
#include "chunk/markdown_lines.hpp"
#include "text/utf8.hpp"

namespace tokenkit {
namespace {

using namespace markdown;

// Penalties in tenths. What stays whole is cut at its blank lines and lines before it is cut inside
// one: what a place costs by itself is added.
constexpr uint8_t kInside = 50;        // inside what should stay whole
constexpr uint8_t kInHeading = 60;     // inside the line of a heading
constexpr uint8_t kAfterHeading = 80;  // between a heading and what follows

// How far is looked ahead for the underline of a heading and the end of front matter, in bytes.
constexpr size_t kAhead = 2048;
static_assert(kAhead + kLineView <= kBorderView);

// Characters, but for what takes no place of its own or two.
size_t width(std::string_view words) {
  return static_cast<size_t>(std::count_if(
      words.begin(), words.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
}

size_t end_of_line(std::string_view text, size_t pos) {
  while (pos < text.size() && text[pos] != '\n' && text[pos] != '\r') ++pos;
  return pos;
}

// Where the line after the one at `pos` starts; the end of the text if there is none.
size_t next_line(std::string_view text, size_t pos) {
  const size_t end = end_of_line(text, pos);
  if (end == text.size()) return end;
  return end + (text.substr(end, 2) == "\r\n" ? 2 : 1);
}

enum Leaf : uint32_t { kNothing, kParagraph, kSetext, kFenced, kHtml, kCode, kFrontMatter };
enum Previous : uint32_t { kOther, kHeading, kFenceEnd, kTable };

// Containers: an item of a list is the columns of its marker; it holds kEmpty until it has content.
constexpr uint16_t kQuote = 0;
constexpr uint16_t kEmpty = 0x8000;

class Markdown {
 public:
  Markdown(std::string_view text, LineState& state, std::vector<Heading>& headings)
      : text_(text), state_(state), headings_(headings) {}

  // The line at `pos`; `border` is the one before it, nullptr if there is none.
  void line(size_t pos, Border* border) {
    const std::string_view whole = line_at(pos);
    const std::string_view words = trimmed(whole);
    const uint32_t before = state_.previous;
    const bool blank_before = state_.blank != 0;
    state_.blank = words.empty();
    Kind kind =
        pos == first_ && opens_front_matter(pos, words) ? Kind::kFenceStart : read(pos, whole);
    if (words.empty()) return;
    const bool table = kind == Kind::kText && words.size() > 1 && words[0] == '|';
    judge(border, kind, before, blank_before, table);
    note(kind, table);
  }

  void first_at(size_t pos) { first_ = pos; }

  // Goes through text[from, upto) of the last line: an HTML block may end there.
  void inside_line(size_t from, size_t upto) {
    if (state_.leaf == kHtml && state_.html <= 5 &&
        ends_html(text_.substr(0, upto), from, state_.html)) {
      state_.leaf = kNothing;
    }
  }

 private:
  // The line at `pos`, without its end; of a long one the beginning.
  std::string_view line_at(size_t pos) const {
    const size_t far = std::min(end_of_line(text_, pos), pos + kLineView);
    return text_.substr(pos, floor_char(text_, far) - pos);
  }

  enum class Kind : uint8_t { kText, kHeading, kUnderline, kFenceStart, kInFence, kFenceEnd };

  // Notes what this line is, for the next one, and what it costs to split inside it.
  void note(Kind kind, bool table) {
    state_.previous = kind == Kind::kHeading || kind == Kind::kUnderline ? kHeading
                      : kind == Kind::kFenceEnd                          ? kFenceEnd
                      : table                                            ? kTable
                                                                         : kOther;
    state_.inside = 0;
    if (state_.previous == kHeading)
      state_.inside = kInHeading;
    else if (kind != Kind::kText || table)
      state_.inside = kInside;
  }

  static void set(Border* border, Level level, uint8_t penalty) {
    if (border == nullptr) return;
    border->level = level;
    border->penalty = penalty;
  }

  static void judge(Border* border, Kind kind, uint32_t before, bool blank, bool table) {
    switch (kind) {
      case Kind::kHeading:  // a heading right under another one belongs to it
        return set(border, Level::kHeading, before == kHeading ? 30 : 0);
      case Kind::kUnderline:
        return set(border, Level::kLine, kAfterHeading);
      case Kind::kInFence:
      case Kind::kFenceEnd:
        return set(border, Level::kLine, blank ? kInside : kInside + 10);
      case Kind::kFenceStart:
        if (before == kHeading) return set(border, Level::kLine, kAfterHeading);
        return set(border, Level::kFence, 0);
      case Kind::kText:
        break;
    }
    if (before == kHeading) return set(border, Level::kLine, kAfterHeading);
    if (before == kFenceEnd) return set(border, Level::kFence, 0);
    if (table && before == kTable && !blank) return set(border, Level::kLine, kInside + 10);
    if (table != (before == kTable)) {
      return set(border, Level::kFence, blank || table ? 0 : 5);
    }
  }

  // Reads a line as CommonMark does: which blocks go on, and which ones it opens.
  Kind read(size_t pos, std::string_view whole) {
    Cursor line(whole);
    const uint32_t matched = match_containers(line);
    const bool all = matched == state_.containers;
    if (all && state_.leaf == kFrontMatter) return front_matter(line);
    if (all && state_.leaf == kFenced) return fenced(line);
    if (all && state_.leaf == kHtml && !(line.is_blank() && state_.html > 5)) return Kind::kText;
    if (!all && state_.leaf != kParagraph) close(matched);
    if (state_.leaf == kHtml) state_.leaf = kNothing;
    return open(pos, line, matched, all);
  }

  // Which of the open containers the line belongs to; takes their marks.
  uint32_t match_containers(Cursor& line) {
    for (uint32_t i = 0; i < state_.containers; ++i) {
      uint16_t& c = state_.container[i];
      if (c == kQuote) {
        if (line.is_blank() || line.indent() > 3 || line.words()[0] != '>') return i;
        take_quote(line);
      } else if (line.is_blank()) {
        if ((c & kEmpty) != 0) return i;  // an item begins with one blank line at most
      } else if (line.indent() >= size_t(c & ~kEmpty)) {
        line.take_columns(c & ~kEmpty);
        c = static_cast<uint16_t>(c & ~kEmpty);
      } else {
        return i;
      }
    }
    return state_.containers;
  }

  static void take_quote(Cursor& line) {
    line.take_marks(1);
    line.take_columns(1);
  }

  // Closes all but `matched` containers, and what is in them.
  void close(uint32_t matched) {
    state_.containers = matched;
    state_.leaf = kNothing;
  }

  Kind front_matter(const Cursor& line) {
    const std::string_view words = trimmed(line.words());
    const char mark = static_cast<char>(state_.fence);
    const bool ends = line.indent() == 0 && words.size() == 3 &&
                      (run_of(words, mark) == 3 || (mark == '-' && words == "..."));
    if (!ends) return Kind::kInFence;
    state_.leaf = kNothing;
    return Kind::kFenceEnd;
  }

  Kind fenced(const Cursor& line) {
    const char mark = static_cast<char>(state_.fence);
    if (line.indent() > 3 || !closes_fence(line.words(), mark, state_.fence_size)) {
      return Kind::kInFence;
    }
    state_.leaf = kNothing;
    return Kind::kFenceEnd;
  }

  // Opens the containers and the block that the line starts, or adds it to the paragraph.
  Kind open(size_t pos, Cursor& line, uint32_t matched, bool all) {
    bool same = true;  // no container was opened by this line
    while (!line.is_blank()) {
      const bool continues = state_.leaf >= kParagraph && state_.leaf <= kSetext && same;
      if (line.indent() > 3) {
        if (continues) break;
        return leaf(kCode, matched, Kind::kText);
      }
      const std::string_view words = line.words();
      if (words[0] == '>') {
        if (!push(matched, kQuote)) break;
        take_quote(line);
      } else if (const size_t depth = atx_depth(words)) {
        if (matched == 0) add_heading(pos, depth, atx_words(trimmed(words), depth));
        return leaf(kNothing, matched, matched == 0 ? Kind::kHeading : Kind::kText);
      } else if (state_.leaf == kSetext &&
                 (setext_depth(words) != 0 || is_title_underline(words))) {
        return leaf(kNothing, matched, Kind::kUnderline);
      } else if (const size_t size = fence_size(words)) {
        leaf(kFenced, matched, Kind::kFenceStart);
        state_.fence = static_cast<uint8_t>(words[0]);
        state_.fence_size = static_cast<uint32_t>(size);
        return Kind::kFenceStart;
      } else if (const uint32_t kind = html_kind(words); kind != 0 && (kind < 7 || !continues)) {
        state_.html = kind;
        return leaf(kHtml, matched, Kind::kText);
      } else if (continues && all && setext_depth(words) != 0) {
        // A heading inside of a container: at the top its first line was judged as one.
        if (matched != 0 || words[0] == '-') return leaf(kNothing, matched, Kind::kText);
        break;
      } else if (is_thematic_break(words)) {
        return leaf(kNothing, matched, Kind::kText);
      } else if (!open_item(line, &matched, continues && all)) {
        break;
      }
      same = false;
      all = true;
    }
    return text(pos, line, matched, all, same);
  }

  Kind leaf(Leaf what, uint32_t matched, Kind kind) {
    state_.containers = matched;
    state_.leaf = what;
    return kind;
  }

  bool push(uint32_t& matched, uint16_t container) {
    if (matched == kMostContainers) return false;
    close(matched);
    state_.container[matched++] = container;
    state_.containers = matched;
    return true;
  }

  // Opens the item of a list, if there is one.
  bool open_item(Cursor& line, uint32_t* matched, bool in_paragraph) {
    const ListMarker marker = list_marker(line.words());
    if (marker.size == 0) return false;
    const bool empty = trimmed(line.words().substr(marker.size)).empty();
    if (in_paragraph && (empty || !marker.interrupts)) return false;
    const size_t indent = line.indent();
    if (!push(*matched, kEmpty)) return false;
    line.take_marks(marker.size);
    const size_t spaces = empty || line.indent() > 4 ? 1 : line.indent();
    line.take_columns(spaces);
    const auto columns = static_cast<uint16_t>(indent + marker.size + spaces);
    state_.container[*matched - 1] = static_cast<uint16_t>(empty ? columns | kEmpty : columns);
    return true;
  }

  // What is left of a line starts no block.
  Kind text(size_t pos, const Cursor& line, uint32_t matched, bool all, bool same) {
    if (line.is_blank()) {
      if (!same) return Kind::kText;
      close(matched);
      return Kind::kText;
    }
    if (state_.leaf == kSetext) return Kind::kUnderline;
    if (state_.leaf == kParagraph && same) return Kind::kText;  // lazily, if not all are matched
    if (!all) close(matched);
    state_.leaf = is_definition(line.words()) ? kNothing : kParagraph;
    if (state_.leaf == kNothing) return Kind::kText;
    if (matched != 0 || !same) return Kind::kText;
    if (!setext(pos)) return Kind::kText;
    state_.leaf = kSetext;
    return Kind::kHeading;
  }

  // Is the paragraph that starts at `pos` a heading? Notes it, then.
  bool setext(size_t pos) {
    size_t start = pos;
    size_t end = pos;  // of the words so far
    for (size_t at = pos; at < text_.size() && at - pos < kAhead; at = next_line(text_, at)) {
      const std::string_view whole = line_at(at);
      const Cursor line(whole);
      if (line.is_blank()) return false;
      if (at == pos) start = at + static_cast<size_t>(line.words().data() - whole.data());
      if (at != pos && line.indent() < 4) {
        if (const size_t depth = setext_depth(line.words())) {
          return add_words(pos, depth, start, end);
        }
        if (is_title(text_.substr(start, end - start), line.words())) {
          return add_words(pos, 3, start, end);
        }
        if (interrupts(line.words())) return false;
      }
      end = at + whole.find_last_not_of(" \t") + 1;
    }
    return false;
  }

  bool add_words(size_t pos, size_t depth, size_t start, size_t end) {
    add_heading(pos, depth, text_.substr(start, end - start));
    return true;
  }

  // Does the line end a paragraph? Another run of - is a thematic break or an item.
  static bool interrupts(std::string_view words) {
    if (words[0] == '>' || atx_depth(words) != 0 || fence_size(words) != 0) return true;
    const uint32_t kind = html_kind(words);
    if ((kind != 0 && kind < 7) || is_thematic_break(words)) return true;
    const ListMarker marker = list_marker(words);
    return marker.size != 0 && marker.interrupts && !trimmed(words.substr(marker.size)).empty();
  }

  // In reStructuredText, in which many a README is written, a run of ~ under one line of its own
  // length or less makes that line a heading, and is not a fence.
  static bool is_title_underline(std::string_view words) {
    const std::string_view line = trimmed(words);
    return line.size() > 3 && run_of(line, '~') == line.size();
  }
  static bool is_title(std::string_view above, std::string_view words) {
    return is_title_underline(words) && above.find_first_of("\r\n") == above.npos &&
           run_of(above, '~') != above.size() && trimmed(words).size() >= width(above);
  }

  // Does front matter start here, and end not far away? Its first line is a key, a comment or an
  // item, as YAML and TOML have them.
  bool opens_front_matter(size_t pos, std::string_view words) {
    if (words != "---" && words != "+++") return false;
    size_t at = next_line(text_, pos);
    const std::string_view key = text_.substr(at, end_of_line(text_, at) - at).substr(0, kLineView);
    if (key.empty() || key.find_first_of(words[0] == '-' ? ":#" : "=#[") == key.npos) return false;
    while (at < text_.size() && at - pos < kAhead) {
      const size_t end = end_of_line(text_, at);
      const std::string_view line = text_.substr(at, std::min(end - at, kLineView));
      if (line.starts_with(words) || (words[0] == '-' && line.starts_with("..."))) {
        if (trimmed(line).size() == 3) {
          state_.leaf = kFrontMatter;
          state_.fence = static_cast<uint8_t>(words[0]);
          return true;
        }
      }
      at = next_line(text_, at);
    }
    return false;
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
  size_t first_ = static_cast<size_t>(-1);
};

}  // namespace

void judge_markdown(std::string_view text, size_t from, size_t upto, LineState& state,
                    Border* borders, size_t n, std::vector<Heading>& headings) {
  Markdown markdown(text, state, headings);
  size_t next = 0;
  // The borders inside the last line, which goes on from `begin` to `stop`.
  const auto pass = [&](size_t begin, size_t stop) {
    for (; next < n && borders[next].pos < stop; ++next) {
      borders[next].penalty = static_cast<uint8_t>(borders[next].penalty + state.inside);
    }
    markdown.inside_line(begin, std::min(stop, upto));
  };
  size_t pos = from;
  if (from == 0) {
    const bool marked = text.starts_with("\xEF\xBB\xBF");
    markdown.first_at(marked ? 3 : 0);
    markdown.line(marked ? 3 : 0, nullptr);
    pos = marked ? 3 : 0;
  }
  for (;;) {
    const size_t start = next_line(text, pos);
    pass(pos, std::min(start, upto + 1));
    if (start > upto || start >= text.size()) break;
    Border* border = next < n && borders[next].pos == start ? &borders[next++] : nullptr;
    markdown.line(start, border);
    pos = start;
  }
}

}  // namespace tokenkit
