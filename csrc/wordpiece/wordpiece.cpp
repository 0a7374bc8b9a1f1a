#include "wordpiece/wordpiece.hpp"

#include <algorithm>
#include <utility>

#include "encode/word_cache.hpp"
#include "text/utf8.hpp"

namespace tokenkit {

using bert::Kind;
using bert::NormalWord;

namespace {

constexpr size_t kShortWord = 64;  // bytes of a word of ASCII that is normalized on the stack
const uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

bool separates(Kind kind) { return kind == Kind::kSpace || kind == Kind::kMark; }

}  // namespace

WordPiece::WordPiece(std::string_view image, SpecialTokens specials, bool normal)
    : Words(std::move(specials)),
      image_(image),
      options_(normal ? bert::Options{.split_punctuation = image_.options().split_punctuation}
                      : image_.options()),
      kinds_(options_),
      ascii_ids_{} {
  Maker maker(*this);
  for (size_t byte = 0; byte < ascii_ids_.size(); ++byte) {
    const Kind kind = kinds_.of_byte(static_cast<uint8_t>(byte));
    if (kind == Kind::kSpace || kind == Kind::kNothing) continue;
    const char c = static_cast<char>(byte);
    make({&c, 1}, maker);
    ascii_ids_[byte] = maker.ids[0];
  }
}

// What the character at `pos` is; writes its length.
inline Kind WordPiece::kind_at(std::string_view text, size_t pos, size_t* size) const {
  const uint8_t* p = bytes_of(text) + pos;
  const Kind kind = kinds_.of_byte(*p);
  *size = 1;
  if (kind != Kind::kBeyond) return kind;
  uint32_t cp;
  *size = decode(p, bytes_of(text) + text.size(), &cp);
  return kinds_.of(cp);
}

// Where the word ends that goes on at `pos`; says if any of that stays when it is normalized.
inline size_t WordPiece::end_of_word(std::string_view text, size_t pos, bool* any) const {
  while (pos < text.size()) {
    size_t size;
    const Kind kind = kind_at(text, pos, &size);
    if (separates(kind)) break;
    *any |= kind == Kind::kWord;
    pos += size;
  }
  return pos;
}

// Calls take(start, end) for each word, until it says false.
template <class Take>
void WordPiece::scan(std::string_view text, const Take& take) const {
  for (size_t pos = 0; pos < text.size();) {
    size_t size;
    const Kind kind = kind_at(text, pos, &size);
    const size_t start = pos;
    pos += size;
    if (kind == Kind::kSpace) continue;
    bool any = kind != Kind::kNothing;
    if (kind != Kind::kMark) pos = end_of_word(text, pos, &any);
    if (any && !take(start, pos)) return;
  }
}

// The ids of a normalized word, by the longest token each time; one unknown if that fails.
void WordPiece::cover(std::string_view word, std::vector<uint32_t>& ids) const {
  ids.clear();
  for (size_t pos = 0; pos < word.size();) {
    const WordPieceImage::Match match = image_.longest(word.substr(pos), pos != 0);
    if (match.id == WordPieceImage::kNone) {
      ids.assign(1, image_.unknown());
      return;
    }
    ids.push_back(match.id);
    pos += match.size;
  }
}

// Writes the ids of a raw word to maker.ids.
void WordPiece::make(std::string_view raw, Maker& maker) const {
  char word[kShortWord];
  size_t size = 0;
  bool ascii = raw.size() <= kShortWord;
  for (size_t i = 0; ascii && i < raw.size(); ++i) {
    const auto byte = static_cast<uint8_t>(raw[i]);
    ascii = byte < 0x80;
    if (kinds_.of_byte(byte) == Kind::kNothing) continue;
    const bool upper = options_.lowercase && byte >= 'A' && byte <= 'Z';
    word[size++] = static_cast<char>(upper ? byte + 32 : byte);
  }
  if (ascii) {
    if (size <= image_.max_chars()) return cover({word, size}, maker.ids);
    maker.ids.assign(1, image_.unknown());
    return;
  }
  maker.word.clear();
  maker.word.push_all(raw);
  maker.word.finish();
  if (!maker.word.too_long()) return cover(maker.word.text(), maker.ids);
  maker.ids.assign(1, image_.unknown());
}

size_t WordPiece::count_one(std::string_view text, size_t start, size_t end, Scratch& scratch,
                            Maker& maker) const {
  if (end - start == 1) return 1;
  return count_word(WordKey(text, start, end), scratch, [&]() -> const std::vector<uint32_t>& {
    make(text.substr(start, end - start), maker);
    return maker.ids;
  });
}

void WordPiece::encode_section(const Section& section, size_t max_ids, Scratch& scratch,
                               IdSink& out) const {
  const std::string_view text = section.text;
  Maker maker(*this);
  const size_t before = out.size();
  scan(text, [&](size_t start, size_t end) {
    if (out.size() - before >= max_ids) return false;
    const auto byte = static_cast<uint8_t>(text[start]);
    if (end - start == 1 && byte < 0x80) {
      out.push(ascii_ids_[byte]);
      return true;
    }
    const auto made = [&]() -> const std::vector<uint32_t>& {
      make(text.substr(start, end - start), maker);
      return maker.ids;
    };
    encode_word(WordKey(text, start, end), scratch, made, out);
    return true;
  });
}

size_t WordPiece::count_until(const Section& section, size_t limit, Scratch& scratch) const {
  Maker maker(*this);
  size_t total = 0;
  scan(section.text, [&](size_t start, size_t end) {
    total += count_one(section.text, start, end, scratch, maker);
    return total <= limit;
  });
  return total;
}

bool WordPiece::fits(std::string_view text, size_t limit, Scratch& scratch) const {
  // No word has more ids than bytes.
  return text.size() <= limit || Words::fits(text, limit, scratch);
}

void WordPiece::count_words(std::string_view text, Scratch& scratch, std::vector<int64_t>& ends,
                            std::vector<int64_t>& counts) const {
  Maker maker(*this);
  scan(text, [&](size_t start, size_t end) {
    ends.push_back(static_cast<int64_t>(end));
    counts.push_back(static_cast<int64_t>(count_one(text, start, end, scratch, maker)));
    return true;
  });
}

void WordPiece::encode_spans(std::string_view text, IdSink& out, std::vector<Span>& spans) const {
  NormalWord word(options_, kAll);
  std::vector<uint32_t> ids;
  scan(text, [&](size_t start, size_t end) {
    word.clear();
    for (size_t pos = start; pos < end;) {
      uint32_t cp;
      const size_t size = decode(bytes_of(text) + pos, bytes_of(text) + end, &cp);
      word.push(cp, {pos, pos + size});
      pos += size;
    }
    word.finish();
    const std::vector<NormalWord::Source>& from = word.sources();
    cover(from.size() <= image_.max_chars() ? word.text() : std::string_view(), ids);
    if (ids.empty() || (ids.size() == 1 && ids[0] == image_.unknown())) {
      out.push(image_.unknown());
      spans.push_back({from.front().start, from.back().end});
      return true;
    }
    size_t first = 0;
    std::string_view rest = word.text();
    for (uint32_t id : ids) {
      const size_t bytes = image_.longest(rest, first != 0).size;
      const size_t last = first + count_chars(rest.substr(0, bytes)) - 1;
      out.push(id);
      spans.push_back({from[first].start, from[last].end});
      first = last + 1;
      rest.remove_prefix(bytes);
    }
    return true;
  });
}

size_t WordPiece::split_after(std::string_view text, size_t from) const {
  size_t pos = ceil_char(text, std::max<size_t>(from, 1));
  if (pos >= text.size()) return std::string_view::npos;
  uint32_t before;
  decode_before(bytes_of(text), bytes_of(text) + pos, &before);
  if (separates(kinds_.of(before))) return pos;
  bool any = false;
  pos = end_of_word(text, pos, &any);
  return pos < text.size() ? pos : std::string_view::npos;
}

size_t WordPiece::settled_prefix(std::string_view text) const {
  for (size_t pos = text.size(); pos > 0;) {
    uint32_t cp;
    const size_t size = decode_before(bytes_of(text), bytes_of(text) + pos, &cp);
    if (separates(kinds_.of(cp))) return pos;
    pos -= size;
  }
  return 0;
}

std::string WordPiece::normalized(std::string_view text) const {
  return bert::normalized(options_, text);
}

size_t WordPiece::count_normal(const NormalWord& word) const {
  if (word.too_long()) return 1;
  std::vector<uint32_t> ids;
  cover(word.text(), ids);
  return ids.size();
}

}  // namespace tokenkit
