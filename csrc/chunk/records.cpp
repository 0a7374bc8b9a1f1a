#include "chunk/records.hpp"

#include <algorithm>

#include "text/unicode.hpp"

namespace tokenkit {
namespace {

// Penalties in tenths: records stay whole where they fit.
constexpr uint8_t kDeeper = 60;   // between elements, for each bracket more than around a record
constexpr uint8_t kElement = 70;  // the most that it costs between elements
constexpr uint8_t kInside = 80;   // inside a record

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Goes through a text with a Reader, which reads it byte by byte, and judges the borders.
template <class Reader>
void judge_records(std::string_view text, size_t from, size_t upto, Reader& reader,
                   std::vector<Border>& borders, size_t first) {
  std::vector<Border> merged;
  size_t next = first;
  for (size_t pos = from; pos < upto; ++pos) {
    reader.read(pos);
    const size_t end = pos + 1;
    if (next < borders.size() && borders[next].pos == end) {
      merged.push_back(borders[next++]);
      reader.judge(merged.back());
    } else if (reader.splits() && end < text.size() && !is_blank(text[end]) &&
               static_cast<uint8_t>(text[end]) < 0x80) {
      Border border;
      border.pos = static_cast<uint32_t>(end);
      border.level = Level::kClause;
      merged.push_back(border);
      reader.judge(merged.back());
    }
  }
  borders.resize(first);
  borders.insert(borders.end(), merged.begin(), merged.end());
}

void make_worse(Border& border, uint8_t penalty) {
  border.penalty = static_cast<uint8_t>(std::min<unsigned>(border.penalty + penalty, 150));
}

void make(Border& border, Level level, size_t penalty) {
  border.level = level;
  border.penalty = static_cast<uint8_t>(penalty);
}

class Json {
 public:
  Json(std::string_view text, LineState& state) : text_(text), state_(state) {}

  void read(size_t pos) {
    comma_ = false;
    const char c = text_[pos];
    if (state_.mode == kEscape) {
      state_.mode = kString;
    } else if (state_.mode == kString) {
      if (c == '\\') state_.mode = kEscape;
      if (c == '"') state_.mode = kPlain;
    } else if (!is_blank(c) && static_cast<uint8_t>(c) < 0x80) {
      token(c);
    }
  }

  // May a border be added here?
  bool splits() const { return comma_; }

  void judge(Border& b) const {
    if (state_.mode != kPlain) return make_worse(b, kInside);
    const bool line = b.level == Level::kLine || b.level == Level::kParagraph;
    if (state_.depth == 0) return make(b, Level::kBlock, line ? 0 : 5);
    if (state_.last == kCloseComma) return make(b, Level::kBlock, between(state_.depth));
    const Level level = line ? Level::kLine : Level::kClause;
    make(b, level, state_.last == kComma ? kInside : kInside + 10);
  }

 private:
  enum Mode : uint32_t { kPlain, kString, kEscape };
  enum Last : uint32_t { kOther, kClose, kComma, kCloseComma };

  void token(char c) {
    const uint32_t before = state_.last;
    state_.last = kOther;
    if (c == '"') {
      state_.mode = kString;
    } else if (c == '{' || c == '[') {
      // Two elements with brackets of their own, one after the other: records.
      const bool sibling = before == kCloseComma;
      if (sibling && (state_.records == 0 || state_.depth < state_.records)) {
        state_.records = state_.depth;
      }
      ++state_.depth;
    } else if (c == '}' || c == ']') {
      state_.depth -= state_.depth != 0;
      state_.last = kClose;
    } else if (c == ',') {
      comma_ = true;
      state_.last = before == kClose ? kCloseComma : kComma;
    }
  }

  size_t between(uint32_t depth) const {
    const uint32_t known = state_.records == 0 ? 1 : state_.records;
    return depth <= known ? 0 : std::min<size_t>(size_t{kDeeper} * (depth - known), kElement);
  }

  std::string_view text_;
  LineState& state_;
  bool comma_ = false;
};

// Elements inside a line of text, and those of which several make a record.
constexpr std::string_view kInline[] = {
    "a",    "abbr",   "b",      "bdo", "big", "button", "cite", "code", "data", "del",  "dfn",
    "em",   "font",   "i",      "ins", "kbd", "label",  "mark", "q",    "s",    "samp", "small",
    "span", "strike", "strong", "sub", "sup", "time",   "tt",   "u",    "var",
};
constexpr std::string_view kParts[] = {"dt", "option", "td", "th"};
constexpr std::string_view kWhole[] = {
    "address", "article",  "aside",  "blockquote", "body",   "dd",      "details", "div",
    "dl",      "fieldset", "figure", "footer",     "form",   "h1",      "h2",      "h3",
    "h4",      "h5",       "h6",     "head",       "header", "html",    "li",      "main",
    "nav",     "ol",       "p",      "pre",        "script", "section", "style",   "table",
    "tbody",   "tfoot",    "thead",  "title",      "tr",     "ul",
};

template <size_t N>
bool among(const std::string_view (&names)[N], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

class Markup {
 public:
  Markup(std::string_view text, LineState& state) : text_(text), state_(state) {}

  void read(size_t pos) {
    ended_ = false;
    const char c = text_[pos];
    switch (state_.mode) {
      case kPlain:
        if (c == '<') {
          opens(pos);
        } else if (!is_blank(c)) {
          state_.last = kText;
        }
        break;
      case kTag:
        if (c == '>') tag(pos);
        if (c == '"') state_.mode = kDouble;
        if (c == '\'') state_.mode = kSingle;
        break;
      case kDouble:
      case kSingle:
        if (c == (state_.mode == kDouble ? '"' : '\'')) state_.mode = kTag;
        break;
      case kComment:
        if (c == '>' && text_.substr(0, pos).ends_with("--")) state_.mode = kPlain;
        break;
      case kRaw:
      default:
        if (c == '<' && (starts(pos, "</script") || starts(pos, "</style"))) state_.mode = kTag;
        break;
    }
  }

  bool splits() const { return ended_; }

  void judge(Border& b) const {
    if (state_.mode == kPlain && state_.last >= kEnd) {
      return make(b, Level::kBlock, state_.last - kEnd);
    }
    make_worse(b, kInside);
  }

 private:
  enum Mode : uint32_t { kPlain, kTag, kDouble, kSingle, kComment, kRaw };
  // What was there last; the end of an element is kEnd and its penalty.
  enum Last : uint32_t { kText, kInlineEnd, kStart, kEnd };

  static constexpr size_t kTagView = 1024;  // bytes

  bool starts(size_t pos, std::string_view what) const {
    return text_.substr(pos, what.size()) == what;
  }

  void opens(size_t pos) {
    const char c = pos + 1 < text_.size() ? text_[pos + 1] : ' ';
    if (starts(pos, "<!--")) {
      state_.mode = kComment;
    } else if (c == '/' || c == '!' || c == '?' || (c >= 'a' && c <= 'z') ||
               (c >= 'A' && c <= 'Z')) {
      state_.mode = kTag;
    } else {
      state_.last = kText;
    }
  }

  // The tag that ends with the character at `pos`.
  void tag(size_t pos) {
    state_.mode = kPlain;
    const size_t view = pos - std::min(pos, kTagView);
    const size_t open = text_.substr(view, pos - view).rfind('<');
    std::string_view inner;
    if (open != std::string_view::npos)
      inner = text_.substr(view + open + 1, pos - view - open - 1);
    const bool closes = inner.starts_with('/');
    if (closes) inner.remove_prefix(1);
    char folded[12];
    size_t size = 0;
    while (size < inner.size() && size < sizeof folded && is_name(inner[size])) {
      const char c = inner[size];
      folded[size++] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    const std::string_view name(folded, size);
    if (closes) {
      element_ends(name);
    } else if (name == "br" || name == "hr" || inner.ends_with('/')) {
      state_.last = kEnd + 10;
      ended_ = true;
    } else {
      if (name == "script" || name == "style") state_.mode = kRaw;
      state_.last = kStart;
    }
  }

  static bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == ':' || c == '_';
  }

  void element_ends(std::string_view name) {
    if (among(kInline, name)) {
      state_.last = kInlineEnd;
      return;
    }
    const bool holds_others = state_.last >= kEnd;
    uint32_t penalty = holds_others || among(kWhole, name) ? 0 : 20;
    if (among(kParts, name)) penalty = 30;
    state_.last = kEnd + penalty;
    ended_ = true;
  }

  std::string_view text_;
  LineState& state_;
  bool ended_ = false;
};

}  // namespace

void judge_json(std::string_view text, size_t from, size_t upto, LineState& state,
                std::vector<Border>& borders, size_t first) {
  Json reader(text, state);
  judge_records(text, from, upto, reader, borders, first);
}

void judge_markup(std::string_view text, size_t from, size_t upto, LineState& state,
                  std::vector<Border>& borders, size_t first) {
  Markup reader(text, state);
  judge_records(text, from, upto, reader, borders, first);
}

}  // namespace tokenkit
