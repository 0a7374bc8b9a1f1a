// The functions of Encoder for many texts, most of them short.
//
// A text of few pieces would wait for the memory of each table, and the next text after it. So
// short ones are put one behind the other, each is scanned by itself, and the pieces of all are
// looked up together.
#include <algorithm>

#include "encode/encoder.hpp"
#include "encode/lookup.hpp"

namespace tokenkit {
namespace {

// Texts one behind the other, with their pieces. It belongs to one call.
class Together {
 public:
  static constexpr size_t kLongest = 64;  // bytes of a text
  static constexpr size_t kBytes = 1024;  // of all
  static constexpr size_t kTexts = 64;

  bool has_room(std::string_view text) const {
    return size_ + text.size() <= kBytes && count_ < kTexts;
  }
  // For a text of at most kLongest bytes, if there is room.
  void add(std::string_view text) {
    std::copy_n(text.data(), text.size(), bytes_ + size_);
    size_ += text.size();
    text_ends_[count_++] = size_;
  }
  void clear() { size_ = count_ = 0; }

  // Finds the pieces of every text.
  void scan(ScanFunction find_ends) {
    pieces_ = 0;
    size_t start = 0;
    for (size_t i = 0; i < count_; start = text_ends_[i++]) {
      const std::string_view text(bytes_, text_ends_[i]);
      for (size_t pos = start; pos < text.size(); pos = ends_[pieces_ - 1]) {
        pieces_ += find_ends(text, pos, ends_ + pieces_, kLongest);
      }
      last_pieces_[i] = pieces_;
    }
  }

  size_t count() const { return count_; }
  std::string_view text() const { return {bytes_, size_}; }
  const size_t* ends() const { return ends_; }
  size_t pieces() const { return pieces_; }

  // Calls take(i, before, until) for each text, with the sums of `each` up to its first piece and
  // up to its last one. `each` becomes sums: a loop for each text would guess wrong where it ends.
  template <class Take>
  void sum(uint32_t* each, const Take& take) const {
    for (size_t k = 1; k < pieces_; ++k) each[k] += each[k - 1];
    uint32_t before = 0;
    for (size_t i = 0; i < count_; ++i) {
      const uint32_t until = last_pieces_[i] == 0 ? 0 : each[last_pieces_[i] - 1];
      take(i, before, until);
      before = until;
    }
  }

 private:
  size_t size_ = 0, count_ = 0, pieces_ = 0;
  size_t text_ends_[kTexts], last_pieces_[kTexts];
  size_t ends_[kBytes + kLongest];
  char bytes_[kBytes];
};

}  // namespace

bool Encoder::takes_together(std::string_view text) const {
  return text.size() <= Together::kLongest && reading_.added.empty() &&
         reading_.lead == Lead::kNowhere && !segmented_;
}

// Calls single(i) for each text that is read by itself, and grouped(group, numbers) for the others:
// text k of a group is text numbers[k]. In the order of the texts, if `in_order`.
template <class Single, class Grouped>
void Encoder::by_size(const std::string_view* texts, size_t n, bool in_order, const Single& single,
                      const Grouped& grouped) const {
  Together group;
  size_t numbers[Together::kTexts];
  const auto flush = [&] {
    if (group.count() == 0) return;
    group.scan(scan_);
    grouped(group, numbers);
    group.clear();
  };
  for (size_t i = 0; i < n; ++i) {
    if (!takes_together(texts[i])) {
      if (in_order) flush();
      single(i);
      continue;
    }
    if (!group.has_room(texts[i])) flush();
    numbers[group.count()] = i;
    group.add(texts[i]);
  }
  flush();
}

void Encoder::count_all(const std::string_view* texts, size_t n, Scratch& scratch,
                        int64_t* counts) const {
  const auto single = [&](size_t i) {
    counts[i] = static_cast<int64_t>(count(texts[i], nullptr, scratch));
  };
  by_size(texts, n, false, single, [&](const Together& group, const size_t* numbers) {
    uint32_t each[Together::kBytes];
    count_plain(group.text(), 0, group.ends(), group.pieces(), scratch, each);
    group.sum(each, [&](size_t k, uint32_t before, uint32_t until) {
      counts[numbers[k]] = until - before;
    });
  });
}

void Encoder::encode_all(const std::string_view* texts, size_t n, Scratch& scratch, IdSink& out,
                         size_t* ends) const {
  const auto single = [&](size_t i) {
    encode(texts[i], nullptr, scratch, out);
    ends[i] = out.size();
  };
  by_size(texts, n, true, single, [&](const Together& group, const size_t* numbers) {
    uint32_t each[Together::kBytes];
    const size_t start = out.size();
    encode_plain(group.text(), 0, group.ends(), group.pieces(), scratch, out, each);
    group.sum(each, [&](size_t k, uint32_t, uint32_t until) { ends[numbers[k]] = start + until; });
  });
}

}  // namespace tokenkit
