// Words whose full stop ends no sentence: a name or a number follows, as in "Mrs. Stone", "No. 7".
//
// One function without state. The lists are ours.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace tokenkit {

// Before names; they begin with a capital letter.
constexpr std::string_view kTitles[] = {
    "adm", "capt", "cmdr", "col", "dr",     "fr", "ft",   "gen",  "gov", "hon", "hr",  "lt",  "maj",
    "mme", "mr",   "mrs",  "ms",  "messrs", "mt", "pres", "prof", "rep", "rev", "sen", "sgt", "st",
};
// Before numbers.
constexpr std::string_view kNumbered[] = {
    "apr",  "art", "aug", "ca",  "ch",   "chap", "dec",  "ed",  "eq",  "eqs", "feb",  "fig",
    "figs", "jan", "jul", "jun", "mar",  "no",   "nos",  "nov", "nr",  "oct", "op",   "p",
    "par",  "pp",  "pt",  "sec", "sect", "sep",  "sept", "tab", "ver", "vol", "vols",
};
// Before anything.
constexpr std::string_view kAnywhere[] = {
    "approx", "bzw", "cf", "e.g", "i.e", "resp", "viz", "vs", "z.b",
};
constexpr size_t kLongestAbbreviation = 6;

// Is `word`, without its full stop, an abbreviation? `number`: a digit follows.
inline bool is_abbreviation(std::string_view word, bool number) {
  if (word.empty() || word.size() > kLongestAbbreviation) return false;
  std::array<char, kLongestAbbreviation> folded{};
  for (size_t i = 0; i < folded.size() && i < word.size(); ++i) {
    const char c = word[i];
    folded[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  const std::string_view small(folded.data(), word.size());
  const auto among = [&](const auto& list) {
    return std::find(std::begin(list), std::end(list), small) != std::end(list);
  };
  const bool capital = word[0] != small[0];
  return among(kAnywhere) || (capital && among(kTitles)) || (number && among(kNumbered));
}

}  // namespace tokenkit
