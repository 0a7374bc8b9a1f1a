#include "chunk/separators.hpp"

#include <algorithm>

#include "text/grapheme.hpp"
#include "text/unicode.hpp"
#include "text/utf8.hpp"

namespace tokenkit {
namespace {

// White space that is longer than this, in bytes, is not taken for one run.
constexpr size_t kRun = 1024;
static_assert(kRun + kLongestSeparator < kBorderView);

constexpr uint8_t kElsewhere = 50;  // what other borders cost more
constexpr uint8_t kMost = 160;

struct Ending {
  size_t pos;
  uint8_t penalty;
};

// Where separators end, from `from` on and somewhat beyond `upto`, in order, each place once.
std::vector<Ending> endings(std::string_view text, const Separators& separators, size_t from,
                            size_t upto) {
  const size_t far = std::min(text.size(), upto + kRun + kLongestSeparator);
  std::vector<Ending> all;
  uint8_t penalty = 0;
  GraphemeBoundaries graphemes(text);
  for (std::string_view separator : separators) {
    const size_t size = separator.size();
    const size_t begin = from - std::min(from, size + kRun);
    for (size_t at = text.find(separator, begin); at != text.npos && at + size <= far;
         at = text.find(separator, at + 1)) {
      if (graphemes.at(at + size)) all.push_back({at + size, penalty});
    }
    penalty = std::min<uint8_t>(static_cast<uint8_t>(penalty + 2), 20);
  }
  std::sort(all.begin(), all.end(), [](const Ending& a, const Ending& b) {
    return a.pos != b.pos ? a.pos < b.pos : a.penalty < b.penalty;
  });
  const auto same = [](const Ending& a, const Ending& b) { return a.pos == b.pos; };
  all.erase(std::unique(all.begin(), all.end(), same), all.end());
  return all;
}

// Is there nothing but white space between the two?
bool one_run(std::string_view text, size_t a, size_t b) {
  if (b - a > kRun) return false;
  const auto* s = reinterpret_cast<const uint8_t*>(text.data());
  while (a < b) {
    uint32_t cp;
    a += decode(s + a, s + b, &cp);
    if (!is_space(char_class(cp))) return false;
  }
  return true;
}

}  // namespace

void prefer_separators(std::string_view text, const Separators& separators, size_t from,
                       size_t upto, std::vector<Border>& borders, size_t first) {
  const std::vector<Ending> ends = endings(text, separators, from, upto);
  std::vector<Border> merged;
  size_t next = 0;  // of the ends
  const auto add_ends = [&](size_t stop) {
    for (; next < ends.size() && ends[next].pos <= stop; ++next) {
      const size_t pos = ends[next].pos;
      const bool last = next + 1 == ends.size() || !one_run(text, pos, ends[next + 1].pos);
      if (!last || pos <= from || pos > upto || pos >= text.size()) continue;
      Border border;
      border.pos = static_cast<uint32_t>(pos);
      border.level = Level::kBlock;
      border.penalty = ends[next].penalty;
      merged.push_back(border);
    }
  };
  for (size_t i = first; i < borders.size(); ++i) {
    Border& b = borders[i];
    add_ends(b.pos);
    const bool behind = next > 0 && one_run(text, ends[next - 1].pos, b.pos);
    const bool before = next < ends.size() && one_run(text, b.pos, ends[next].pos);
    if (behind || before) continue;
    b.penalty = static_cast<uint8_t>(std::min<unsigned>(b.penalty + kElsewhere, kMost));
    merged.push_back(b);
  }
  add_ends(upto);
  borders.resize(first);
  borders.insert(borders.end(), merged.begin(), merged.end());
}

}  // namespace tokenkit
