#include "tests/reference.hpp"

#include <algorithm>
#include <map>

#include "text/utf8.hpp"

namespace tokenkit::test {

// ----------------------------------------------------------------------------------------- merges

std::vector<std::string> reference_merge(const Ranks& ranks, std::string_view piece) {
  constexpr uint64_t kNoToken = ~uint64_t{0};
  std::vector<std::string_view> parts;
  for (size_t i = 0; i < piece.size(); ++i) parts.push_back(piece.substr(i, 1));
  const auto joined = [&](size_t i) {  // part i and the next one, which stand side by side
    return std::string_view(parts[i].data(), parts[i].size() + parts[i + 1].size());
  };
  // rank_of[i]: the rank of joined(i). Kept, because looking up all of them for every merge would
  // take the twin too long for pieces of some thousand bytes.
  std::vector<uint64_t> rank_of(parts.size(), kNoToken);
  const auto look_up = [&](size_t i) {
    rank_of[i] = kNoToken;
    if (i + 1 >= parts.size()) return;
    const auto found = ranks.find(std::string(joined(i)));
    if (found != ranks.end()) rank_of[i] = found->second;
  };
  for (size_t i = 0; i < parts.size(); ++i) look_up(i);
  while (!parts.empty()) {
    const auto lowest = std::min_element(rank_of.begin(), rank_of.end());  // the first of equals
    if (*lowest == kNoToken) break;
    const auto best = lowest - rank_of.begin();
    const size_t index = static_cast<size_t>(best);
    parts[index] = joined(index);
    parts.erase(parts.begin() + best + 1);
    rank_of.erase(rank_of.begin() + best + 1);
    look_up(index);
    if (index > 0) look_up(index - 1);
  }
  return {parts.begin(), parts.end()};
}

void reference_encode_piece(const Ranks& ranks, std::string_view piece, ReferenceIds* out) {
  const auto whole = ranks.find(std::string(piece));
  if (whole != ranks.end()) return out->ids.push_back(whole->second);
  for (const std::string& part : reference_merge(ranks, piece)) {
    const auto found = ranks.find(part);
    if (found == ranks.end()) {
      out->complete = false;
    } else {
      out->ids.push_back(found->second);
    }
  }
}

PieceRule rank_rule(const Ranks& ranks) {
  return [&ranks](std::string_view piece, ReferenceIds* out) {
    reference_encode_piece(ranks, piece, out);
  };
}

namespace {

// A list of merges, made ready to be looked up.
struct ListTwin {
  ListTwin(const Tokens& tokens, const MergeList& merge_list) : list(merge_list) {
    std::unordered_map<uint32_t, std::string> bytes;
    for (const auto& [token, id] : tokens) bytes.emplace(id, token);
    for (const auto& [token, id] : tokens) {
      if (!is_byte_token(token, id)) ids.emplace(token, id);  // the first of equals
    }
    for (size_t i = 0; i < list.merges.size(); ++i) {
      const auto [left, right] = list.merges[i];
      const uint32_t result = ids.at(bytes.at(left) + bytes.at(right));
      places[list.merges[i]] = {i, result};  // the last of equals
    }
  }

  bool is_byte_token(const std::string& token, uint32_t id) const {
    return token.size() == 1 && !list.byte_ids.empty() &&
           list.byte_ids[static_cast<uint8_t>(token[0])] == id;
  }

  // The ids of a character, or of a byte, before anything is merged.
  void start(std::string_view character, ReferenceIds* out) const {
    const auto found = ids.find(std::string(character));
    if (found != ids.end()) return out->ids.push_back(found->second);
    if (list.byte_ids.empty()) out->complete = false;
    for (size_t i = 0; out->complete && i < character.size(); ++i) {
      out->ids.push_back(list.byte_ids[static_cast<uint8_t>(character[i])]);
    }
  }

  void encode(std::string_view piece, ReferenceIds* out) const {
    const auto whole = ids.find(std::string(piece));
    if (list.whole_pieces && whole != ids.end()) return out->ids.push_back(whole->second);
    for (size_t i = 0; i < piece.size();) {
      const size_t end = list.characters ? ceil_char(piece, i + 1) : i + 1;
      start(piece.substr(i, end - i), out);
      i = end;
    }
    if (out->complete) merge(out->ids);
  }

  void merge(std::vector<uint32_t>& parts) const {
    constexpr std::pair<size_t, uint32_t> kNever{~size_t{0}, 0};
    std::vector<std::pair<size_t, uint32_t>> next;  // of part i and the one behind it
    const auto look_up = [&](size_t i) {
      const auto found =
          i + 1 < parts.size() ? places.find({parts[i], parts[i + 1]}) : places.end();
      return found == places.end() ? kNever : found->second;
    };
    for (size_t i = 0; i < parts.size(); ++i) next.push_back(look_up(i));
    while (!parts.empty()) {
      const auto best = std::min_element(next.begin(), next.end());  // the first of equals
      if (*best == kNever) break;
      const auto i = best - next.begin();
      const auto index = static_cast<size_t>(i);
      parts[index] = best->second;
      parts.erase(parts.begin() + i + 1);
      next.erase(next.begin() + i + 1);
      next[index] = look_up(index);
      if (index > 0) next[index - 1] = look_up(index - 1);
    }
  }

  MergeList list;
  std::unordered_map<std::string, uint32_t> ids;
  std::map<std::pair<uint32_t, uint32_t>, std::pair<size_t, uint32_t>> places;
};

}  // namespace

PieceRule list_rule(const Tokens& tokens, const MergeList& list) {
  return [twin = ListTwin(tokens, list)](std::string_view piece, ReferenceIds* out) {
    twin.encode(piece, out);
  };
}

ReferenceIds reference_encode(const PieceRule& rule, Family family, std::string_view text,
                              const SpecialTokens& specials, const SpecialSet* allowed,
                              ReferencePieces* known) {
  ReferenceIds out;
  ReferencePieces pieces;
  if (known == nullptr) known = &pieces;
  const auto add = [&](std::string_view piece) {
    const auto [found, is_new] = known->try_emplace(std::string(piece));
    if (is_new) rule(piece, &found->second);
    const ReferenceIds& ids = found->second;
    out.ids.insert(out.ids.end(), ids.ids.begin(), ids.ids.end());
    out.complete = out.complete && ids.complete;
  };
  for (size_t pos = 0; pos < text.size();) {
    SpecialTokens::Match match;
    if (allowed != nullptr) match = reference_find_special(specials, text, pos, *allowed);
    const std::string_view ordinary =
        text.substr(pos, match.found() ? match.start - pos : std::string_view::npos);
    size_t start = 0;
    for (size_t end : reference_piece_ends(family, ordinary)) {
      add(ordinary.substr(start, end - start));
      start = end;
    }
    if (!match.found()) break;
    out.ids.push_back(specials.tokens()[match.index].second);
    pos = match.start + specials.tokens()[match.index].first.size();
  }
  return out;
}

std::string reference_lead(Lead lead, std::string_view text) {
  if (lead == Lead::kNowhere || text.empty()) return {};
  return lead == Lead::kUnlessSpace && text.front() == ' ' ? "" : " ";
}

ReferenceIds reference_read(const PieceRule& rule, Family family, std::string_view text,
                            const Reading& reading, const SpecialTokens& added,
                            const SpecialTokens& specials, const SpecialSet* allowed,
                            ReferencePieces* known) {
  const SpecialSet all(added.tokens().size(), true);
  const std::string led = reference_lead(reading.lead, text) + std::string(text);
  if (allowed == nullptr) return reference_encode(rule, family, led, added, &all, known);
  ReferenceIds out;
  for (size_t pos = 0; pos < led.size();) {
    const SpecialTokens::Match match = reference_find_special(specials, led, pos, *allowed);
    const ReferenceIds section = reference_encode(
        rule, family, std::string_view(led).substr(pos, match.start - pos), added, &all, known);
    out.ids.insert(out.ids.end(), section.ids.begin(), section.ids.end());
    out.complete = out.complete && section.complete;
    if (!match.found()) break;
    out.ids.push_back(specials.tokens()[match.index].second);
    pos = match.start + specials.tokens()[match.index].first.size();
  }
  return out;
}

// ------------------------------------------------------------------------------ specials and spans

SpecialTokens::Match reference_find_special(const SpecialTokens& specials, std::string_view text,
                                            size_t pos, const SpecialSet& among) {
  for (; pos < text.size(); ++pos) {
    SpecialTokens::Match best;
    size_t longest = 0;
    for (size_t i = 0; i < specials.tokens().size(); ++i) {
      const std::string& token = specials.tokens()[i].first;
      if (among[i] && token.size() > longest && text.substr(pos, token.size()) == token) {
        best = {pos, i};
        longest = token.size();
      }
    }
    if (best.found()) return best;
  }
  return {};
}

std::vector<int64_t> reference_spans(const std::vector<std::string>& tokens, SpanUnit unit) {
  std::string text;
  for (const std::string& token : tokens) text += token;
  // Units before each byte of the text and, for the bytes of one character, after it.
  std::vector<int64_t> first, last;
  int64_t units = 0;
  for (size_t i = 0; i < text.size();) {
    const uint8_t byte = static_cast<uint8_t>(text[i]);
    const size_t length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    const int64_t width = unit == SpanUnit::kUtf16 && length == 4 ? 2 : 1;
    for (size_t k = 0; k < length; ++k) {
      const bool bytes = unit == SpanUnit::kByte;
      first.push_back(bytes ? static_cast<int64_t>(i + k) : units);
      last.push_back(bytes ? static_cast<int64_t>(i + k + 1) : units + width);
    }
    units += width;
    i += length;
  }
  std::vector<int64_t> spans;
  size_t start = 0;
  for (const std::string& token : tokens) {
    // Of a space before the text, the first token, nothing is left.
    spans.push_back(token.empty() ? 0 : first[start]);
    spans.push_back(token.empty() ? 0 : last[start + token.size() - 1]);
    start += token.size();
  }
  return spans;
}

}  // namespace tokenkit::test
