#include "bpe/vocab_build.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "bpe/build_parts.hpp"
#include "bpe/token_index.hpp"
#include "bpe/vocab.hpp"

namespace tokenkit {
namespace {

// Tokens in order of rank, numbered from 0 without holes.
struct Ranked {
  std::vector<std::string_view> tokens;
  std::vector<uint32_t> ids;
};

Ranked ranked(const std::vector<std::string_view>& tokens, const std::vector<uint32_t>& ranks,
              const std::vector<uint32_t>& ids) {
  const std::vector<std::string_view> by_rank = tokens_by_id(tokens, ranks, "rank");
  std::vector<uint32_t> id_of(by_rank.size());
  for (size_t i = 0; i < tokens.size(); ++i) id_of[ranks[i]] = ids[i];
  Ranked out;
  for (size_t rank = 0; rank < by_rank.size(); ++rank) {
    if (by_rank[rank].empty()) continue;
    out.tokens.push_back(by_rank[rank]);
    out.ids.push_back(id_of[rank]);
  }
  return out;
}

void refuse_duplicates(const std::vector<std::string_view>& tokens) {
  TokenIndex index(tokens, tokens.size());
  for (uint32_t i = 0; i < tokens.size(); ++i) {
    if (index.add(i) != kNone) refuse_tokens("token " + shown_token(tokens[i]) + " is given twice");
  }
}

// The official splits: for each token, the pair that BPE over its own bytes merges last. Shorter
// tokens first, so that every merge inside a token is known when its turn comes. A token that BPE
// does not reach has none.
std::vector<ImagePlan::Pair> official_splits(const std::vector<std::string_view>& tokens,
                                             const std::array<uint32_t, 256>& byte_ranks) {
  std::vector<ImagePlan::Pair> splits;
  PairMap pairs(tokens.size());
  std::vector<uint32_t> parts, ranks;
  for (const uint32_t rank : by_size(tokens)) {
    const std::string_view token = tokens[rank];
    if (token.size() < 2) continue;
    parts.clear();
    for (const char c : token) parts.push_back(byte_ranks[static_cast<uint8_t>(c)]);
    merge_parts(parts, ranks, pairs);
    if (parts.size() != 2) continue;
    pairs.set(parts[0], parts[1], rank);
    splits.push_back({parts[0], parts[1], rank});
  }
  return splits;
}

}  // namespace

std::vector<uint8_t> build_image(const TokenList& tokens, const std::vector<uint32_t>* public_ids) {
  std::vector<std::string_view> views;
  std::vector<uint32_t> given;  // ranks
  for (const auto& [token, rank] : tokens) {
    views.push_back(token);
    given.push_back(rank);
  }
  const std::vector<uint32_t>& ids = public_ids == nullptr ? given : *public_ids;
  if (ids.size() != tokens.size()) {
    refuse_tokens("expected an id for each of " + std::to_string(tokens.size()) + " tokens, got " +
                  std::to_string(ids.size()));
  }
  const Ranked order = ranked(views, given, ids);
  refuse_duplicates(views);
  ImagePlan plan;
  plan.tokens = tokens_by_id(views, ids, public_ids == nullptr ? "rank" : "id");
  plan.public_ids = static_cast<uint32_t>(plan.tokens.size());
  plan.token_count = static_cast<uint32_t>(tokens.size());
  for (const std::string_view token : plan.tokens) plan.findable.push_back(!token.empty());
  // Only the order of ranks matters. If ids have the same order, they are as good.
  const bool same_order = std::is_sorted(order.ids.begin(), order.ids.end());
  const std::vector<std::string_view> ranks = same_order ? plan.tokens : order.tokens;
  if (!same_order) plan.rank_ids = order.ids;
  plan.byte_ranks.fill(kNone);
  for (uint32_t rank = 0; rank < ranks.size(); ++rank) {
    if (ranks[rank].size() == 1) plan.byte_ranks[static_cast<uint8_t>(ranks[rank][0])] = rank;
  }
  for (size_t byte = 0; byte < 256; ++byte) {
    if (plan.byte_ranks[byte] != kNone) continue;
    const uint32_t id = plan.add_internal(byte_string(byte));
    plan.byte_ranks[byte] = same_order ? id : static_cast<uint32_t>(plan.rank_ids.size());
    if (!same_order) plan.rank_ids.push_back(id);
  }
  plan.pairs = official_splits(ranks, plan.byte_ranks);
  std::vector<bool> merged(ranks.size());
  for (const ImagePlan::Pair& pair : plan.pairs) merged[pair.rank] = true;
  for (uint32_t rank = 0; rank < ranks.size(); ++rank) {
    if (ranks[rank].size() < 2 || merged[rank]) continue;
    plan.whole_only.push_back(same_order ? rank : order.ids[rank]);
  }
  return write_image(plan);
}

}  // namespace tokenkit
