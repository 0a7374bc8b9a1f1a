// A producer of Arrow columns for the tests: arrays of every layout, and streams of them that may
// fail. Of the tests of Arrow alone.
#pragma once

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arrow/c_data.hpp"
#include "base/error.hpp"
#include "tests/check.hpp"
#include "tests/text_helpers.hpp"

namespace tokenkit::test {
namespace {

using Rows = std::vector<std::optional<std::string>>;

int living = 0;  // structs made here and not released

// An array with all that it refers to. Buffers are of their exact size, so that ASan sees a read
// past their ends.
struct Made {
  std::vector<std::unique_ptr<char[]>> buffers;
  std::vector<const void*> pointers;
  std::vector<size_t> sizes;  // of what the pointers point to, in bytes
  ArrowArray dictionary{};
};

template <class Struct>
void release(Struct* value) {
  if (value->dictionary != nullptr && value->dictionary->release != nullptr) {
    value->dictionary->release(value->dictionary);
  }
  if constexpr (std::is_same_v<Struct, ArrowArray>) {
    delete static_cast<Made*>(value->private_data);
  } else {
    delete value->dictionary;
  }
  value->release = nullptr;
  --living;
}

ArrowSchema schema(const char* format, const char* of_values = nullptr) {
  ++living;
  ArrowSchema out{};
  out.format = format;
  out.name = "";
  out.release = release<ArrowSchema>;
  if (of_values != nullptr) out.dictionary = new ArrowSchema(schema(of_values));
  return out;
}

struct Builder {
  Made* made = new Made;

  template <class T>
  void add(const std::vector<T>& values) {
    const size_t bytes = values.size() * sizeof(T);
    made->buffers.push_back(std::make_unique<char[]>(bytes));
    if (bytes != 0) std::memcpy(made->buffers.back().get(), values.data(), bytes);
    made->pointers.push_back(made->buffers.back().get());
    made->sizes.push_back(bytes);
  }

  void add_validity(const Rows& rows) {
    std::vector<uint8_t> bits((rows.size() + 7) / 8);
    bool all = true;
    for (size_t i = 0; i < rows.size(); ++i) {
      bits[i / 8] |= static_cast<uint8_t>(rows[i].has_value() << (i % 8));
      all = all && rows[i].has_value();
    }
    if (all) {
      made->pointers.push_back(nullptr);
      made->sizes.push_back(0);
    } else {
      add(bits);
    }
  }

  ArrowArray finish(int64_t length, int64_t offset) {
    ++living;
    ArrowArray out{};
    out.length = length;
    out.null_count = -1;  // not known
    out.offset = offset;
    out.n_buffers = static_cast<int64_t>(made->pointers.size());
    out.buffers = made->pointers.data();
    out.release = release<ArrowArray>;
    out.private_data = made;
    if (made->dictionary.release != nullptr) out.dictionary = &made->dictionary;
    return out;
  }
};

template <class Offset>
void add_offsets(Builder& builder, const Rows& rows) {
  std::vector<Offset> offsets = {0};
  std::vector<char> data;
  for (const auto& row : rows) {
    if (row) data.insert(data.end(), row->begin(), row->end());
    offsets.push_back(static_cast<Offset>(data.size()));
  }
  builder.add(offsets);
  builder.add(data);
}

void add_views(Builder& builder, const Rows& rows, Random& random) {
  std::vector<int32_t> views;
  std::vector<std::vector<char>> data(3);
  for (const auto& row : rows) {
    const std::string text = row.value_or("");
    const auto size = static_cast<int32_t>(text.size());
    int32_t entry[4] = {size, 0, 0, 0};
    if (!row) {
      entry[0] = 1000;  // a null row may hold anything
      entry[2] = 99;
    } else if (size <= 12) {
      std::memcpy(entry + 1, text.data(), text.size());
    } else {
      const uint32_t buffer = random.below(3);
      std::memcpy(entry + 1, text.data(), 4);
      entry[2] = static_cast<int32_t>(buffer);
      entry[3] = static_cast<int32_t>(data[buffer].size());
      data[buffer].insert(data[buffer].end(), text.begin(), text.end());
    }
    views.insert(views.end(), entry, entry + 4);
  }
  builder.add(views);
  std::vector<int64_t> sizes;
  for (const auto& one : data) {
    builder.add(one);
    sizes.push_back(static_cast<int64_t>(one.size()));
  }
  builder.add(sizes);
}

ArrowArray array_of(const std::string& format, const Rows& rows, int64_t length, int64_t offset,
                    Random& random) {
  Builder builder;
  if (format != "n") builder.add_validity(rows);
  if (format == "u" || format == "z") add_offsets<int32_t>(builder, rows);
  if (format == "U" || format == "Z") add_offsets<int64_t>(builder, rows);
  if (format == "vu" || format == "vz") add_views(builder, rows, random);
  return builder.finish(length, offset);
}

template <class Index>
void add_indices(Builder& builder, const std::vector<int64_t>& indices) {
  builder.add(std::vector<Index>(indices.begin(), indices.end()));
}

// Nulls are sometimes in the indices, sometimes in the dictionary.
ArrowArray dictionary_of(char index, const std::string& format, const Rows& rows, int64_t length,
                         int64_t offset, Random& random) {
  Rows values = {std::nullopt};
  Rows present = rows;
  std::vector<int64_t> indices;
  for (auto& row : present) {
    size_t i = 0;
    while (i < values.size() && values[i] != row) ++i;
    if (i == values.size()) values.push_back(row);
    if (!row && random.below(2) == 0) row = "";  // valid here, null in the dictionary
    indices.push_back(static_cast<int64_t>(i));
  }
  Builder builder;
  builder.add_validity(present);
  switch (index) {
    case 'c':
      add_indices<int8_t>(builder, indices);
      break;
    case 'C':
      add_indices<uint8_t>(builder, indices);
      break;
    case 's':
      add_indices<int16_t>(builder, indices);
      break;
    case 'S':
      add_indices<uint16_t>(builder, indices);
      break;
    case 'i':
      add_indices<int32_t>(builder, indices);
      break;
    case 'I':
      add_indices<uint32_t>(builder, indices);
      break;
    default:
      add_indices<int64_t>(builder, indices);
  }
  const auto size = static_cast<int64_t>(values.size());
  builder.made->dictionary = array_of(format, values, size, 0, random);
  return builder.finish(length, offset);
}

// A stream of arrays; fails instead of giving array `fails_at`.
struct Source {
  const char* format;
  const char* of_values;
  std::vector<ArrowArray> arrays;
  size_t at = 0;
  size_t fails_at = ~size_t{0};
  bool without_schema = false;
};

Source& source_of(ArrowArrayStream* stream) { return *static_cast<Source*>(stream->private_data); }

ArrowArrayStream stream_of(Source source) {
  ++living;
  ArrowArrayStream out{};
  out.private_data = new Source(std::move(source));
  out.get_schema = [](ArrowArrayStream* self, ArrowSchema* to) {
    if (source_of(self).without_schema) return EIO;
    *to = schema(source_of(self).format, source_of(self).of_values);
    return 0;
  };
  out.get_next = [](ArrowArrayStream* self, ArrowArray* to) {
    Source& from = source_of(self);
    if (from.at == from.fails_at) return EIO;
    *to = {};
    if (from.at < from.arrays.size()) std::swap(*to, from.arrays[from.at++]);
    return 0;
  };
  out.get_last_error = [](ArrowArrayStream* self) {
    return source_of(self).without_schema ? nullptr : "disk on fire";
  };
  out.release = [](ArrowArrayStream* self) {
    for (ArrowArray& array : source_of(self).arrays) {
      if (array.release != nullptr) array.release(&array);
    }
    delete &source_of(self);
    self->release = nullptr;
    --living;
  };
  return out;
}

const char* const kFormats[] = {"u", "z", "U", "Z", "vu", "vz"};

// The message of the error that call() throws.
[[maybe_unused]] std::string error_of(auto&& call, ErrorKind kind = ErrorKind::kValue) {
  try {
    call();
  } catch (const Error& error) {
    CHECK(error.kind() == kind);
    return error.what();
  }
  return "nothing was thrown";
}

[[maybe_unused]] bool holds(const std::string& text, const char* part) {
  return check(text.find(part) != std::string::npos, __FILE__, __LINE__, text.c_str());
}

}  // namespace
}  // namespace tokenkit::test
