#include "unigram/unigram.hpp"

#include <algorithm>
#include <utility>

#include "encode/word_cache.hpp"
#include "text/grapheme.hpp"
#include "text/unicode.hpp"
#include "text/utf8.hpp"
#include "unigram/normalize.hpp"
#include "unigram/viterbi.hpp"

namespace tokenkit {

using unigram::Lead;
using unigram::Lines;
using unigram::Splits;
using unigram::Step;

namespace {

constexpr size_t kNpos = std::string_view::npos;

const uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

uint32_t first_char(std::string_view text) {
  uint32_t cp;
  decode(bytes_of(text), bytes_of(text) + text.size(), &cp);
  return cp;
}

uint32_t last_char(std::string_view text) {
  uint32_t cp;
  decode_before(bytes_of(text), bytes_of(text) + text.size(), &cp);
  return cp;
}

bool is_white(uint32_t cp) { return is_space(char_class(cp)); }

bool has_map(const std::vector<Step>& steps) {
  return std::any_of(steps.begin(), steps.end(),
                     [](const Step& step) { return step.kind == Step::kCharsMap; });
}

// Does a single space stay where it is, and what is beside it beside it?
bool allows_cuts(const std::vector<Step>& steps, const Splits& splits) {
  if (!splits.at_spaces && !splits.at_signs) return false;
  for (const Step& step : steps) {
    switch (step.kind) {
      case Step::kCharsMap:
      case Step::kStripRight:
        break;
      case Step::kStripLeft:
        // A part that begins with a space loses it, and must get it back.
        if (!splits.at_spaces && splits.lead != Lead::kAlways) return false;
        break;
      case Step::kReplaceRun:
        if (step.from != " ") return false;
        break;
      default:
        return false;
    }
  }
  return true;
}

}  // namespace

// What words are made in, one after the other.
struct Unigram::Maker {
  explicit Maker(const Unigram& given) : unigram(given), viterbi(given.image_) {}

  void normalize(std::string_view raw, bool traced) {
    lines.now.start(raw, traced);
    for (const Step& step : unigram.steps_) apply(step, unigram.image_.charsmap(), lines);
  }
  void split(bool led) {
    pieces.clear();
    split_pieces(unigram.image_.splits(), led, lines, pieces);
  }
  // Gives the ids of a raw word.
  const std::vector<uint32_t>& make(std::string_view raw, bool led) {
    normalize(raw, false);
    split(led);
    ids.clear();
    size_t start = 0;
    for (size_t end : pieces) {
      viterbi.cover(lines.now.text().substr(start, end - start), ids);
      start = end;
    }
    return ids;
  }

  const Unigram& unigram;
  unigram::Viterbi viterbi;
  Lines lines;
  std::vector<size_t> pieces;  // the end of each
  std::vector<uint32_t> ids;
};

Unigram::Unigram(std::string_view image, SpecialTokens specials, Given given)
    : Words(std::move(specials)), image_(image), given_(given), sides_{} {
  if (!given.normal) steps_ = image_.steps();
  has_cuts_ = allows_cuts(steps_, image_.splits());
  find_loose();
}

// Finds the characters that may become something that is empty, or has a space or a sign at an end.
void Unigram::find_loose() {
  const Splits& splits = image_.splits();
  const auto is_loose = [&](std::string_view text) {
    const auto sign = [&](std::string_view part) {
      return !splits.sign.empty() && part == splits.sign;
    };
    return text.empty() || is_white(first_char(text)) || is_white(last_char(text)) ||
           sign(text.substr(0, splits.sign.size())) ||
           sign(text.substr(text.size() - std::min(text.size(), splits.sign.size())));
  };
  if (!splits.sign.empty()) loose_.push_back(first_char(splits.sign));
  const bool maps = has_map(steps_);
  if (maps) {
    const unigram::CharsMap& map = image_.charsmap();
    for (uint32_t entry = 0; entry < map.count(); ++entry) {
      if (is_loose(map.text(entry))) loose_.push_back(map.first_char(entry));
    }
  }
  std::sort(loose_.begin(), loose_.end());
  loose_.erase(std::unique(loose_.begin(), loose_.end()), loose_.end());
  for (uint32_t byte = 1; byte < sides_.size(); ++byte) {
    const char c = static_cast<char>(byte);
    const std::string_view alone(&c, 1);
    const std::string_view text = maps ? image_.charsmap().find(alone).value_or(alone) : alone;
    const bool space = splits.at_spaces && count_chars(text) == 1 && is_white(first_char(text));
    if (text == " " || space) {
      sides_[byte] = Side::kSpace;
    } else if (!is_white(byte) && !std::binary_search(loose_.begin(), loose_.end(), byte)) {
      sides_[byte] = Side::kFirm;
    }
  }
}

bool Unigram::is_firm(uint32_t cp) const {
  if (cp < sides_.size()) return sides_[cp] == Side::kFirm;
  return !is_white(cp) && !std::binary_search(loose_.begin(), loose_.end(), cp);
}

// May the text be cut before the space at `pos`? The usual case: ASCII on both sides.
inline bool Unigram::is_cut(std::string_view text, size_t pos) const {
  if (pos == 0 || pos + 1 >= text.size()) return false;
  const auto side = [&](size_t at) {
    const auto byte = static_cast<uint8_t>(text[at]);
    return byte < sides_.size() ? sides_[byte] : Side::kOther;
  };
  if (side(pos) != Side::kSpace) return false;
  const bool alone = pos < 2 || static_cast<uint8_t>(text[pos - 2]) < 0x80;
  if (alone && side(pos - 1) == Side::kFirm && side(pos + 1) == Side::kFirm) return true;
  return is_seldom_cut(text, pos);
}

// The same for any characters. The cluster before the space becomes what its first character leads
// to, or its characters one by one.
bool Unigram::is_seldom_cut(std::string_view text, size_t pos) const {
  if (!is_firm(first_char(text.substr(pos + 1)))) return false;
  if (!is_grapheme_boundary(text, pos) || !is_grapheme_boundary(text, pos + 1)) return false;
  size_t start = pos;
  do {
    uint32_t cp;
    start -= decode_before(bytes_of(text), bytes_of(text) + start, &cp);
    if (!is_firm(cp)) return false;
  } while (start > 0 && pos - start < unigram::kMostCluster && !is_grapheme_boundary(text, start));
  return true;
}

// The first cut behind `pos`, or the end of the text.
size_t Unigram::next_cut(std::string_view text, size_t pos) const {
  if (!has_cuts_) return text.size();
  for (++pos; pos < text.size(); ++pos) {
    if (is_cut(text, pos)) return pos;
  }
  return text.size();
}

// The number of ids of each word of a section; take() says whether to go on.
template <class Take>
void Unigram::count_each(const Section& section, Scratch& scratch, const Take& take) const {
  Maker maker(*this);
  for (size_t start = 0; start < section.text.size();) {
    const size_t end = next_cut(section.text, start);
    const auto make = [&]() -> const std::vector<uint32_t>& {
      return maker.make(section.text.substr(start, end - start), is_led(section, start));
    };
    const size_t count = depends_on_place(start)
                             ? make().size()
                             : count_word(WordKey(section.text, start, end), scratch, make);
    if (!take(end, count)) return;
    start = end;
  }
}

void Unigram::encode_section(const Section& section, size_t max_ids, Scratch& scratch,
                             IdSink& out) const {
  Maker maker(*this);
  const size_t before = out.size();
  for (size_t start = 0; start < section.text.size() && out.size() - before < max_ids;) {
    const size_t end = next_cut(section.text, start);
    const auto make = [&]() -> const std::vector<uint32_t>& {
      return maker.make(section.text.substr(start, end - start), is_led(section, start));
    };
    if (depends_on_place(start)) {
      const std::vector<uint32_t>& ids = make();
      out.append(ids.data(), ids.size());
    } else {
      encode_word(WordKey(section.text, start, end), scratch, make, out);
    }
    start = end;
  }
}

size_t Unigram::count_until(const Section& section, size_t limit, Scratch& scratch) const {
  size_t total = 0;
  count_each(section, scratch, [&](size_t, size_t count) {
    total += count;
    return total <= limit;
  });
  return total;
}

void Unigram::count_words(std::string_view text, Scratch& scratch, std::vector<int64_t>& ends,
                          std::vector<int64_t>& counts) const {
  count_each({text}, scratch, [&](size_t end, size_t count) {
    if (count != 0) {
      ends.push_back(static_cast<int64_t>(end));
      counts.push_back(static_cast<int64_t>(count));
    }
    return true;
  });
}

void Unigram::encode_spans(std::string_view text, IdSink& out, std::vector<Span>& spans) const {
  Maker maker(*this);
  std::vector<size_t> ends;
  for (size_t start = 0; start < text.size();) {
    const size_t end = next_cut(text, start);
    maker.normalize(text.substr(start, end - start), true);
    maker.split(is_led({text}, start));
    size_t from = 0;
    for (size_t to : maker.pieces) {
      maker.ids.clear();
      ends.clear();
      maker.viterbi.cover(maker.lines.now.text().substr(from, to - from), maker.ids, &ends);
      size_t first = 0;  // where what an id covers starts in the piece
      for (size_t i = 0; i < ends.size(); ++i) {
        if (i != 0 && ends[i] != ends[i - 1]) first = ends[i - 1];
        const auto& sources = maker.lines.now.sources();
        out.push(maker.ids[i]);
        spans.push_back(
            {start + sources[from + first].start, start + sources[from + ends[i] - 1].end});
      }
      from = to;
    }
    start = end;
  }
}

size_t Unigram::split_after(std::string_view text, size_t from) const {
  const size_t pos = next_cut(text, std::max<size_t>(from, 1) - 1);
  return pos < text.size() ? pos : kNpos;
}

size_t Unigram::settled_prefix(std::string_view text) const {
  if (!has_cuts_) return 0;
  for (size_t pos = text.size(); pos-- > 1;) {
    if (is_cut(text, pos)) return pos;
  }
  return 0;
}

std::string Unigram::normalized(std::string_view text) const {
  Maker maker(*this);
  maker.normalize(text, false);
  return std::string(maker.lines.now.text());
}

}  // namespace tokenkit
