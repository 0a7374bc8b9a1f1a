#include "chunk/detect.hpp"

#include <algorithm>
#include <cstddef>

#include "text/str_lines.hpp"
#include "text/utf8.hpp"

namespace tokenkit {
namespace {

constexpr size_t kLookedAt = 8192;  // characters
constexpr size_t kTags = 200;       // characters for each end tag that markup has at least
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kMarkdown[] = {"# ", "## ", "### ", "```", "- ", "* ", "|"};
constexpr std::string_view kCertainMarkdown[] = {"# ", "## ", "```"};
constexpr std::string_view kCodeStarts[] = {"def ", "class ", "import ", "#include", "func "};
constexpr std::string_view kCodeEnds[] = {"{", "}", ";", "):"};  // and ");", which ends so, too

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_in_number(char c) {
  return is_digit(c) || std::string_view(".eE+-").find(c) != std::string_view::npos;
}
bool is_ascii_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string_view first_characters(std::string_view text) {
  if (text.size() <= kLookedAt) return text;
  size_t end = 0;
  for (size_t n = 0; n < kLookedAt && end < text.size(); ++n) end = ceil_char(text, end + 1);
  return text.substr(0, end);
}

std::string_view without_mark(std::string_view text) {
  return text.starts_with(kByteOrderMark) ? text.substr(kByteOrderMark.size()) : text;
}

// Reads a text from its start on, as a regular expression that never has to go back.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool ended() const { return at_ == text_.size(); }
  bool is_at(char c) const { return !ended() && text_[at_] == c; }
  bool take(char c) {
    if (!is_at(c)) return false;
    ++at_;
    return true;
  }
  bool take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  template <class Accept>
  bool take_if(const Accept& accept) {
    if (ended() || !accept(text_[at_])) return false;
    ++at_;
    return true;
  }
  // May the next character be one of the name of a tag? All beyond ASCII may.
  bool is_in_name() const {
    const char c = text_[at_];
    return is_ascii_letter(c) || is_digit(c) || c == '_' || c == ':' || c == '-' ||
           static_cast<uint8_t>(c) >= 0x80;
  }
  void take_character() { at_ = ceil_char(text_, at_ + 1); }
  bool take_space() {
    const size_t start = at_;
    at_ = skip_str_space(text_, at_);
    return at_ > start;
  }
  // White space and opening brackets: is there one of these among them?
  bool take_brackets() {
    bool any = false;
    for (take_space(); take('['); take_space()) any = true;
    return any;
  }
  // A string of JSON on one line.
  bool take_string() {
    const size_t start = at_;
    if (!take('"')) return false;
    while (!ended() && !is_at('\n')) {
      if (take('"')) return true;
      if (take('\\') && (ended() || is_at('\n'))) break;
      take_character();
    }
    at_ = start;
    return false;
  }
  bool take_number() {
    const size_t start = at_;
    take('-');
    if (!take_if(is_digit)) {
      at_ = start;
      return false;
    }
    while (take_if(is_in_number)) {
    }
    return true;
  }

 private:
  std::string_view text_;
  size_t at_ = 0;
};

// How an object starts, or an array of objects or of three other values (RFC 8259).
bool looks_like_json(std::string_view text) {
  Reader reader(without_mark(text));
  const bool in_array = reader.take_brackets();
  if (reader.take('{')) {
    reader.take_space();
    if (!reader.take_string()) return false;
    reader.take_space();
    return reader.take(':');
  }
  for (int values = 0; values < 3; ++values) {
    if (!in_array) return false;
    if (!reader.take_string() && !reader.take_number() && !reader.take("true") &&
        !reader.take("false") && !reader.take("null")) {
      return false;
    }
    reader.take_space();
    if (reader.take(']')) reader.take_space();
    if (!reader.take(',')) return false;
    reader.take_brackets();
  }
  return true;
}

// A tag, a declaration or a comment.
bool starts_with_tag(std::string_view text) {
  Reader reader(text);
  reader.take_space();
  if (!reader.take('<')) return false;
  if (reader.take("!--")) return true;
  if (reader.take('!') || reader.take('?')) return reader.take_if(is_ascii_letter);
  if (!reader.take_if(is_ascii_letter)) return false;
  while (!reader.ended()) {
    if (reader.take_space() || reader.take('/') || reader.take('>')) return true;
    if (!reader.is_in_name()) return false;
    reader.take_character();
  }
  return false;
}

bool has_end_tags(std::string_view text) {
  size_t tags = 0;
  for (size_t at = 0; (at = text.find("</", at)) != std::string_view::npos; at += 2) ++tags;
  return tags * kTags > count_chars(text);
}

bool starts_with_any(std::string_view line, const auto& starts) {
  return std::any_of(std::begin(starts), std::end(starts),
                     [&](std::string_view start) { return line.starts_with(start); });
}

bool ends_with_any(std::string_view line, const auto& ends) {
  return std::any_of(std::begin(ends), std::end(ends),
                     [&](std::string_view end) { return line.ends_with(end); });
}

// What the lines that are not blank look like.
struct Lines {
  size_t all = 0;
  size_t marks = 0;  // of Markdown
  size_t code = 0;
  bool certain = false;  // one of them is Markdown for certain
};

Lines judged_lines(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::string_view line = take_str_line(&text);
    const std::string_view words = stripped_end(line);
    if (words.empty()) continue;
    ++lines.all;
    lines.marks += starts_with_any(line, kMarkdown);
    lines.certain = lines.certain || starts_with_any(line, kCertainMarkdown);
    lines.code += ends_with_any(words, kCodeEnds);
    lines.code += starts_with_any(line, kCodeStarts);
  }
  return lines;
}

Format detected(std::string_view text) {
  text = without_mark(text);
  if (looks_like_json(text)) return Format::kJson;
  const Lines lines = judged_lines(text);
  if (lines.certain && lines.marks > lines.code) return Format::kMarkdown;
  if (starts_with_tag(text) && has_end_tags(text)) return Format::kMarkup;
  return lines.code * 5 > lines.all ? Format::kCode : Format::kText;
}

}  // namespace

Format format_of(std::string_view text, FormatChoice choice) {
  switch (choice) {
    case FormatChoice::kText:
      return Format::kText;
    case FormatChoice::kMarkdown:
      return Format::kMarkdown;
    case FormatChoice::kCode:
      return looks_like_json(first_characters(text)) ? Format::kJson : Format::kCode;
    default:
      return detected(first_characters(text));
  }
}

}  // namespace tokenkit
