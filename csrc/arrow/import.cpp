#include "arrow/import.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>
#include <utility>

#include "base/error.hpp"

namespace tokenkit {
namespace {

constexpr size_t kMostRows = size_t{1} << 19;
constexpr size_t kMostBytes = size_t{64} << 20;

[[noreturn]] void malformed(int64_t row, const char* what) {
  throw Error(ErrorKind::kValue,
              "row " + std::to_string(row) + ": the Arrow array is malformed: " + what);
}

template <class T>
T load_at(const void* data, int64_t index) {
  T value;
  std::memcpy(&value, static_cast<const char*>(data) + index * int64_t{sizeof(T)}, sizeof value);
  return value;
}

// What a bit reads as.
constexpr std::string_view kFalse("\0", 1);
constexpr std::string_view kTrue("\1", 1);

// Entries are 16 bytes at most, unless a width says otherwise, and must have an address.
constexpr int64_t kMostEntries = PTRDIFF_MAX / 16;

// The zeros among bits[first..first + n), the lowest bit of a byte first.
int64_t zero_bits(const uint8_t* bits, int64_t first, int64_t n) {
  int64_t ones = 0;
  int64_t i = first;
  const int64_t end = first + n;
  for (; i < end && i % 8 != 0; ++i) ones += bits[i / 8] >> (i % 8) & 1;
  for (; end - i >= 64; i += 64) ones += std::popcount(load_at<uint64_t>(bits + i / 8, 0));
  for (; i < end; ++i) ones += bits[i / 8] >> (i % 8) & 1;
  return n - ones;
}

// One array, or the dictionary of one. `row` is the row of the column at hand, for errors.
//
// The interface does not say how large buffers are. So a producer that lies about its length cannot
// be caught here; all else that its structs and buffers say of themselves is checked before it is
// used as a place in memory.
class Rows {
 public:
  Rows(const ArrowArray& array, ArrowLayout::Kind kind, size_t width, int64_t row)
      : array_(array), kind_(kind), width_(width) {
    if (array.length < 0 || array.offset < 0) malformed(row, "negative length or offset");
    const int64_t most = width <= 16 ? kMostEntries : PTRDIFF_MAX / static_cast<int64_t>(width);
    if (array.length > most || array.offset > most - array.length) {
      malformed(row, "its length or offset is too large");
    }
    if (array.null_count < -1 || array.null_count > array.length) {
      malformed(row, "its number of nulls is impossible");
    }
    check_structure(row);
    if (!reads()) return;
    valid_ = static_cast<const uint8_t*>(array.buffers[0]);
    if (valid_ == nullptr && array.null_count > 0) {
      malformed(row, "it has nulls, but does not say which");
    }
    const int64_t last = array.offset + array.length;
    if (kind == ArrowLayout::kOffsets32) end_ = load_at<int32_t>(array.buffers[1], last);
    if (kind == ArrowLayout::kOffsets64) end_ = load_at<int64_t>(array.buffers[1], last);
    if (end_ > PTRDIFF_MAX) malformed(row, "its texts are too large");
  }

  // Reads all marks of nulls, so once for an array.
  void check_nulls(int64_t row) const {
    if (valid_ == nullptr || array_.null_count < 0) return;
    if (zero_bits(valid_, array_.offset, array_.length) != array_.null_count) {
      malformed(row, "its number of nulls is wrong");
    }
  }

  int64_t size() const { return array_.length; }

  bool is_null(int64_t i) const {
    i += array_.offset;
    if (kind_ == ArrowLayout::kNulls) return true;
    return valid_ != nullptr && (valid_[i / 8] >> (i % 8) & 1) == 0;
  }

  std::string_view text(int64_t i, int64_t row) const {
    i += array_.offset;
    switch (kind_) {
      case ArrowLayout::kOffsets32:
        return between<int32_t>(i, row);
      case ArrowLayout::kOffsets64:
        return between<int64_t>(i, row);
      case ArrowLayout::kFixed:
        return {static_cast<const char*>(array_.buffers[1]) + static_cast<size_t>(i) * width_,
                width_};
      case ArrowLayout::kBits:
        return (load_at<uint8_t>(array_.buffers[1], i / 8) >> (i % 8) & 1) != 0 ? kTrue : kFalse;
      default:
        return view(i, row);
    }
  }

  // Of a dictionary array: which value row i refers to.
  int64_t index(int64_t i, char format, int64_t row) const {
    const void* data = array_.buffers[1];
    const int64_t at = i + array_.offset;
    int64_t index = -1;
    switch (format) {
      case 'c':
        // A negative index is refused below. NOLINTNEXTLINE(bugprone-signed-char-misuse)
        index = load_at<int8_t>(data, at);
        break;
      case 'C':
        index = load_at<uint8_t>(data, at);
        break;
      case 's':
        index = load_at<int16_t>(data, at);
        break;
      case 'S':
        index = load_at<uint16_t>(data, at);
        break;
      case 'i':
        index = load_at<int32_t>(data, at);
        break;
      case 'I':
        index = load_at<uint32_t>(data, at);
        break;
      default:
        index = load_at<int64_t>(data, at);  // a uint64 past int64 is out of range, too
    }
    if (index < 0 || index >= array_.dictionary->length) {
      malformed(row, "an index is not in the dictionary");
    }
    return index;
  }

 private:
  bool reads() const { return kind_ != ArrowLayout::kNulls && array_.length > 0; }

  void check_structure(int64_t row) const {
    static constexpr int64_t kBuffers[] = {0, 3, 3, 3, 2, 2, 2};  // by ArrowLayout::Kind
    const bool exact = kind_ != ArrowLayout::kNulls && kind_ != ArrowLayout::kViews;
    const int64_t buffers = array_.n_buffers;
    if (buffers < kBuffers[kind_]) malformed(row, "buffers are missing");
    if (exact && buffers > kBuffers[kind_]) malformed(row, "it has too many buffers");
    if (array_.n_children != 0) malformed(row, "texts have no children");
    if ((kind_ == ArrowLayout::kDictionary) != (array_.dictionary != nullptr)) {
      malformed(row, array_.dictionary == nullptr ? "the dictionary is missing"
                                                  : "it has a dictionary that its type has not");
    }
    if (!reads()) return;
    if (array_.buffers == nullptr || array_.buffers[1] == nullptr) {
      malformed(row, "offsets, views or indices are missing");
    }
    if (kind_ == ArrowLayout::kViews && buffers > 3 && array_.buffers[buffers - 1] == nullptr) {
      malformed(row, "the sizes of its buffers are missing");
    }
  }

  template <class Offset>
  std::string_view between(int64_t i, int64_t row) const {
    const Offset start = load_at<Offset>(array_.buffers[1], i);
    const Offset end = load_at<Offset>(array_.buffers[1], i + 1);
    if (start < 0 || end < start) malformed(row, "its offsets do not grow");
    if (end > end_) malformed(row, "its text ends after the last row's");
    return bytes(array_.buffers[2], start, end - start, row);
  }

  // 16 bytes: the size, then up to 12 bytes of text, or its first 4, a buffer and an offset.
  std::string_view view(int64_t i, int64_t row) const {
    const char* entry = static_cast<const char*>(array_.buffers[1]) + 16 * i;
    const int32_t size = load_at<int32_t>(entry, 0);
    if (size < 0) malformed(row, "a size is negative");
    if (size <= 12) return {entry + 4, static_cast<size_t>(size)};
    const int32_t buffer = load_at<int32_t>(entry, 2);
    const int32_t start = load_at<int32_t>(entry, 3);
    if (buffer < 0 || buffer >= array_.n_buffers - 3) malformed(row, "no such buffer");
    const int64_t end = load_at<int64_t>(array_.buffers[array_.n_buffers - 1], buffer);
    if (start < 0 || end < 0 || start > end - size) malformed(row, "it ends outside its buffer");
    const std::string_view text = bytes(array_.buffers[2 + buffer], start, size, row);
    if (std::memcmp(text.data(), entry + 4, 4) != 0) {
      malformed(row, "its first bytes are not those of its view");
    }
    return text;
  }

  std::string_view bytes(const void* data, int64_t start, int64_t size, int64_t row) const {
    if (size == 0) return "";
    if (data == nullptr) malformed(row, "its text is missing");
    return {static_cast<const char*>(data) + start, static_cast<size_t>(size)};
  }

  const ArrowArray& array_;
  ArrowLayout::Kind kind_;
  size_t width_;
  const uint8_t* valid_ = nullptr;
  // Where the text of the last row ends. The interface does not say how large the buffer is, so no
  // row may go further.
  int64_t end_ = 0;
};

}  // namespace

ArrowTexts::ArrowTexts(ArrowSchema* schema, ArrowArray* array, ArrowTypes types) {
  ArrowOwned<ArrowSchema> taken_schema(schema);
  arrays_.emplace_back(array);
  layout_ = layout_of(*taken_schema.get(), types);
  if (arrays_.back().get()->release == nullptr) {
    throw Error(ErrorKind::kValue, "the Arrow array was already released");
  }
  opened_ = true;
}

ArrowTexts::ArrowTexts(ArrowArrayStream* stream, ArrowTypes types) : stream_(stream) {
  ArrowArrayStream* s = stream_.get();
  if (s->release == nullptr) {
    throw Error(ErrorKind::kValue, "the Arrow stream was already released or read");
  }
  if (s->get_schema == nullptr || s->get_next == nullptr || s->get_last_error == nullptr) {
    throw Error(ErrorKind::kValue, "the Arrow stream is malformed: a function is missing");
  }
  ArrowOwned<ArrowSchema> schema;
  if (s->get_schema(s, schema.get()) != 0) {
    const char* why = s->get_last_error(s);
    throw Error(ErrorKind::kValue,
                std::string("the Arrow stream has no schema: ") + (why ? why : "no reason given"));
  }
  layout_ = layout_of(*schema.get(), types);
}

// Makes the next array the last of arrays_; false at the end.
bool ArrowTexts::open_next_array() {
  ArrowArrayStream* s = stream_.get();
  if (s->release == nullptr) return false;
  ArrowOwned<ArrowArray> array;
  if (s->get_next(s, array.get()) != 0) {
    const char* why = s->get_last_error(s);
    throw Error(ErrorKind::kValue, "the Arrow stream failed after row " + std::to_string(row_) +
                                       ": " + (why ? why : "no reason given"));
  }
  if (array.get()->release == nullptr) return false;
  arrays_.push_back(std::move(array));
  position_ = 0;
  return true;
}

size_t ArrowTexts::rows_ahead() const {
  return opened_ ? static_cast<size_t>(arrays_.back().get()->length - position_) : 0;
}

bool ArrowTexts::large() const {
  const bool dictionary = layout_.kind == ArrowLayout::kDictionary;
  return (dictionary ? layout_.values : layout_.kind) == ArrowLayout::kOffsets64;
}

bool ArrowTexts::next(ArrowRows& rows, bool distinct) {
  rows.texts.clear();
  rows.first_row.clear();
  rows.text_of.clear();
  if (arrays_.size() > 1) arrays_.erase(arrays_.begin(), arrays_.end() - 1);
  if (!opened_) arrays_.clear();
  size_t bytes = 0;
  auto add = [&](std::string_view text) {
    rows.texts.push_back(text);
    rows.first_row.push_back(row_);
    bytes += text.size();
    return static_cast<int64_t>(rows.texts.size()) - 1;
  };
  while (rows.text_of.size() < kMostRows && bytes < kMostBytes) {
    if (!opened_) opened_ = open_next_array();
    if (!opened_) break;
    const ArrowArray& array = *arrays_.back().get();
    const bool dictionary = layout_.kind == ArrowLayout::kDictionary;
    const Rows read(array, layout_.kind, layout_.width, row_);
    const Rows values(dictionary ? *array.dictionary : array, layout_.value_kind(), layout_.width,
                      row_);
    if (position_ == 0) {
      read.check_nulls(row_);
      if (dictionary) values.check_nulls(row_);
    }
    const int64_t end =
        std::min(read.size(), position_ + static_cast<int64_t>(kMostRows - rows.text_of.size()));
    // The texts of a dictionary's entries; not worth the memory if most are used once or not.
    const bool once = distinct && dictionary && values.size() <= end - position_;
    std::vector<int64_t> known(once ? static_cast<size_t>(values.size()) : 0, -1);
    for (; position_ < end && bytes < kMostBytes; ++position_, ++row_) {
      int64_t text = -1;
      if (read.is_null(position_)) {
      } else if (!dictionary) {
        text = add(read.text(position_, row_));
      } else if (int64_t i = read.index(position_, layout_.index, row_); !values.is_null(i)) {
        if (once) text = known[static_cast<size_t>(i)];
        if (text < 0) text = add(values.text(i, row_));
        if (once) known[static_cast<size_t>(i)] = text;
      }
      rows.text_of.push_back(text);
    }
    opened_ = position_ < read.size();
  }
  return !rows.text_of.empty();
}

}  // namespace tokenkit
