#include "wordpiece/normalize.hpp"

#include <algorithm>

namespace tokenkit::bert {

void NormalWord::clear() {
  chars_ = 0;
  text_.clear();
  waiting_.clear();
  sources_.clear();
  traced_ = false;
}

void NormalWord::push(uint32_t cp) {
  const uint8_t flags = flags_of(cp);
  if (options_.clean_text && (flags & kControl) != 0) return;
  if (too_long()) return;
  if (options_.strip_accents) {
    strip(cp);
  } else {
    emit(cp, source_);
  }
}

void NormalWord::push_all(std::string_view raw) {
  const auto* s = reinterpret_cast<const uint8_t*>(raw.data());
  const uint8_t* end = s + raw.size();
  while (s < end && !too_long()) {
    uint32_t cp;
    s += decode(s, end, &cp);
    push(cp);
  }
}

// Decomposes, puts combining marks in canonical order, and drops those that do not take space. A
// dropped mark of class 0 still keeps those on its two sides apart.
void NormalWord::strip(uint32_t cp) {
  uint32_t parts[kMostParts];
  const size_t count = decompose(cp, parts);
  for (size_t i = 0; i < count; ++i) {
    const uint8_t order = combining_class(parts[i]);
    const bool dropped = is_stripped(flags_of(parts[i]));
    if (order == 0) {
      release();
      before_ = source_;
      if (!dropped) emit(parts[i], source_);
    } else if (!dropped || traced_) {
      waiting_.push_back({parts[i], order, i == 0, dropped, source_});
      chars_ += !dropped;
    }
  }
}

// Emits the marks that wait. As in the package, marks that change places leave their sources where
// they were: the first mark comes from the first character.
void NormalWord::release() {
  if (waiting_.empty()) return;
  std::vector<Source> sources;
  for (const Waiting& mark : waiting_) {
    chars_ -= !mark.dropped;
    if (traced_ && mark.first) sources.push_back(mark.source);
  }
  std::stable_sort(waiting_.begin(), waiting_.end(),
                   [](const Waiting& a, const Waiting& b) { return a.order < b.order; });
  size_t next = 0;
  for (const Waiting& mark : waiting_) {
    if (traced_ && mark.first) before_ = sources[next++];
    if (!mark.dropped) emit(mark.cp, before_);
  }
  waiting_.clear();
}

void NormalWord::emit(uint32_t cp, Source source) {
  if (!options_.lowercase) return append(cp, source);
  uint32_t parts[kMostParts];
  const size_t count = lower(cp, parts);
  for (size_t i = 0; i < count; ++i) append(parts[i], source);
}

std::string normalized(const Options& options, std::string_view text) {
  NormalWord all(options, static_cast<size_t>(-1));
  const auto* s = reinterpret_cast<const uint8_t*>(text.data());
  for (const uint8_t* end = s + text.size(); s < end;) {
    uint32_t cp;
    s += decode(s, end, &cp);
    const uint8_t flags = flags_of(cp);
    const bool alone = options.handle_chinese_chars && (flags & kChinese) != 0;
    const bool space = static_cast<Kind>(flags & 3) == Kind::kSpace && (flags & kControl) == 0;
    if (alone) all.push(' ');
    all.push(options.clean_text && space ? ' ' : cp);
    if (alone) all.push(' ');
  }
  all.finish();
  return std::string(all.text());
}

void NormalWord::append(uint32_t cp, Source source) {
  ++chars_;
  if (traced_) sources_.push_back(source);
  if (cp < 0x80) {
    text_.push_back(static_cast<char>(cp));
    return;
  }
  char bytes[4];
  size_t size = 0;
  const auto put = [&](uint32_t byte) { bytes[size++] = static_cast<char>(byte); };
  if (cp < 0x800) {
    put(0xC0 | cp >> 6);
  } else if (cp < 0x10000) {
    put(0xE0 | cp >> 12);
    put(0x80 | (cp >> 6 & 0x3F));
  } else {
    put(0xF0 | cp >> 18);
    put(0x80 | (cp >> 12 & 0x3F));
    put(0x80 | (cp >> 6 & 0x3F));
  }
  put(0x80 | (cp & 0x3F));
  text_.append(bytes, size);
}

}  // namespace tokenkit::bert
