// Columns that bytes make, some with numbers that are wrong; and what a plain reader, which knows
// how large the buffers are, says that they hold. Of the driver for Arrow alone.
//
// The interface does not say how large a buffer is. So no change here makes a column larger than it
// was: whatever else it says of itself, its end is where the last offset puts it.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arrow/c_data.hpp"
#include "tests/arrow_producer.hpp"
#include "text/utf8.hpp"

namespace tokenkit::test {
namespace {

const char* const kIndices[] = {"c", "C", "s", "S", "i", "I", "l", "L"};

// The bytes of the input, as numbers; zeros when they are used up.
class Bytes {
 public:
  Bytes(const uint8_t* data, size_t size) : data_(data), size_(size) {}
  uint32_t byte() { return at_ < size_ ? data_[at_++] : 0; }
  uint32_t below(uint32_t limit) { return byte() % limit; }
  bool any() const { return at_ < size_; }
  std::string text(size_t most) {
    std::string out;
    while (out.size() < most && any()) out += static_cast<char>(byte());
    return out;
  }
  // A number as damage has it: near zero, near a limit, or anything.
  int64_t number() {
    static constexpr int64_t kEdges[] = {0,         1,         -1,        2,         127,     128,
                                         INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, 1 << 20, -13};
    const uint32_t kind = byte();
    if (kind < 128) return kEdges[kind % 12];
    return static_cast<int64_t>(byte()) - (kind & 1 ? 100 : 0);
  }

 private:
  const uint8_t* data_;
  size_t size_;
  size_t at_ = 0;
};

// A column with the sizes of its buffers, which its reader under test does not get.
struct Column {
  std::string format, of_values;  // of_values is empty without a dictionary
  Rows rows;
  ArrowArray array;
};

size_t width_of(const std::string& format) {
  static constexpr std::string_view kOrder = "cCsSiIlL";
  if (format == "u" || format == "z") return 4;
  if (format == "U" || format == "Z") return 8;
  if (format[0] == 'v') return 16;
  return size_t{1} << kOrder.find(format[0]) / 2;
}

// Number `index` of a buffer, whose width it has; the buffers are large enough.
int64_t number_at(const void* data, size_t width, int64_t index, bool is_signed = true) {
  const char* p = static_cast<const char*>(data) + index * static_cast<int64_t>(width);
  uint64_t bits = 0;
  std::memcpy(&bits, p, width);
  const unsigned unused = static_cast<unsigned>(64 - 8 * width);
  return is_signed ? static_cast<int64_t>(bits << unused) >> unused : static_cast<int64_t>(bits);
}

void put(const void* data, size_t width, int64_t index, int64_t value) {
  char* p = static_cast<char*>(const_cast<void*>(data)) + index * static_cast<int64_t>(width);
  std::memcpy(p, &value, width);
}

// What a column holds: its rows, unless one cannot be read. Rows that are not UTF-8 are null.
struct Read {
  bool broken = false;
  Rows rows;
  int64_t invalid = 0;  // how many are not UTF-8
  bool damaged = true;
};

// The bytes of one row of texts, nothing where they lie outside of the buffers. `most` is the
// number of bytes in each buffer of text.
std::optional<std::string> text_at(const ArrowArray& array, const std::string& format, int64_t at,
                                   const std::vector<size_t>& most) {
  int64_t start = 0, size = 0;
  size_t buffer = 0;
  if (format[0] == 'v') {
    const char* entry = static_cast<const char*>(array.buffers[1]) + 16 * at;
    size = number_at(entry, 4, 0);
    if (size < 0) return std::nullopt;
    if (size <= 12) return std::string(entry + 4, static_cast<size_t>(size));
    const int64_t which = number_at(entry, 4, 2);
    start = number_at(entry, 4, 3);
    if (which < 0 || which >= array.n_buffers - 3) return std::nullopt;
    if (array.buffers[array.n_buffers - 1] == nullptr) return std::nullopt;  // the sizes
    buffer = static_cast<size_t>(which);
  } else {
    const size_t width = width_of(format);
    start = number_at(array.buffers[1], width, at);
    const int64_t end = number_at(array.buffers[1], width, at + 1);
    if (start < 0 || end < start) return std::nullopt;
    size = end - start;
  }
  if (buffer >= most.size()) return std::nullopt;
  const auto whole = static_cast<int64_t>(most[buffer]);
  if (start < 0 || size > whole || start > whole - size) return std::nullopt;
  if (size == 0) return "";
  const void* data = array.buffers[2 + buffer];
  if (data == nullptr) return std::nullopt;
  return std::string(static_cast<const char*>(data) + start, static_cast<size_t>(size));
}

bool is_valid(const ArrowArray& array, int64_t at) {
  const auto* bits = static_cast<const uint8_t*>(array.buffers[0]);
  return array.null_count == 0 || bits == nullptr || (bits[at / 8] >> (at % 8) & 1) != 0;
}

class Damaged {
 public:
  explicit Damaged(Bytes& bytes) : bytes_(bytes) {}

  // Makes a column, damages it, and says what it holds then.
  Column make(Read* read) {
    Column c;
    c.format = kFormats[bytes_.below(6)];
    const bool dictionary = bytes_.below(3) == 0;
    if (dictionary) {
      c.of_values = c.format;
      c.format = kIndices[bytes_.below(8)];
    }
    Random random(bytes_.byte());
    const uint32_t rows = bytes_.below(12);
    for (uint32_t i = 0; i < rows; ++i) {
      const uint32_t kind = bytes_.byte();
      c.rows.emplace_back();
      if (kind >= 30) c.rows.back() = bytes_.text(kind % 24);
    }
    const int64_t offset = rows == 0 ? 0 : bytes_.below(rows + 1);
    const int64_t length = rows - offset;
    c.array = dictionary ? dictionary_of(c.format[0], c.of_values, c.rows, length, offset, random)
                         : array_of(c.format, c.rows, length, offset, random);
    ArrowArray& texts = dictionary ? *c.array.dictionary : c.array;
    const std::vector<size_t> most = sizes_of(texts, dictionary ? c.of_values : c.format);
    const uint32_t kind = bytes_.below(4);
    if (kind == 1) {
      // By itself: the last offset of fewer rows must not be a wrong one.
      const bool inner = dictionary && bytes_.below(2) == 0;
      damage_struct(inner ? texts : c.array, inner ? c.of_values : c.format);
    } else if (kind > 1) {
      for (uint32_t left = 1 + bytes_.below(3); left > 0; --left) {
        if (dictionary && bytes_.below(2) == 0) {
          damage_indices(c);
        } else {
          damage_texts(texts, dictionary ? c.of_values : c.format, most);
        }
      }
    }
    *read = read_all(c, most);
    read->damaged = kind != 0;
    return c;
  }

 private:
  // Bytes in each buffer of text.
  static std::vector<size_t> sizes_of(const ArrowArray& array, const std::string& format) {
    std::vector<size_t> sizes;
    if (format[0] == 'v') {
      for (int64_t i = 0; i < array.n_buffers - 3; ++i) {
        const int64_t size = number_at(array.buffers[array.n_buffers - 1], 8, i);
        sizes.push_back(static_cast<size_t>(size));
      }
    } else {
      const int64_t last = array.offset + array.length;
      sizes.push_back(static_cast<size_t>(number_at(array.buffers[1], width_of(format), last)));
    }
    return sizes;
  }

  void damage_indices(Column& c) {
    if (c.rows.empty()) return;
    put(c.array.buffers[1], width_of(c.format), bytes_.below(static_cast<uint32_t>(c.rows.size())),
        bytes_.number());
  }

  // Wrong bytes of text, and wrong offsets or views. The last offset only becomes smaller, and so
  // do the sizes of buffers of views: they say where the buffers end.
  void damage_texts(ArrowArray& array, const std::string& format, const std::vector<size_t>& most) {
    const auto rows = static_cast<uint32_t>(array.offset + array.length);
    const uint32_t kind = bytes_.below(4);
    const size_t buffer = bytes_.below(static_cast<uint32_t>(most.size()));
    if (kind == 0 && most[buffer] > 0) {
      const auto place = bytes_.byte() % static_cast<uint32_t>(most[buffer]);
      put(array.buffers[2 + buffer], 1, place, bytes_.byte());
    } else if (format[0] != 'v') {
      const uint32_t place = bytes_.below(rows + 1);
      const int64_t value = bytes_.number();
      const auto end = static_cast<int64_t>(most[0]);
      put(array.buffers[1], width_of(format), place, place == rows ? value % (end + 1) : value);
    } else if (kind == 1) {
      const auto size = static_cast<int64_t>(most[buffer]);
      put(array.buffers[array.n_buffers - 1], 8, static_cast<int64_t>(buffer),
          bytes_.number() % (size + 1));
    } else if (rows > 0) {
      put(array.buffers[1], 4, 4 * bytes_.below(rows) + bytes_.below(4), bytes_.number());
    }
  }

  void damage_struct(ArrowArray& array, const std::string& format) {
    const int64_t negative = -1 - static_cast<int64_t>(bytes_.below(100));
    switch (bytes_.below(6)) {
      case 0:
        array.length = bytes_.below(static_cast<uint32_t>(array.length + 1));
        break;
      case 1:
        array.length = negative;
        break;
      case 2:
        // With one buffer less, texts would be taken for the sizes of buffers of views.
        array.n_buffers = bytes_.below(is_index(format) ? 2 : 3);
        break;
      case 3:
        array.buffers[bytes_.below(static_cast<uint32_t>(array.n_buffers))] = nullptr;
        break;
      case 4:
        array.offset = negative;
        break;
      default:
        array.null_count = bytes_.below(2) == 0 ? negative : array.length;
    }
  }

  static bool is_index(const std::string& format) {
    return std::string_view("cCsSiIlL").find(format[0]) != std::string_view::npos;
  }

  // Can the struct itself be read?
  static bool whole(const ArrowArray& array, const std::string& format) {
    if (array.length < 0 || array.offset < 0) return false;
    if (array.n_buffers < (is_index(format) ? 2 : 3)) return false;
    return array.length == 0 || array.buffers[1] != nullptr;
  }

  static Read read_all(const Column& c, const std::vector<size_t>& most) {
    Read read;
    const bool dictionary = !c.of_values.empty();
    const ArrowArray& texts = dictionary ? *c.array.dictionary : c.array;
    const std::string& format = dictionary ? c.of_values : c.format;
    if (!whole(c.array, c.format) || !whole(texts, format)) return {true, {}};
    for (int64_t i = 0; i < c.array.length; ++i) {
      int64_t at = c.array.offset + i;
      read.rows.emplace_back();
      if (!is_valid(c.array, at)) continue;
      if (dictionary) {
        const bool is_signed = c.format[0] >= 'a';
        at = number_at(c.array.buffers[1], width_of(c.format), at, is_signed);
        if (at < 0 || at >= texts.length) return {true, {}};
        at += texts.offset;
        if (!is_valid(texts, at)) continue;
      }
      read.rows.back() = text_at(texts, format, at, most);
      if (!read.rows.back()) return {true, {}};
      if (first_invalid(*read.rows.back()) == std::string_view::npos) continue;
      read.rows.back().reset();
      ++read.invalid;
    }
    return read;
  }

  Bytes& bytes_;
};

}  // namespace
}  // namespace tokenkit::test
