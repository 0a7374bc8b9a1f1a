#include "bpe/merge_names.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include "bpe/token_index.hpp"

namespace tokenkit {
namespace {

constexpr size_t kBlock = 512;  // merges that are looked up together

// Appends characters of type From as such of type To.
template <class From, class To>
void append_as(std::string_view characters, std::string& out) {
  for (size_t i = 0; i < characters.size(); i += sizeof(From)) {
    From narrow;
    std::memcpy(&narrow, characters.data() + i, sizeof(From));
    const To wide = narrow;
    out.append(reinterpret_cast<const char*>(&wide), sizeof(To));
  }
}

void append(const TokenText& text, uint8_t width, std::string& out) {
  if (text.width == width) {
    out.append(text.characters);
  } else if (width == 2) {
    append_as<uint8_t, uint16_t>(text.characters, out);
  } else if (text.width == 1) {
    append_as<uint8_t, uint32_t>(text.characters, out);
  } else {
    append_as<uint16_t, uint32_t>(text.characters, out);
  }
}

// Tokens whose characters have one width. Texts of other widths equal none of them.
class TokensOfWidth {
 public:
  TokensOfWidth(const std::vector<TokenText>& tokens, const std::vector<uint32_t>& ids,
                uint8_t width)
      : texts_(texts_of(tokens, width)), index_(texts_, texts_.size()) {
    for (uint32_t i = 0; i < texts_.size(); ++i) index_.add(i);
    for (size_t i = 0; i < tokens.size(); ++i) {
      if (tokens[i].width == width) ids_.push_back(ids[i]);
    }
  }

  void ask(std::string_view text, size_t place) {
    asked_.push_back(text);
    places_.push_back(place);
  }
  // Writes the ids of all that was asked for, each to its place; false if one is not a token.
  bool answer(uint32_t* ids) {
    numbers_.resize(asked_.size());
    index_.find_all(asked_.data(), asked_.size(), numbers_.data());
    bool all = true;
    for (size_t i = 0; i < numbers_.size(); ++i) {
      all = all && numbers_[i] != kNone;
      if (all) ids[places_[i]] = ids_[numbers_[i]];
    }
    asked_.clear();
    places_.clear();
    return all;
  }

 private:
  static std::vector<std::string_view> texts_of(const std::vector<TokenText>& tokens,
                                                uint8_t width) {
    std::vector<std::string_view> texts;
    for (const TokenText& token : tokens) {
      if (token.width == width) texts.push_back(token.characters);
    }
    return texts;
  }

  const std::vector<std::string_view> texts_;
  TokenIndex index_;
  std::vector<uint32_t> ids_, numbers_;
  std::vector<std::string_view> asked_;
  std::vector<size_t> places_;
};

}  // namespace

bool ids_of_merges(const std::vector<TokenText>& tokens, const std::vector<uint32_t>& token_ids,
                   const std::vector<TokenText>& parts, uint32_t* ids) {
  TokensOfWidth tables[] = {{tokens, token_ids, 1}, {tokens, token_ids, 2}, {tokens, token_ids, 4}};
  const auto table_of = [&](uint8_t width) -> TokensOfWidth& { return tables[width / 2]; };
  std::string joined;
  std::vector<TokenText> results;
  std::vector<uint32_t> ignored(kBlock);
  for (size_t begin = 0; begin < parts.size(); begin += 2 * kBlock) {
    const size_t end = std::min(parts.size(), begin + 2 * kBlock);
    joined.clear();
    results.clear();
    size_t room = 0;
    for (size_t i = begin; i < end; ++i) room += 4 * parts[i].characters.size();
    joined.reserve(room);  // what is asked for points into it
    for (size_t i = begin; i < end; i += 2) {
      const TokenText &left = parts[i], &right = parts[i + 1];
      if (left.characters.empty() || right.characters.empty()) return false;
      const uint8_t width = std::max(left.width, right.width);
      const size_t start = joined.size();
      append(left, width, joined);
      append(right, width, joined);
      results.push_back({std::string_view(joined).substr(start), width});
      for (size_t k = i; k < i + 2; ++k) table_of(parts[k].width).ask(parts[k].characters, k);
    }
    for (TokensOfWidth& table : tables) {
      if (!table.answer(ids)) return false;
    }
    for (size_t i = 0; i < results.size(); ++i) {
      table_of(results[i].width).ask(results[i].characters, i);
    }
    for (TokensOfWidth& table : tables) {
      if (!table.answer(ignored.data())) return false;
    }
  }
  return true;
}

}  // namespace tokenkit
