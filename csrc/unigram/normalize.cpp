#include "unigram/normalize.hpp"

#include <algorithm>

#include "text/unicode.hpp"
#include "text/utf8.hpp"

namespace tokenkit::unigram {
namespace {

const uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

// The character at `pos`, and its length.
std::pair<uint32_t, size_t> char_at(std::string_view text, size_t pos) {
  uint32_t cp;
  const size_t size = decode(bytes_of(text) + pos, bytes_of(text) + text.size(), &cp);
  return {cp, size};
}

bool is_white(uint32_t cp) { return is_space(char_class(cp)); }

// The end of the white space, or of all else, that starts at `pos`.
size_t skip(std::string_view text, size_t pos, bool white) {
  while (pos < text.size()) {
    const auto [cp, size] = char_at(text, pos);
    if (is_white(cp) != white) break;
    pos += size;
  }
  return pos;
}

size_t start_of_last_spaces(std::string_view text) {
  size_t pos = text.size();
  while (pos > 0) {
    uint32_t cp;
    const size_t size = decode_before(bytes_of(text), bytes_of(text) + pos, &cp);
    if (!is_white(cp)) break;
    pos -= size;
  }
  return pos;
}

// The end of the characters of ASCII at `pos` that the map keeps and that are clusters by
// themselves.
size_t skip_kept(std::string_view text, size_t pos, const CharsMap& map) {
  while (pos < text.size() && map.keeps_byte(static_cast<uint8_t>(text[pos]))) {
    const uint8_t next = pos + 1 < text.size() ? static_cast<uint8_t>(text[pos + 1]) : 0;
    if (next >= 0x80 || next == '\n') break;
    ++pos;
  }
  return pos;
}

void map_cluster(const CharsMap& map, const Line& now, size_t start, size_t end, Line& next) {
  const std::string_view text = now.text();
  if (end - start <= kMostCluster) {
    const auto found = map.find(text.substr(start, end - start));
    if (found) return next.put(*found, now, start, end);
  }
  while (start < end) {
    const size_t size = char_at(text, start).second;
    const auto found = map.find(text.substr(start, size));
    if (found) {
      next.put(*found, now, start, start + size);
    } else {
      next.copy(now, start, start + size);
    }
    start += size;
  }
}

void map_all(const CharsMap& map, const Line& now, Line& next) {
  const std::string_view text = now.text();
  for (size_t pos = 0; pos < text.size();) {
    const size_t kept = skip_kept(text, pos, map);
    next.copy(now, pos, kept);
    pos = kept;
    if (pos == text.size()) break;
    const size_t end = next_cluster(text, pos);
    map_cluster(map, now, pos, end, next);
    pos = end;
  }
}

// Replaces each run of at least `least` `from`.
void replace(const Step& step, size_t least, const Line& now, Line& next) {
  const std::string_view text = now.text();
  size_t done = 0;
  for (size_t pos = 0; (pos = text.find(step.from, pos)) != std::string_view::npos;) {
    size_t end = pos + step.from.size();
    while (least > 1 && text.substr(end, step.from.size()) == step.from) end += step.from.size();
    if (end - pos >= least * step.from.size()) {
      next.copy(now, done, pos);
      next.put(step.to, now, pos, end);
      done = end;
    }
    pos = end;
  }
  next.copy(now, done, text.size());
}

size_t behind_all(std::string_view text, std::string_view unit) {
  size_t pos = 0;
  while (text.substr(pos, unit.size()) == unit) pos += unit.size();
  return pos;
}

size_t before_all(std::string_view text, std::string_view unit) {
  size_t end = text.size();
  while (end >= unit.size() && text.substr(end - unit.size(), unit.size()) == unit) {
    end -= unit.size();
  }
  return end;
}

}  // namespace

void Line::start(std::string_view raw, bool traced) {
  text_ = raw;
  traced_ = traced;
  sources_.clear();
  for (size_t pos = 0; traced && pos < raw.size();) {
    const size_t size = char_at(raw, pos).second;
    sources_.insert(sources_.end(), size, Source{pos, pos + size});
    pos += size;
  }
}

void Line::follow(const Line& other) {
  text_.clear();
  sources_.clear();
  traced_ = other.traced_;
}

void Line::copy(const Line& from, size_t start, size_t end) {
  text_.append(from.text_, start, end - start);
  if (!traced_) return;
  sources_.insert(sources_.end(), from.sources_.begin() + static_cast<std::ptrdiff_t>(start),
                  from.sources_.begin() + static_cast<std::ptrdiff_t>(end));
}

void Line::put(std::string_view text, const Line& from, size_t start, size_t end) {
  text_ += text;
  if (!traced_) return;
  Source source{};
  if (start < end) {
    source = {from.sources_[start].start, from.sources_[end - 1].end};
  } else if (start < from.sources_.size()) {
    source = {from.sources_[start].start, from.sources_[start].start};
  }
  sources_.insert(sources_.end(), text.size(), source);
}

void apply(const Step& step, const CharsMap& map, Lines& lines) {
  const Line& now = lines.now;
  Line& next = lines.next;
  const std::string_view text = now.text();
  next.follow(now);
  switch (step.kind) {
    case Step::kCharsMap:
      map_all(map, now, next);
      break;
    case Step::kStripLeft:
      next.copy(now, skip(text, 0, true), text.size());
      break;
    case Step::kStripRight:
      next.copy(now, 0, start_of_last_spaces(text));
      break;
    case Step::kReplace:
      replace(step, 1, now, next);
      break;
    case Step::kReplaceRun:
      replace(step, 2, now, next);
      break;
    case Step::kPrepend:
      if (!text.empty()) next.put(step.to, now, 0, 0);
      next.copy(now, 0, text.size());
      break;
    case Step::kTrimLeft:
      next.copy(now, behind_all(text, step.from), text.size());
      break;
    case Step::kTrimRight:
      next.copy(now, 0, before_all(text, step.from));
      break;
    case Step::kCount:
      break;
  }
  std::swap(lines.now, lines.next);
}

namespace {

// Appends now[start..end), not empty, as Metaspace makes it, and where its pieces end.
void put_signed(const Splits& splits, bool lead, const Line& now, size_t start, size_t end,
                Line& next, std::vector<size_t>& ends) {
  const std::string_view text = now.text().substr(0, end);
  const size_t from = next.text().size();
  const bool begins = text[start] == ' ' || text.substr(start, splits.sign.size()) == splits.sign;
  if (lead && !begins) next.put(splits.sign, now, start, start);
  for (size_t pos = start; pos < end;) {
    const size_t space = std::min(text.find(' ', pos), end);
    next.copy(now, pos, space);
    if (space < end) next.put(splits.sign, now, space, space + 1);
    pos = space + 1;
  }
  for (size_t pos = from; splits.at_signs;) {
    pos = next.text().find(splits.sign, pos + (pos == from));
    if (pos == std::string_view::npos) break;
    ends.push_back(pos);
    pos += splits.sign.size();
  }
  ends.push_back(next.text().size());
}

}  // namespace

void split_pieces(const Splits& splits, bool first, Lines& lines, std::vector<size_t>& ends) {
  const Line& now = lines.now;
  Line& next = lines.next;
  next.follow(now);
  const std::string_view text = now.text();
  const bool lead = splits.lead == Lead::kAlways || (splits.lead == Lead::kFirst && first);
  for (size_t pos = splits.at_spaces ? skip(text, 0, true) : 0; pos < text.size();) {
    const size_t end = splits.at_spaces ? skip(text, pos, false) : text.size();
    if (splits.sign.empty()) {
      next.copy(now, pos, end);
      ends.push_back(next.text().size());
    } else {
      put_signed(splits, lead, now, pos, end, next, ends);
    }
    pos = splits.at_spaces ? skip(text, end, true) : end;
  }
  std::swap(lines.now, lines.next);
}

}  // namespace tokenkit::unigram
