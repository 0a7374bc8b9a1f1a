#include "tokens/byte_tree.hpp"

#include <algorithm>

namespace tokenkit {
namespace {

// Sorts, and keeps the last of equal strings.
std::vector<ByteTree::Entry> sorted(std::vector<ByteTree::Entry> entries) {
  std::stable_sort(
      entries.begin(), entries.end(),
      [](const ByteTree::Entry& a, const ByteTree::Entry& b) { return a.first < b.first; });
  std::vector<ByteTree::Entry> out;
  for (ByteTree::Entry& entry : entries) {
    if (!out.empty() && out.back().first == entry.first) out.pop_back();
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace

void ByteTree::write(std::vector<Entry> entries, SealedWriter& out) {
  struct Range {
    size_t from, to, depth;
  };
  entries = sorted(std::move(entries));
  std::vector<Range> nodes{{0, entries.size(), 0}};  // the strings below each
  std::vector<uint32_t> first, numbers;
  std::vector<char> labels{0};
  for (size_t node = 0; node < nodes.size(); ++node) {
    auto [from, to, depth] = nodes[node];
    const bool ends = from < to && entries[from].first.size() == depth;
    numbers.push_back(ends ? entries[from].second : kNone);
    from += ends;
    first.push_back(static_cast<uint32_t>(nodes.size()));
    while (from < to) {
      const char label = entries[from].first[depth];
      size_t next = from;
      while (next < to && entries[next].first[depth] == label) ++next;
      nodes.push_back({from, next, depth + 1});
      labels.push_back(label);
      from = next;
    }
  }
  first.push_back(static_cast<uint32_t>(nodes.size()));
  out.put(static_cast<uint32_t>(nodes.size()));
  out.put(first.data(), first.size());
  out.put(numbers.data(), numbers.size());
  out.put(labels.data(), labels.size());
}

ByteTree::ByteTree(SealedReader& in, bool* sound)
    : node_count_(in.number()),
      first_(in.take<uint32_t>(size_t{node_count_} + 1)),
      numbers_(in.take<uint32_t>(node_count_)),
      labels_(in.take<char>(node_count_)) {
  *sound = *sound && node_count_ != 0 && first_[node_count_] == node_count_;
  for (uint32_t i = 0; *sound && i < node_count_; ++i) {
    *sound = i < first_[i] && first_[i] <= first_[i + 1];
  }
}

uint32_t ByteTree::node_of(std::string_view text) const {
  uint32_t node = kRoot;
  for (size_t i = 0; node != kNone && i < text.size(); ++i) {
    node = child(node, static_cast<uint8_t>(text[i]));
  }
  return node;
}

uint32_t ByteTree::find(std::string_view text) const {
  const uint32_t node = node_of(text);
  return node == kNone ? kNone : numbers_[node];
}

}  // namespace tokenkit
