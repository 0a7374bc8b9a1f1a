#include "tests/reference_unigram.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>
#include <set>

#include "text/grapheme.hpp"
#include "text/unicode.hpp"
#include "text/utf8.hpp"

namespace tokenkit::test {
namespace {

using unigram::Lead;
using unigram::Step;

std::vector<std::string> characters(const std::string& text) {
  std::vector<std::string> out;
  for (char byte : text) {
    if (is_continuation(static_cast<uint8_t>(byte)) && !out.empty()) {
      out.back() += byte;
    } else {
      out.emplace_back(1, byte);
    }
  }
  return out;
}

bool is_white(const std::string& character) {
  uint32_t cp;
  const auto* p = reinterpret_cast<const uint8_t*>(character.data());
  decode(p, p + character.size(), &cp);
  return is_space(char_class(cp));
}

bool begins(const std::string& text, const std::string& with) { return text.rfind(with, 0) == 0; }

bool ends(const std::string& text, const std::string& with) {
  return text.size() >= with.size() &&
         text.compare(text.size() - with.size(), with.size(), with) == 0;
}

// The text of the shortest string that a text begins with.
std::optional<std::string> transformed(const CharsMapEntries& map, const std::string& text) {
  for (size_t size = 1; size <= text.size(); ++size) {
    for (const auto& [key, value] : map) {
      if (key == text.substr(0, size)) return value;
    }
  }
  return std::nullopt;
}

std::string mapped(const CharsMapEntries& map, const std::string& text) {
  std::string out;
  for (size_t pos = 0; pos < text.size();) {
    const size_t end = next_grapheme(text, pos);
    const std::string cluster = text.substr(pos, end - pos);
    pos = end;
    const auto whole = cluster.size() < 6 ? transformed(map, cluster) : std::nullopt;
    if (whole) {
      out += *whole;
      continue;
    }
    for (const std::string& c : characters(cluster)) out += transformed(map, c).value_or(c);
  }
  return out;
}

std::string replaced(const std::string& text, const std::string& from, const std::string& to,
                     size_t least) {
  std::string out;
  for (size_t pos = 0; pos < text.size();) {
    size_t run = 0;
    while (text.compare(pos + run * from.size(), from.size(), from) == 0) ++run;
    if (least == 1 && run > 1) run = 1;
    if (run >= least) {
      out += to;
    } else {
      out += run != 0 ? from : text.substr(pos, 1);
    }
    pos += run != 0 ? run * from.size() : 1;
  }
  return out;
}

std::string step_done(const Step& step, const CharsMapEntries& map, std::string text) {
  switch (step.kind) {
    case Step::kCharsMap:
      return mapped(map, text);
    case Step::kReplace:
      return replaced(text, step.from, step.to, 1);
    case Step::kReplaceRun:
      return replaced(text, step.from, step.to, 2);
    case Step::kPrepend:
      return text.empty() ? text : step.to + text;
    case Step::kTrimLeft:
      while (begins(text, step.from)) text.erase(0, step.from.size());
      return text;
    case Step::kTrimRight:
      while (ends(text, step.from)) text.resize(text.size() - step.from.size());
      return text;
    default:
      break;
  }
  std::vector<std::string> all = characters(text);
  while (step.kind == Step::kStripLeft && !all.empty() && is_white(all[0])) all.erase(all.begin());
  while (step.kind == Step::kStripRight && !all.empty() && is_white(all.back())) all.pop_back();
  std::string out;
  for (const std::string& c : all) out += c;
  return out;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> out(1);
  for (const std::string& c : characters(text)) {
    if (is_white(c)) {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

std::vector<std::string> pieces_of(const unigram::Splits& splits, const std::string& normal) {
  std::vector<std::string> out;
  for (std::string word : splits.at_spaces ? words_of(normal) : std::vector{normal}) {
    if (word.empty()) continue;
    out.emplace_back();
    if (!splits.sign.empty()) {
      word = replaced(word, " ", splits.sign, 1);
      if (splits.lead != Lead::kNever && !begins(word, splits.sign)) word = splits.sign + word;
    }
    for (const std::string& c : characters(word)) {
      if (splits.at_signs && c == splits.sign && !out.back().empty()) out.emplace_back();
      out.back() += c;
    }
  }
  return out;
}

// The strings of the best way through a piece, and whether each is unknown.
std::vector<std::pair<std::string, bool>> best_way(const UnigramModel& model,
                                                   const std::map<std::string, uint32_t>& ids,
                                                   const std::string& piece) {
  struct Best {
    double score = 0;
    size_t start = 0;
    bool unknown = false, reached = false;
  };
  double lowest = model.tokens[0].second;
  for (const auto& token : model.tokens) lowest = std::min(lowest, token.second);
  std::vector<Best> best(piece.size() + 1);
  size_t start = 0;
  for (const std::string& c : characters(piece)) {
    const auto reach = [&](size_t size, double score, bool unknown) {
      Best& target = best[start + size];
      const double sum = score + best[start].score;
      if (!target.reached || sum > target.score) target = {sum, start, unknown, true};
    };
    bool covered = false;
    for (size_t size = 1; size <= piece.size() - start; ++size) {
      const auto found = ids.find(piece.substr(start, size));
      if (found == ids.end()) continue;
      reach(size, model.tokens[found->second].second, found->second == model.unknown);
      covered |= size == c.size();
    }
    if (!covered) reach(c.size(), lowest - 10, true);
    start += c.size();
  }
  std::vector<std::pair<std::string, bool>> out;
  for (size_t end = piece.size(); end > 0; end = best[end].start) {
    out.emplace_back(piece.substr(best[end].start, end - best[end].start), best[end].unknown);
  }
  std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace

// Each node gets 256 units of its own, so that nothing has to be fitted together.
std::string charsmap_of(const CharsMapEntries& entries) {
  struct Node {
    std::map<uint8_t, size_t> children;
    std::optional<uint32_t> text;
  };
  std::vector<Node> nodes(1);
  std::string texts;
  for (const auto& [key, value] : entries) {
    size_t node = 0;
    for (char byte : key) {
      auto& children = nodes[node].children;
      const auto label = static_cast<uint8_t>(byte);
      if (children.count(label) == 0) {
        const size_t next = nodes.size();
        children[label] = next;
        nodes.emplace_back();
        node = next;
      } else {
        node = children[label];
      }
    }
    nodes[node].text = static_cast<uint32_t>(texts.size());
    texts += value + std::string(1, '\0');
  }
  // The children of a node stand in block number node + 1; their labels say where.
  std::vector<uint32_t> units(256 * (nodes.size() + 1));
  const auto link = [&](size_t place, size_t node) {
    const size_t block = 256 * (node + 1);
    units[place] |= static_cast<uint32_t>(((place & ~size_t{0xFF}) ^ block) >> 8 << 10) | 1u << 9;
    // An offset in units of 256 keeps the lowest byte, so labels are taken from `place`.
    const size_t base = block | (place & 0xFF);
    if (nodes[node].text) {
      units[place] |= 1u << 8;
      units[base] = *nodes[node].text | 1u << 31;
    }
    return base;
  };
  std::vector<std::pair<size_t, size_t>> waiting{{0, 0}};
  for (size_t i = 0; i < waiting.size(); ++i) {
    const auto [place, node] = waiting[i];
    const size_t base = link(place, node);
    for (const auto& [label, child] : nodes[node].children) {
      units[base ^ label] |= label;
      waiting.emplace_back(base ^ label, child);
    }
  }
  std::string out;
  const auto put = [&](uint32_t number) {
    for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(number >> shift & 0xFF);
  };
  put(static_cast<uint32_t>(4 * units.size()));
  for (uint32_t unit : units) put(unit);
  return out + texts;
}

std::string reference_normal(const UnigramModel& model, const CharsMapEntries& map,
                             std::string text) {
  for (const Step& step : model.steps) text = step_done(step, map, std::move(text));
  return text;
}

std::vector<uint32_t> reference_unigram(const UnigramModel& model, const CharsMapEntries& map,
                                        const std::string& text) {
  std::map<std::string, uint32_t> ids;
  for (uint32_t id = 0; id < model.tokens.size(); ++id) ids[model.tokens[id].first] = id;
  std::vector<uint32_t> out;
  const auto give_unknown = [&](const std::string& run) {
    const auto found = ids.find(run);
    if (found != ids.end()) return out.push_back(found->second);
    std::vector<uint32_t> bytes;
    for (char byte : run) {
      char name[8];
      std::snprintf(name, sizeof name, "<0x%02X>",
                    static_cast<unsigned>(static_cast<uint8_t>(byte)));
      const auto token = ids.find(name);
      if (token != ids.end()) bytes.push_back(token->second);
    }
    if (model.byte_fallback && bytes.size() == run.size()) {
      out.insert(out.end(), bytes.begin(), bytes.end());
    } else {
      out.push_back(model.unknown);
    }
  };
  for (const std::string& piece : pieces_of(model.splits, reference_normal(model, map, text))) {
    std::string run;
    for (const auto& [part, unknown] : best_way(model, ids, piece)) {
      if (unknown) {
        run += part;
        continue;
      }
      if (!run.empty()) give_unknown(run);
      run.clear();
      out.push_back(ids.at(part));
    }
    if (!run.empty()) give_unknown(run);
  }
  return out;
}

}  // namespace tokenkit::test
