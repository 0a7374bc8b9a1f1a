#include "arrow/layout.hpp"

#include <charconv>
#include <string_view>
#include <utility>

#include "base/error.hpp"

namespace tokenkit {
namespace {

// What people call the types that they are likely to pass by mistake.
std::string type_name(std::string_view format) {
  static constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"b", "bool"},
      {"c", "int8"},
      {"C", "uint8"},
      {"s", "int16"},
      {"S", "uint16"},
      {"i", "int32"},
      {"I", "uint32"},
      {"l", "int64"},
      {"L", "uint64"},
      {"e", "float16"},
      {"f", "float32"},
      {"g", "float64"},
      {"n", "null"},
      {"+s", "a struct (a table or record batch: pass one of its columns)"},
      {"+l", "a list"},
      {"+L", "a list"},
      {"+r", "a run-end encoded array"},
  };
  for (const auto& [code, name] : kNames) {
    if (code == format) return std::string(name);
  }
  return "the Arrow format '" + std::string(format) + "'";
}

// The number at the end of a format behind its last `mark`; 0 if there is none.
size_t last_number(std::string_view format, char mark) {
  const size_t at = format.rfind(mark);
  size_t number = 0;
  if (at == std::string_view::npos) return 0;
  const char* end = format.data() + format.size();
  const auto [stop, error] = std::from_chars(format.data() + at + 1, end, number);
  return error == std::errc() && stop == end ? number : 0;
}

// The bytes of a decimal: "d:precision,scale", or with the bits as a third number.
size_t decimal_width(std::string_view format) {
  const size_t comma = format.find(',');
  if (comma == std::string_view::npos) return 0;
  return format.find(',', comma + 1) == std::string_view::npos ? 16 : last_number(format, ',') / 8;
}

// The bytes of a value of a type that has as many for each; 0 for other types.
size_t fixed_width(std::string_view format) {
  static constexpr std::pair<std::string_view, size_t> kWidths[] = {
      {"c", 1},   {"C", 1},   {"s", 2},   {"S", 2},   {"e", 2},   {"i", 4},    {"I", 4},
      {"f", 4},   {"l", 8},   {"L", 8},   {"g", 8},   {"tdD", 4}, {"tdm", 8},  {"tts", 4},
      {"ttm", 4}, {"ttu", 8}, {"ttn", 8}, {"tiM", 4}, {"tiD", 8}, {"tin", 16},
  };
  for (const auto& [code, width] : kWidths) {
    if (code == format) return width;
  }
  if (format.starts_with("ts") || format.starts_with("tD")) return 8;
  if (format.starts_with("w:")) return last_number(format, ':');
  return format.starts_with("d:") ? decimal_width(format) : 0;
}

constexpr const char* kExpected[] = {
    "expected an Arrow array of strings (string, large_string, string_view, UTF-8 in binary, or a "
    "dictionary of these), got ",
    "ids: expected an Arrow array of strings, binary, booleans, numbers, dates or times, or a "
    "dictionary of these, got ",
};

// Fills in how the values lie.
ArrowLayout::Kind kind_of(const ArrowSchema& schema, ArrowTypes types, const char* where,
                          ArrowLayout& layout) {
  const std::string_view format = layout.format = schema.format;
  if (format == "u" || format == "z") return ArrowLayout::kOffsets32;
  if (format == "U" || format == "Z") return ArrowLayout::kOffsets64;
  if (format == "vu" || format == "vz") return ArrowLayout::kViews;
  if (types == ArrowTypes::kTexts) {
    if (format == "n") return ArrowLayout::kNulls;
  } else {
    if (format == "b") return ArrowLayout::kBits;
    layout.width = fixed_width(format);
    if (layout.width != 0) return ArrowLayout::kFixed;
  }
  throw Error(ErrorKind::kType,
              kExpected[static_cast<size_t>(types)] + std::string(where) + type_name(format));
}

}  // namespace

ArrowLayout layout_of(const ArrowSchema& schema, ArrowTypes types) {
  if (schema.release == nullptr || schema.format == nullptr) {
    throw Error(ErrorKind::kValue, "the Arrow schema was already released");
  }
  if (schema.dictionary != nullptr && schema.dictionary->format == nullptr) {
    throw Error(ErrorKind::kValue, "the Arrow schema is malformed: a dictionary without a type");
  }
  ArrowLayout layout;
  if (schema.dictionary == nullptr) {
    layout.kind = kind_of(schema, types, "", layout);
    return layout;
  }
  layout.kind = ArrowLayout::kDictionary;
  layout.values = kind_of(*schema.dictionary, types, "a dictionary of ", layout);
  const std::string_view format = schema.format;
  if (format.size() == 1) layout.index = format[0];
  if (std::string_view("cCsSiIlL").find(layout.index) == std::string_view::npos) {
    throw Error(ErrorKind::kType,
                "expected a dictionary indexed by integers, got " + type_name(schema.format));
  }
  return layout;
}

}  // namespace tokenkit
