#include "chunk/markdown_lines.hpp"

#include <algorithm>
#include <iterator>

namespace tokenkit::markdown {
namespace {

constexpr std::string_view kBlank = " \t";

// The names of section 4.6, kinds 1 and 6.
constexpr std::string_view kRawNames[] = {"pre", "script", "style", "textarea"};
constexpr std::string_view kBlockNames[] = {
    "address",  "article",  "aside",    "base",       "basefont", "blockquote", "body",   "caption",
    "center",   "col",      "colgroup", "dd",         "details",  "dialog",     "dir",    "div",
    "dl",       "dt",       "fieldset", "figcaption", "figure",   "footer",     "form",   "frame",
    "frameset", "h1",       "h2",       "h3",         "h4",       "h5",         "h6",     "head",
    "header",   "hr",       "html",     "iframe",     "legend",   "li",         "link",   "main",
    "menu",     "menuitem", "nav",      "noframes",   "ol",       "optgroup",   "option", "p",
    "param",    "search",   "section",  "summary",    "table",    "tbody",      "td",     "tfoot",
    "th",       "thead",    "title",    "tr",         "track",    "ul",
};
constexpr size_t kLongestName = 10;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same_folded(std::string_view text, std::string_view name) {
  return std::equal(text.begin(), text.end(), name.begin(), name.end(),
                    [](char a, char b) { return lower(a) == b; });
}

size_t name_size(std::string_view text) {
  size_t size = 0;
  if (text.empty() || !is_letter(text[0])) return 0;
  while (size < text.size() && (is_letter(text[size]) || is_digit(text[size]) || text[size] == '-'))
    ++size;
  return size;
}

template <size_t N>
bool is_one_of(const std::string_view (&names)[N], std::string_view text) {
  return text.size() <= kLongestName &&
         std::any_of(std::begin(names), std::end(names),
                     [&](std::string_view name) { return same_folded(text, name); });
}

void skip_blanks(std::string_view* text) {
  while (!text->empty() && is_blank(text->front())) text->remove_prefix(1);
}

// Takes the value of an attribute, which follows "="; false if there is none.
bool take_value(std::string_view* text) {
  if (text->empty()) return false;
  const char quote = text->front();
  if (quote == '"' || quote == '\'') {
    const size_t end = text->find(quote, 1);
    if (end == text->npos) return false;
    text->remove_prefix(end + 1);
    return true;
  }
  const auto is_part = [](char c) {
    return static_cast<uint8_t>(c) > 0x20 &&
           std::string_view("\"'=<>`").find(c) == std::string_view::npos;
  };
  const auto end = std::find_if_not(text->begin(), text->end(), is_part);
  const auto size = static_cast<size_t>(end - text->begin());
  text->remove_prefix(size);
  return size != 0;
}

// Takes an attribute and the white space before it; false, with nothing taken, if there is none.
bool take_attribute(std::string_view* text) {
  std::string_view rest = *text;
  skip_blanks(&rest);
  if (rest.size() == text->size() || rest.empty()) return false;
  if (!is_letter(rest[0]) && rest[0] != '_' && rest[0] != ':') return false;
  const auto is_part = [](char c) {
    return is_letter(c) || is_digit(c) || c == '_' || c == ':' || c == '.' || c == '-';
  };
  rest.remove_prefix(
      static_cast<size_t>(std::find_if_not(rest.begin(), rest.end(), is_part) - rest.begin()));
  *text = rest;
  skip_blanks(&rest);
  if (rest.empty() || rest.front() != '=') return true;
  rest.remove_prefix(1);
  skip_blanks(&rest);
  if (take_value(&rest)) *text = rest;
  return true;
}

// Is the line one complete tag and nothing else? (kind 7)
bool is_lone_tag(std::string_view text) {
  text.remove_prefix(1);
  const bool closing = text.starts_with('/');
  if (closing) text.remove_prefix(1);
  const size_t size = name_size(text);
  if (size == 0) return false;
  text.remove_prefix(size);
  while (!closing && take_attribute(&text)) {
  }
  skip_blanks(&text);
  if (!closing && text.starts_with('/')) text.remove_prefix(1);
  if (!text.starts_with('>')) return false;
  text.remove_prefix(1);
  skip_blanks(&text);
  return text.empty();
}

}  // namespace

std::string_view trimmed(std::string_view line) {
  const size_t start = line.find_first_not_of(kBlank);
  if (start == line.npos) return {};
  return line.substr(start, line.find_last_not_of(kBlank) + 1 - start);
}

size_t run_of(std::string_view text, char c) {
  const size_t end = text.find_first_not_of(c);
  return end == text.npos ? text.size() : end;
}

size_t atx_depth(std::string_view words) {
  const size_t depth = run_of(words, '#');
  if (depth == 0 || depth > 6) return 0;
  return depth == words.size() || words[depth] == ' ' || words[depth] == '\t' ? depth : 0;
}

std::string_view atx_words(std::string_view words, size_t depth) {
  std::string_view inner = trimmed(words.substr(depth));
  const size_t last = inner.find_last_not_of('#');
  if (last == inner.npos) return {};
  if (last + 1 < inner.size() && (inner[last] == ' ' || inner[last] == '\t')) {
    inner = trimmed(inner.substr(0, last));
  }
  return inner;
}

size_t setext_depth(std::string_view words) {
  const std::string_view line = trimmed(words);
  if (line.empty() || run_of(line, line[0]) != line.size()) return 0;
  return line[0] == '=' ? 1 : line[0] == '-' ? 2 : 0;
}

bool is_thematic_break(std::string_view words) {
  const char mark = words.empty() ? ' ' : words[0];
  if (mark != '*' && mark != '-' && mark != '_') return false;
  size_t marks = 0;
  for (char c : words) {
    if (c == mark) ++marks;
    if (c != mark && c != ' ' && c != '\t') return false;
  }
  return marks >= 3;
}

size_t fence_size(std::string_view words) {
  for (char c : {'`', '~'}) {
    const size_t marks = run_of(words, c);
    if (marks < 3 || (c == '`' && words.find('`', marks) != words.npos)) continue;
    return marks;
  }
  return 0;
}

bool closes_fence(std::string_view words, char mark, size_t size) {
  const size_t marks = run_of(words, mark);
  return marks >= size && trimmed(words.substr(marks)).empty();
}

uint32_t html_kind(std::string_view words) {
  if (!words.starts_with('<') || words.size() < 2) return 0;
  if (words.starts_with("<!--")) return 2;
  if (words.starts_with("<?")) return 3;
  if (words.starts_with("<!") && words.size() > 2 && is_letter(words[2])) return 4;
  if (words.starts_with("<![CDATA[")) return 5;
  const bool closing = words[1] == '/';
  const std::string_view inner = words.substr(closing ? 2 : 1);
  const std::string_view name = inner.substr(0, name_size(inner));
  const std::string_view rest = inner.substr(name.size());
  const bool ends = rest.empty() || is_blank(rest[0]) || rest[0] == '>';
  if (!closing && ends && is_one_of(kRawNames, name)) return 1;
  if ((ends || rest.starts_with("/>")) && is_one_of(kBlockNames, name)) return 6;
  return is_lone_tag(words) ? 7 : 0;
}

bool ends_html(std::string_view text, size_t from, uint32_t kind) {
  constexpr std::string_view kEnds[] = {"", "", "-->", "?>", ">", "]]>"};
  if (kind != 1) {
    const size_t size = kEnds[kind].size();
    const size_t at = text.find(kEnds[kind], from - std::min(from, size - 1));
    return at != text.npos;
  }
  for (size_t at = from - std::min<size_t>(from, 10); (at = text.find("</", at)) != text.npos;) {
    at += 2;
    for (std::string_view name : kRawNames) {
      const size_t end = at + name.size();
      if (end < text.size() && end >= from && text[end] == '>' &&
          same_folded(text.substr(at, name.size()), name)) {
        return true;
      }
    }
  }
  return false;
}

ListMarker list_marker(std::string_view words) {
  ListMarker marker;
  if (words.empty()) return marker;
  size_t size = 1;
  marker.interrupts = true;
  if (is_digit(words[0])) {
    while (size < words.size() && size < 10 && is_digit(words[size])) ++size;
    if (size > 9 || size == words.size() || (words[size] != '.' && words[size] != ')')) return {};
    marker.interrupts = words.substr(0, size) == "1";
    ++size;
  } else if (words[0] != '-' && words[0] != '+' && words[0] != '*') {
    return {};
  }
  if (size < words.size() && words[size] != ' ' && words[size] != '\t') return {};
  marker.size = size;
  return marker;
}

bool is_definition(std::string_view words) {
  if (!words.starts_with('[')) return false;
  size_t end = 1;
  while (end < words.size() && words[end] != ']' && words[end] != '[')
    end += words[end] == '\\' ? 2 : 1;
  if (end + 1 >= words.size() || words[end] != ']' || words[end + 1] != ':') return false;
  if (trimmed(words.substr(1, end - 1)).empty()) return false;
  std::string_view rest = trimmed(words.substr(end + 2));
  if (rest.empty()) return false;
  size_t size = std::min(rest.find_first_of(kBlank), rest.size());
  if (rest[0] == '<') {
    size = rest.find('>');
    if (size == rest.npos) return false;
    ++size;
  }
  const std::string_view title = trimmed(rest.substr(size));
  if (title.empty()) return true;
  if (size < rest.size() && rest[size] != ' ' && rest[size] != '\t') return false;
  const char close = title[0] == '(' ? ')' : title[0];
  return title.size() > 1 && (close == ')' || close == '"' || close == '\'') &&
         title.find(close, 1) == title.size() - 1;
}

}  // namespace tokenkit::markdown
