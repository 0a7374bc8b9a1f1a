#include "tests/reference_wordpiece.hpp"

#include <algorithm>

#include "text/utf8.hpp"
#include "wordpiece/chars.hpp"

namespace tokenkit::test {
namespace {

bert::Kind kind_of(uint32_t cp) { return static_cast<bert::Kind>(bert::flags_of(cp) & 3); }

template <class Keep>
CodePoints filtered(const CodePoints& text, const Keep& keep) {
  CodePoints out;
  std::copy_if(text.begin(), text.end(), std::back_inserter(out), keep);
  return out;
}

template <class Change>
CodePoints changed(const CodePoints& text, const Change& change) {
  CodePoints out;
  for (uint32_t cp : text) {
    uint32_t parts[kMostParts];
    out.insert(out.end(), parts, parts + change(cp, parts));
  }
  return out;
}

CodePoints spaced(const CodePoints& text) {
  CodePoints out;
  for (uint32_t cp : text) {
    const bool chinese = (bert::flags_of(cp) & bert::kChinese) != 0;
    if (chinese) out.push_back(' ');
    out.push_back(cp);
    if (chinese) out.push_back(' ');
  }
  return out;
}

// Exchanges neighbours that are not in order, until all are.
CodePoints nfd(const CodePoints& text) {
  CodePoints out = changed(text, decompose);
  for (size_t i = 1; i < out.size(); ++i) {
    for (size_t k = i; k > 0; --k) {
      const uint8_t before = combining_class(out[k - 1]);
      const uint8_t after = combining_class(out[k]);
      if (after == 0 || before <= after) break;
      std::swap(out[k - 1], out[k]);
    }
  }
  return out;
}

}  // namespace

CodePoints code_points(const std::string& text) {
  CodePoints out;
  const auto* p = reinterpret_cast<const uint8_t*>(text.data());
  for (const uint8_t* end = p + text.size(); p < end;) {
    uint32_t cp;
    p += decode(p, end, &cp);
    out.push_back(cp);
  }
  return out;
}

CodePoints reference_normal(const bert::Options& options, CodePoints text) {
  if (options.clean_text) {
    text = filtered(text, [](uint32_t cp) { return (bert::flags_of(cp) & bert::kControl) == 0; });
    for (uint32_t& cp : text) {
      if (kind_of(cp) == bert::Kind::kSpace) cp = ' ';
    }
  }
  if (options.handle_chinese_chars) text = spaced(text);
  if (options.strip_accents) {
    text = filtered(nfd(text), [](uint32_t cp) { return !bert::is_stripped(bert::flags_of(cp)); });
  }
  return options.lowercase ? changed(text, bert::lower) : text;
}

std::vector<CodePoints> reference_words(const bert::Options& options, const CodePoints& normal) {
  std::vector<CodePoints> words(1);
  for (uint32_t cp : normal) {
    const bert::Kind kind = kind_of(cp);
    const bool alone = kind == bert::Kind::kMark && options.split_punctuation;
    if (kind == bert::Kind::kSpace || alone) words.emplace_back();
    if (kind == bert::Kind::kSpace) continue;
    words.back().push_back(cp);
    if (alone) words.emplace_back();
  }
  std::erase_if(words, [](const CodePoints& word) { return word.empty(); });
  return words;
}

std::vector<uint32_t> reference_wordpiece(const WordPieceModel& model, const std::string& text) {
  const std::map<std::string, uint32_t> ids(model.tokens.begin(), model.tokens.end());
  const CodePoints normal = reference_normal(model.options, code_points(text));
  std::vector<uint32_t> out;
  for (const CodePoints& word : reference_words(model.options, normal)) {
    const size_t before = out.size();
    bool known = word.size() <= model.max_chars;
    for (size_t start = 0; known && start < word.size();) {
      const auto from = word.begin() + static_cast<std::ptrdiff_t>(start);
      auto to = word.end();
      const auto part = [&] { return (start != 0 ? model.prefix : "") + to_utf8({from, to}); };
      while (to != from && ids.count(part()) == 0) --to;
      known = to != from;
      if (known) out.push_back(ids.at(part()));
      start += static_cast<size_t>(to - from);
    }
    if (known) continue;
    out.resize(before);
    out.push_back(ids.at(model.unknown));
  }
  return out;
}

}  // namespace tokenkit::test
