#include "encode/reading.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace tokenkit {

AddedTokens::AddedTokens(std::vector<std::pair<std::string, uint32_t>> tokens)
    : tokens_(std::move(tokens)), all_(tokens_.tokens().size(), true) {
  for (const auto& [text, id] : tokens_.tokens()) longest_ = std::max(longest_, text.size());
  if (longest_ > kMostBytes) {
    throw Error(ErrorKind::kValue, "expected added tokens of at most " +
                                       std::to_string(kMostBytes) + " bytes, got one of " +
                                       std::to_string(longest_));
  }
}

const uint32_t* AddedTokens::id_of(std::string_view piece) const {
  if (piece.size() > longest_ || !tokens_.may_start_at(piece, 0)) return nullptr;
  const size_t index = tokens_.index_of(piece);
  return index == std::string_view::npos ? nullptr : &tokens_.tokens()[index].second;
}

bool AddedTokens::cross(std::string_view text, size_t pos) const {
  for (size_t start = pos - std::min(pos, longest_); start < pos; ++start) {
    const size_t index = tokens_.may_start_at(text, start) ? tokens_.longest_at(text, start, all_)
                                                           : std::string_view::npos;
    if (index != std::string_view::npos && start + size_of(index) > pos) return true;
  }
  return false;
}

}  // namespace tokenkit
