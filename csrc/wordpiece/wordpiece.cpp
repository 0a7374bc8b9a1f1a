#include "wordpiece/wordpiece.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/bytes.hpp"
#include "bpe/piece_table.hpp"
#include "text/utf8.hpp"

namespace tokenkit {

using bert::Kind;
using bert::NormalWord;

namespace {

constexpr size_t kShortWord = 64;  // bytes of a word of ASCII that is normalized on the stack
constexpr size_t kAll = static_cast<size_t>(-1);

const uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

// The key of text[start..start + n), n <= 15; what is behind the text must not be read.
Key key_at(std::string_view text, size_t start, size_t n) {
  const uint8_t* p = bytes_of(text) + start;
  const size_t left = text.size() - start;
  if (left >= 16) return make_key_from_16(p, n);
  if (text.size() >= 16) return make_key_from_before(p, n, 16 - left);
  return make_key(p, n);
}

bool separates(Kind kind) { return kind == Kind::kSpace || kind == Kind::kMark; }

}  // namespace

WordPiece::WordPiece(std::string_view image, SpecialTokens specials, bool normal)
    : image_(image),
      specials_(std::move(specials)),
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

void WordPiece::encode_word(std::string_view text, size_t start, size_t end, Scratch& scratch,
                            Maker& maker, IdSink& out) const {
  const size_t n = end - start;
  const uint8_t* p = bytes_of(text) + start;
  if (n == 1 && *p < 0x80) return out.push(ascii_ids_[*p]);
  const bool is_short = n <= kShortMax;
  const Key key = is_short ? key_at(text, start, n) : Key{};
  const bool cached = n <= LongTable::kMaxBytes;
  const uint64_t hash = is_short ? hash_key(key) : cached ? hash_bytes(p, n) : 0;
  if (is_short) {
    const IdEntry* entry = scratch.id_table().find(key, hash);
    if (entry != nullptr) {
      // An entry is copied whole, count and all.
      out.reserve(IdEntry::kMaxIds + 1);
      std::memcpy(out.end(), entry->words(), sizeof(uint32_t) * (IdEntry::kMaxIds + 1));
      return out.advance(entry->count);
    }
  }
  if (cached) {
    const LongTable::Record known = scratch.long_ids().find(p, n, hash);
    if (known.ids != nullptr) return out.append(known.ids, known.count);
  }
  make(text.substr(start, n), maker);
  const auto count = static_cast<uint32_t>(maker.ids.size());
  out.append(maker.ids.data(), count);
  if (is_short && count <= IdEntry::kMaxIds) {
    IdEntry entry{key, {}, count};
    std::copy(maker.ids.begin(), maker.ids.end(), entry.ids);
    scratch.id_table().insert(key, hash, entry);
  } else if (cached) {
    scratch.long_ids().insert(p, n, hash, maker.ids.data(), count);
  }
}

size_t WordPiece::count_word(std::string_view text, size_t start, size_t end, Scratch& scratch,
                             Maker& maker) const {
  constexpr uint32_t kMostInEntry = 15;
  const size_t n = end - start;
  const uint8_t* p = bytes_of(text) + start;
  if (n == 1) return 1;
  const bool is_short = n <= kShortMax;
  const Key key = is_short ? key_at(text, start, n) : Key{};
  const bool cached = n <= LongTable::kMaxBytes;
  const uint64_t hash = is_short ? hash_key(key) : cached ? hash_bytes(p, n) : 0;
  if (is_short) {
    const CountEntry* entry = scratch.count_table().find(key, hash);
    if (entry != nullptr) return entry->count();
  } else if (cached) {
    const LongTable::Record known = scratch.long_counts().find(p, n, hash);
    if (known.ids != nullptr) return known.count;
  }
  make(text.substr(start, n), maker);
  const auto count = static_cast<uint32_t>(maker.ids.size());
  if (is_short) {
    static_assert(kShortMax <= kMostInEntry);  // a word has no more ids than bytes
    scratch.count_table().insert(key, hash, CountEntry(key, count));
  } else if (cached) {
    scratch.long_counts().insert(p, n, hash, nullptr, count);
  }
  return count;
}

void WordPiece::encode_prefix(std::string_view text, size_t max_ids, Scratch& scratch,
                              IdSink& out) const {
  Maker maker(*this);
  const size_t before = out.size();
  scan(text, [&](size_t start, size_t end) {
    if (out.size() - before >= max_ids) return false;
    encode_word(text, start, end, scratch, maker, out);
    return true;
  });
}

void WordPiece::encode(std::string_view text, const SpecialSet* allowed, Scratch& scratch,
                       IdSink& out) const {
  size_t pos = 0;
  while (allowed != nullptr) {
    const SpecialTokens::Match match = specials_.find(text, pos, *allowed);
    if (!match.found()) break;
    const auto& [token, id] = specials_.tokens()[match.index];
    encode_prefix(text.substr(pos, match.start - pos), kAll, scratch, out);
    out.push(id);
    pos = match.start + token.size();
  }
  encode_prefix(text.substr(pos), kAll, scratch, out);
}

size_t WordPiece::count_until(std::string_view text, size_t limit, Scratch& scratch) const {
  Maker maker(*this);
  size_t total = 0;
  scan(text, [&](size_t start, size_t end) {
    total += count_word(text, start, end, scratch, maker);
    return total <= limit;
  });
  return total;
}

std::optional<size_t> WordPiece::within(std::string_view text, size_t limit,
                                        Scratch& scratch) const {
  const size_t total = count_until(text, limit, scratch);
  return total <= limit ? std::optional(total) : std::nullopt;
}

size_t WordPiece::count(std::string_view text, const SpecialSet* allowed, Scratch& scratch) const {
  size_t total = 0;
  size_t pos = 0;
  while (allowed != nullptr) {
    const SpecialTokens::Match match = specials_.find(text, pos, *allowed);
    if (!match.found()) break;
    total += count_until(text.substr(pos, match.start - pos), kAll, scratch) + 1;
    pos = match.start + specials_.tokens()[match.index].first.size();
  }
  return total + count_until(text.substr(pos), kAll, scratch);
}

bool WordPiece::fits(std::string_view text, size_t limit, Scratch& scratch) const {
  return text.size() <= limit || within(text, limit, scratch).has_value();
}

void WordPiece::count_words(std::string_view text, Scratch& scratch, std::vector<int64_t>& ends,
                            std::vector<int64_t>& counts) const {
  Maker maker(*this);
  scan(text, [&](size_t start, size_t end) {
    ends.push_back(static_cast<int64_t>(end));
    counts.push_back(static_cast<int64_t>(count_word(text, start, end, scratch, maker)));
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

void WordPiece::split(std::string_view text, size_t bytes, std::vector<size_t>& ends) const {
  for (size_t start = 0; text.size() - start > 2 * bytes;) {
    start = split_after(text, start + bytes);
    if (start == std::string_view::npos) break;
    ends.push_back(start);
  }
  ends.push_back(text.size());
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

size_t WordPiece::count_normal(const NormalWord& word) const {
  if (word.too_long()) return 1;
  std::vector<uint32_t> ids;
  cover(word.text(), ids);
  return ids.size();
}

}  // namespace tokenkit
