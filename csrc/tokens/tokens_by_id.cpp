#include "tokens/tokens_by_id.hpp"

#include <algorithm>
#include <string>

#include "base/error.hpp"

namespace tokenkit {
namespace {

constexpr uint64_t kMostBytes = uint64_t{1} << 31;

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorKind::kVocabulary, why); }

}  // namespace

void TokensById::write(std::vector<ByteTree::Entry> tokens, SealedWriter& out) {
  std::sort(tokens.begin(), tokens.end(),
            [](const ByteTree::Entry& a, const ByteTree::Entry& b) { return a.second < b.second; });
  std::vector<uint32_t> ids;
  std::vector<uint32_t> ends{0};
  std::string bytes;
  for (const auto& [token, id] : tokens) {
    if (id == ByteTree::kNone) refuse("an id is 2**32 - 1, more than ids may be");
    if (!ids.empty() && ids.back() == id) {
      refuse("id " + std::to_string(id) + " is given twice");
    }
    if (bytes.size() + token.size() >= kMostBytes) refuse("the tokens have more than 2 GB");
    ids.push_back(id);
    bytes += token;
    ends.push_back(static_cast<uint32_t>(bytes.size()));
  }
  out.put(static_cast<uint32_t>(ids.size()));
  out.put(ids.data(), ids.size());
  out.put(ends.data(), ends.size());
  out.put(bytes);
}

TokensById::TokensById(SealedReader& in, bool* sound)
    : count_(in.number()),
      ids_(in.take<uint32_t>(count_)),
      ends_(in.take<uint32_t>(size_t{count_} + 1)),
      bytes_(in.text()) {
  *sound = *sound && ends_[0] == 0 && ends_[count_] == bytes_.size();
  for (uint32_t i = 0; *sound && i < count_; ++i) {
    *sound = ends_[i] <= ends_[i + 1] && (i == 0 || ids_[i - 1] < ids_[i]);
    longest_ = std::max<size_t>(longest_, ends_[i + 1] - ends_[i]);
  }
}

std::string_view TokensById::token(uint32_t id) const {
  const uint32_t* at = std::lower_bound(ids_, ids_ + count_, id);
  if (at == ids_ + count_ || *at != id) {
    throw Error(ErrorKind::kKey, "no token has the id " + std::to_string(id));
  }
  return token_at(static_cast<uint32_t>(at - ids_));
}

}  // namespace tokenkit
