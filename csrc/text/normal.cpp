#include "text/normal.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <vector>

#include "text/utf8.hpp"

namespace tokenkit {
namespace {

constexpr unsigned kBlockBits = 7;
constexpr uint8_t kSafe = 0;       // NFC keeps it, and joins or moves it to nothing before it
constexpr uint8_t kChanges = 255;  // NFC changes it, or may compose it with what is before it

#include "text/normal_tables.inc"

// Hangul syllables are composed by arithmetic: The Unicode Standard, section 3.12.
constexpr uint32_t kSyllables = 0xAC00, kSyllableCount = 11172;
constexpr uint32_t kLeading = 0x1100, kVowel = 0x1161, kTrailing = 0x11A7;
constexpr uint32_t kLeadings = 19, kVowels = 21, kTrailings = 28;

const uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

// kSafe, kChanges, or the combining class of a character that NFC may move.
uint8_t value_of(uint32_t cp) {
  if (cp >= 0x110000) return kSafe;
  const uint32_t block = kIndex[cp >> kBlockBits];
  return kBlocks[block << kBlockBits | (cp & ((1u << kBlockBits) - 1))];
}

size_t decompose_syllable(uint32_t index, uint32_t* parts) {
  parts[0] = kLeading + index / (kVowels * kTrailings);
  parts[1] = kVowel + index / kTrailings % kVowels;
  const uint32_t trailing = index % kTrailings;
  if (trailing == 0) return 2;
  parts[2] = kTrailing + trailing;
  return 3;
}

uint32_t compose_syllable(uint32_t first, uint32_t second) {
  if (first - kLeading < kLeadings && second - kVowel < kVowels) {
    return kSyllables + ((first - kLeading) * kVowels + (second - kVowel)) * kTrailings;
  }
  const uint32_t index = first - kSyllables;
  const uint32_t trailing = second - kTrailing;
  const bool open = index < kSyllableCount && index % kTrailings == 0;
  return open && trailing - 1 < kTrailings - 1 ? first + trailing : 0;
}

void append(std::string& out, uint32_t cp) {
  if (cp < 0x80) {
    out += static_cast<char>(cp);
    return;
  }
  if (cp < 0x800) {
    out += static_cast<char>(0xC0 | cp >> 6);
  } else {
    if (cp < 0x10000) {
      out += static_cast<char>(0xE0 | cp >> 12);
    } else {
      out += static_cast<char>(0xF0 | cp >> 18);
      out += static_cast<char>(0x80 | (cp >> 12 & 0x3F));
    }
    out += static_cast<char>(0x80 | (cp >> 6 & 0x3F));
  }
  out += static_cast<char>(0x80 | (cp & 0x3F));
}

struct Part {
  uint32_t cp;
  uint8_t order;  // combining class
};

// The characters of a stretch, decomposed and in canonical order.
void decompose_all(const uint8_t* p, const uint8_t* end, std::vector<Part>& parts) {
  parts.clear();
  for (uint32_t cp; p < end;) {
    p += decode(p, end, &cp);
    uint32_t some[kMostParts];
    const size_t n = decompose(cp, some);
    for (size_t i = 0; i < n; ++i) parts.push_back({some[i], combining_class(some[i])});
  }
  for (auto from = parts.begin(); from != parts.end();) {
    from = std::find_if(from, parts.end(), [](const Part& part) { return part.order != 0; });
    const auto to =
        std::find_if(from, parts.end(), [](const Part& part) { return part.order == 0; });
    std::stable_sort(from, to, [](const Part& a, const Part& b) { return a.order < b.order; });
    from = to;
  }
}

// Composes decomposed characters in place.
void compose_all(std::vector<Part>& parts) {
  size_t kept = 0;
  size_t starter = parts.size();  // where the last character of class 0 is
  for (const Part part : parts) {
    // Nothing of its class or of none may stand between it and the starter.
    const bool reaches =
        starter < kept && (starter + 1 == kept || parts[kept - 1].order < part.order);
    const uint32_t made = reaches ? compose(parts[starter].cp, part.cp) : 0;
    if (made != 0) {
      parts[starter].cp = made;
      continue;
    }
    if (part.order == 0) starter = kept;
    parts[kept++] = part;
  }
  parts.resize(kept);
}

// A stretch of text that NFC may change; it begins and ends at safe characters or ends of the text.
struct Stretch {
  size_t start, end;
};

// Skips characters whose first byte says that they are safe; `*last` becomes the last of them.
const uint8_t* skip_safe(const uint8_t* p, const uint8_t* end, const uint8_t** last) {
  while (p < end) {
    if (*p < 0x80) {
      uint64_t eight;
      for (; end - p >= 8; p += 8) {
        std::memcpy(&eight, p, sizeof eight);
        if ((eight & 0x8080808080808080u) != 0) break;
      }
      while (p < end && *p < 0x80) ++p;
      *last = p - 1;
      continue;
    }
    // Characters of three bytes come in runs.
    while (end - p > 12 && kSafeLengths[p[0]] == 3 && kSafeLengths[p[3]] == 3 &&
           kSafeLengths[p[6]] == 3 && kSafeLengths[p[9]] == 3) {
      *last = p + 9;
      p += 12;
    }
    const size_t length = kSafeLengths[*p];
    if (length == 0) break;
    *last = p;
    p += length;
  }
  return p;
}

// The first stretch from `pos` on, where a safe character stands or the text starts; empty and at
// the end of the text if there is none. `*last` becomes the last safe character before its end.
Stretch next_stretch(std::string_view text, size_t pos) {
  const uint8_t* const begin = bytes_of(text);
  const uint8_t* const end = begin + text.size();
  const uint8_t* p = begin + pos;
  const uint8_t* base = p;  // the last safe character
  uint8_t order = 0;        // the highest class since then
  bool changes = false;
  while (p < end) {
    const uint8_t* const at = p;
    if (order == 0 && !changes) {
      p = skip_safe(p, end, &base);
      if (p != at) continue;
    }
    uint32_t cp;
    p += decode(p, end, &cp);
    const uint8_t value = value_of(cp);
    if (value == kSafe) {
      if (changes) return {static_cast<size_t>(base - begin), static_cast<size_t>(at - begin)};
      base = at;
      order = 0;
    } else {
      changes = changes || value == kChanges || value < order;
      order = value;
    }
  }
  return {changes ? static_cast<size_t>(base - begin) : text.size(), text.size()};
}

}  // namespace

size_t decompose(uint32_t cp, uint32_t* parts) {
  if (cp - kSyllables < kSyllableCount) return decompose_syllable(cp - kSyllables, parts);
  const auto* at = std::lower_bound(std::begin(kDecomposedFrom), std::end(kDecomposedFrom), cp);
  if (at == std::end(kDecomposedFrom) || *at != cp) {
    parts[0] = cp;
    return 1;
  }
  const size_t i = static_cast<size_t>(at - kDecomposedFrom);
  const size_t start = kDecomposedStart[i], end = kDecomposedStart[i + 1];
  std::copy(kDecomposedTo + start, kDecomposedTo + end, parts);
  return end - start;
}

uint8_t combining_class(uint32_t cp) {
  const auto* run = std::lower_bound(std::begin(kCombiningLast), std::end(kCombiningLast), cp);
  if (run == std::end(kCombiningLast)) return 0;
  const size_t i = static_cast<size_t>(run - kCombiningLast);
  return cp >= kCombiningFirst[i] ? kCombiningClass[i] : 0;
}

uint32_t compose(uint32_t first, uint32_t second) {
  if (const uint32_t syllable = compose_syllable(first, second)) return syllable;
  const uint64_t pair = uint64_t{first} << 32 | second;
  const auto* at = std::lower_bound(std::begin(kPairs), std::end(kPairs), pair);
  return at != std::end(kPairs) && *at == pair ? kPairsTo[at - kPairs] : 0;
}

std::string_view in_nfc(std::string_view text, std::string& made) {
  Stretch stretch = next_stretch(text, 0);
  if (stretch.start == text.size()) return text;
  made.clear();
  made.reserve(text.size() + text.size() / 8 + 16);
  std::vector<Part> parts;
  for (size_t pos = 0;;) {
    made.append(text, pos, stretch.start - pos);
    if (stretch.start == text.size()) return made;
    decompose_all(bytes_of(text) + stretch.start, bytes_of(text) + stretch.end, parts);
    compose_all(parts);
    for (const Part& part : parts) append(made, part.cp);
    pos = stretch.end;
    stretch = next_stretch(text, pos);
  }
}

bool is_nfc(std::string_view text) {
  std::string made;
  std::vector<Part> parts;
  for (size_t pos = 0; pos < text.size();) {
    const Stretch stretch = next_stretch(text, pos);
    const std::string_view part = text.substr(stretch.start, stretch.end - stretch.start);
    decompose_all(bytes_of(part), bytes_of(part) + part.size(), parts);
    compose_all(parts);
    made.clear();
    for (const Part& each : parts) append(made, each.cp);
    if (made != part) return false;
    pos = stretch.end;
  }
  return true;
}

bool nfc_keeps(std::string_view text, size_t offset) {
  const uint8_t* const begin = bytes_of(text);
  const uint8_t* const end = begin + text.size();
  const uint8_t* p = begin + offset;
  uint32_t cp;
  decode_before(begin, p, &cp);
  if (value_of(cp) != kSafe) return false;
  for (int i = 0; i < 2 && p < end; ++i) {
    p += decode(p, end, &cp);
    if (value_of(cp) != kSafe) return false;
  }
  return true;
}

size_t nfc_settled(std::string_view text) {
  const uint8_t* const begin = bytes_of(text);
  for (const uint8_t* p = begin + text.size(); p > begin;) {
    uint32_t cp;
    p -= decode_before(begin, p, &cp);
    if (value_of(cp) == kSafe) return static_cast<size_t>(p - begin);
  }
  return std::string_view::npos;
}

}  // namespace tokenkit
