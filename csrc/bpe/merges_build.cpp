// Vocabularies of which a list says what merges. csrc/README.md proves that of all pairs of such a
// list that make a token only one can ever merge.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bpe/build_parts.hpp"
#include "bpe/token_index.hpp"
#include "bpe/vocab.hpp"
#include "bpe/vocab_build.hpp"
#include "text/utf8.hpp"

namespace tokenkit {
namespace {

// While splits are searched for, a part of a token has a number: that of its byte, or kCharacter +
// its id if it is a character of several bytes, or kMerge + the place of its merge in the list.
constexpr uint32_t kCharacter = 256;
constexpr uint32_t kMerge = kCharacter + kMaxIds;
constexpr uint32_t kMaxMerges = (1u << 31) - kMerge;
constexpr size_t kMergesAtOnce = 512;  // are looked up together

class MergesBuilder {
 public:
  MergesBuilder(const TokenList& tokens, const MergeList& list)
      : list_(list),
        ids_(ids_of(tokens)),
        tokens_(tokens_by_id(views_of(tokens), ids_, "id")),
        index_(tokens_, ids_.size()),
        numbers_(tokens_.size(), kNone) {
    if (list.merges.size() > kMaxMerges) {
      refuse_tokens("expected at most " + std::to_string(kMaxMerges) + " merges, got " +
                    std::to_string(list.merges.size()));
    }
    check_byte_tokens();
    index_tokens();
    read_merges();
  }

  std::vector<uint8_t> build() {
    number_starts();
    find_splits();
    plan_.tokens = tokens_;
    plan_.public_ids = static_cast<uint32_t>(tokens_.size());
    plan_.token_count = static_cast<uint32_t>(ids_.size());
    plan_.byte_tokens = list_.byte_ids;
    plan_.characters = list_.characters;
    say_what_is_found();
    if (list_.characters) {
      rank_characters();
    } else {
      rank_bytes();
    }
    if (plan_.tokens.size() > kMaxIds || plan_.rank_ids.size() > kMaxIds) {
      refuse_tokens("the vocabulary has too many tokens");
    }
    return write_image(plan_);
  }

 private:
  static std::vector<std::string_view> views_of(const TokenList& tokens) {
    std::vector<std::string_view> views;
    views.reserve(tokens.size());
    for (const auto& token : tokens) views.push_back(token.first);
    return views;
  }
  static std::vector<uint32_t> ids_of(const TokenList& tokens) {
    std::vector<uint32_t> ids;
    ids.reserve(tokens.size());
    for (const auto& token : tokens) ids.push_back(token.second);
    return ids;
  }

  bool is_token(uint32_t id) const { return id < tokens_.size() && !tokens_[id].empty(); }
  bool is_byte_token(uint32_t id) const {
    return !list_.byte_ids.empty() && tokens_[id].size() == 1 &&
           list_.byte_ids[static_cast<uint8_t>(tokens_[id][0])] == id;
  }
  // Not a token for decoding only.
  bool is_first(uint32_t id) const { return is_first_[id]; }

  void check_byte_tokens() const {
    if (list_.byte_ids.empty()) return;
    if (!list_.characters || list_.byte_ids.size() != 256) {
      refuse_tokens("expected 256 byte tokens, and characters to start from, got " +
                    std::to_string(list_.byte_ids.size()));
    }
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint32_t id = list_.byte_ids[byte];
      const std::string_view wanted = byte_string(byte);
      if (is_token(id) && tokens_[id] == wanted) continue;
      refuse_tokens("expected a token " + shown_token(wanted) + " with the id of its byte token, " +
                    std::to_string(id) + ", got " +
                    (is_token(id) ? shown_token(tokens_[id]) : "none"));
    }
  }

  // Where bytes are given twice, the first token has them, a byte token after all others.
  void index_tokens() {
    is_first_.resize(tokens_.size());
    for (const uint32_t id : ids_) {
      if (!is_byte_token(id)) is_first_[id] = index_.add(id) == kNone;
    }
    for (const uint32_t id : list_.byte_ids) is_first_[id] = index_.add(id) == kNone;
  }

  // Sorts the list by the tokens that it makes.
  void read_merges() {
    std::vector<uint32_t> results(list_.merges.size(), kNone);
    starts_.assign(tokens_.size() + 1, 0);
    for (size_t begin = 0; begin < results.size(); begin += kMergesAtOnce) {
      find_results(begin, std::min(begin + kMergesAtOnce, results.size()), results);
    }
    for (size_t id = 1; id < starts_.size(); ++id) starts_[id] += starts_[id - 1];
    merges_.resize(starts_.back());
    std::vector<uint32_t> next(starts_.begin(), starts_.end() - 1);
    for (uint32_t i = 0; i < results.size(); ++i) {
      if (results[i] != kNone) merges_[next[results[i]]++] = i;
    }
  }

  // The results of merges [begin, end); kNone where a part is never there to be merged.
  void find_results(size_t begin, size_t end, std::vector<uint32_t>& results) {
    joined_.clear();
    wanted_.clear();
    std::vector<size_t> ends;
    for (size_t i = begin; i < end; ++i) {
      const auto [left, right] = list_.merges[i];
      for (const uint32_t id : {left, right}) check_part(i, id);
      joined_.append(tokens_[left]).append(tokens_[right]);
      ends.push_back(joined_.size());
    }
    for (size_t k = 0, from = 0; k < ends.size(); from = ends[k++]) {
      wanted_.push_back(std::string_view(joined_).substr(from, ends[k] - from));
    }
    index_.find_all(wanted_.data(), wanted_.size(), &results[begin]);
    for (size_t i = begin; i < end; ++i) {
      const auto [left, right] = list_.merges[i];
      if (results[i] == kNone) {
        refuse_tokens(named(i) + ": expected a token of the joined bytes, got " +
                      shown_token(wanted_[i - begin]) + ", which is none");
      }
      if (is_first(left) && is_first(right)) {
        ++starts_[results[i] + 1];
      } else {
        results[i] = kNone;
      }
    }
  }

  std::string named(size_t merge) const {
    const auto [left, right] = list_.merges[merge];
    return "merge " + std::to_string(merge) + " (" + std::to_string(left) + ", " +
           std::to_string(right) + ")";
  }
  void check_part(size_t merge, uint32_t id) const {
    if (!is_token(id)) {
      refuse_tokens(named(merge) + ": no token has the id " + std::to_string(id));
    }
    if (is_byte_token(id)) {
      refuse_tokens(named(merge) + ": " + std::to_string(id) +
                    " is the token of a byte, which nothing merges");
    }
  }

  // What merging starts from: single bytes that are tokens, or characters.
  void number_starts() {
    for (const uint32_t id : ids_) {
      const std::string_view token = tokens_[id];
      if (is_byte_token(id) || !is_first(id)) continue;
      const auto lead = static_cast<uint8_t>(token[0]);
      if (token.size() == 1 && (lead < 0x80 || !list_.characters)) {
        numbers_[id] = byte_numbers_[lead] = lead;
      } else if (list_.characters && is_character(token)) {
        numbers_[id] = kCharacter + id;
        characters_.push_back(id);
      }
    }
  }

  static bool is_character(std::string_view token) {
    return token.size() <= 4 && count_chars(token) == 1 &&
           first_invalid(token) == std::string_view::npos;
  }

  // The numbers of the starts of a token; false if one has no token.
  bool starts_of(std::string_view token, std::vector<uint32_t>& parts) const {
    parts.clear();
    if (list_.characters && first_invalid(token) != std::string_view::npos) return false;
    for (size_t i = 0; i < token.size();) {
      const auto lead = static_cast<uint8_t>(token[i]);
      const bool one = lead < 0x80 || !list_.characters;
      const size_t end = one ? i + 1 : ceil_char(token, i + 1);
      parts.push_back(one ? byte_numbers_[lead] : number_of(token.substr(i, end - i)));
      if (parts.back() == kNone) return false;
      i = end;
    }
    return true;
  }

  uint32_t number_of(std::string_view token) const {
    const uint32_t id = index_.find(token);
    return id == kNone ? kNone : numbers_[id];
  }

  // For each token, the pair that BPE over its own bytes merges last, if the list merges it;
  // shorter tokens first, so that every merge inside a token is known when its turn comes.
  void find_splits() {
    std::vector<uint32_t> parts, ranks;
    PairMap pairs(ids_.size());
    for (const uint32_t id : by_size(tokens_)) {
      if (starts_[id] == starts_[id + 1] || !starts_of(tokens_[id], parts)) continue;
      merge_parts(parts, ranks, pairs);
      if (parts.size() != 2) continue;
      // Of equal pairs the last one counts.
      for (uint32_t k = starts_[id + 1]; k-- > starts_[id];) {
        const auto [left, right] = list_.merges[merges_[k]];
        if (numbers_[left] != parts[0] || numbers_[right] != parts[1]) continue;
        numbers_[id] = kMerge + merges_[k];
        pairs.set(parts[0], parts[1], numbers_[id]);
        splits_.push_back({merges_[k], id});
        break;
      }
    }
    std::sort(splits_.begin(), splits_.end());
  }

  void say_what_is_found() {
    plan_.findable.resize(tokens_.size());
    for (const uint32_t id : ids_) {
      if (!is_first(id)) continue;
      const bool reached = numbers_[id] != kNone || is_byte_token(id);
      plan_.findable[id] = reached || list_.whole_pieces;
      if (!reached && list_.whole_pieces) plan_.whole_only.push_back(id);
    }
  }

  uint32_t add_rank(uint32_t id) {
    plan_.rank_ids.push_back(id);
    return static_cast<uint32_t>(plan_.rank_ids.size() - 1);
  }

  // Only the order of ranks matters, and only of tokens that are merged. If ids have the same
  // order, they are as good.
  void rank_bytes() {
    const bool same_order = std::is_sorted(
        splits_.begin(), splits_.end(), [](const Split& a, const Split& b) { return a.id < b.id; });
    std::vector<uint32_t> ranks(tokens_.size(), kNone);
    for (size_t byte = 0; byte < 256; ++byte) {
      const std::string_view bytes = byte_string(byte);
      uint32_t id = index_.find(bytes);
      if (id == kNone) id = plan_.add_internal(bytes);
      plan_.byte_ranks[byte] = same_order ? id : add_rank(id);
      if (id < ranks.size()) ranks[id] = plan_.byte_ranks[byte];
    }
    for (const Split& split : splits_) ranks[split.id] = same_order ? split.id : add_rank(split.id);
    add_pairs(ranks);
  }

  // Characters are put together from their bytes before anything else is merged.
  void rank_characters() {
    std::vector<uint32_t> ranks(tokens_.size(), kNone);
    for (size_t byte = 0; byte < 256; ++byte) {
      const std::string_view bytes = byte_string(byte);
      uint32_t id = byte < 0x80 ? index_.find(bytes) : kNone;
      if (id == kNone && !list_.byte_ids.empty()) id = list_.byte_ids[byte];
      if (id == kNone) id = plan_.add_internal(bytes);
      plan_.byte_ranks[byte] = add_rank(id);
      if (id < ranks.size()) ranks[id] = plan_.byte_ranks[byte];
    }
    std::vector<std::pair<uint32_t, uint32_t>> made;  // (character, all of it but its last byte)
    PairMap heads;
    std::sort(characters_.begin(), characters_.end(),
              [&](uint32_t a, uint32_t b) { return tokens_[a] < tokens_[b]; });
    for (const uint32_t id : characters_) {
      const std::string_view token = tokens_[id];
      uint32_t head = byte_rank(token[0]);
      for (size_t k = 1; k + 1 < token.size(); ++k) {
        uint32_t longer = heads(head, byte_rank(token[k]));
        if (longer == kNone) {
          longer = add_rank(plan_.add_internal(token.substr(0, k + 1)));
          heads.set(head, byte_rank(token[k]), longer);
          plan_.pairs.push_back({head, byte_rank(token[k]), longer});
        }
        head = longer;
      }
      made.emplace_back(id, head);
    }
    for (const auto& [id, head] : made) {
      ranks[id] = add_rank(id);
      plan_.pairs.push_back({head, byte_rank(tokens_[id].back()), ranks[id]});
    }
    for (const Split& split : splits_) ranks[split.id] = add_rank(split.id);
    add_pairs(ranks);
  }

  uint32_t byte_rank(char c) const { return plan_.byte_ranks[static_cast<uint8_t>(c)]; }

  void add_pairs(const std::vector<uint32_t>& ranks) {
    for (const Split& split : splits_) {
      const auto [left, right] = list_.merges[split.merge];
      plan_.pairs.push_back({ranks[left], ranks[right], ranks[split.id]});
    }
  }

  // A token and the merge that makes it.
  struct Split {
    uint32_t merge, id;
    bool operator<(const Split& other) const { return merge < other.merge; }
  };

  const MergeList& list_;
  const std::vector<uint32_t> ids_;
  const std::vector<std::string_view> tokens_;  // by id
  TokenIndex index_;
  std::vector<bool> is_first_;             // tokens that are not for decoding only
  std::string joined_;                     // what merges make, while it is looked up
  std::vector<std::string_view> wanted_;   // views of it
  std::vector<uint32_t> starts_, merges_;  // merges of the list that make token i, in order:
                                           // merges_[starts_[i]..starts_[i + 1])
  std::vector<uint32_t> numbers_;          // of tokens that are starts, or merged; else kNone
  std::vector<uint32_t> byte_numbers_ = std::vector<uint32_t>(256, kNone);  // of single bytes
  std::vector<uint32_t> characters_;                                        // of several bytes
  std::vector<Split> splits_;  // in the order of the list
  ImagePlan plan_;
};

}  // namespace

std::vector<uint8_t> build_merges_image(const TokenList& tokens, const MergeList& list) {
  return MergesBuilder(tokens, list).build();
}

}  // namespace tokenkit
