// Fuzzing Arrow import: bytes become a column, of which some numbers are then wrong. A plain reader
// that knows how large the buffers are says what the rows hold, or that they hold nothing that can
// be read; the import has to say the same, or that the column is malformed, and every road has to
// make of each row what the function for one text makes of it. A fault aborts.
//
// With libFuzzer (clang++ -fsanitize=fuzzer -DTOKENKIT_LIBFUZZER) it is driven by coverage;
// without, it is a program that makes its own inputs:
//     fuzz_arrow [SECONDS [SEED]]
#include <string>
#include <string_view>

#include "arrow/count.hpp"
#include "arrow/truncate.hpp"
#include "base/error.hpp"
#include "encode/encoder.hpp"
#include "fuzz/damaged_columns.hpp"
#include "fuzz/driver.hpp"
#include "tests/arrow_producer.hpp"
#include "tests/generators.hpp"
#include "tests/roads.hpp"

namespace tokenkit::test {
namespace {

struct Subject {
  explicit Subject(uint32_t seed)
      : random(seed),
        source(random_tokens(random, "ab the", {})),
        encoder(source.view(), Family::kO200k, sample_specials(5000)) {}
  Random random;
  TestVocab source;
  Encoder encoder;
};

// What is made of a column, and how.
struct Road {
  enum Kind : uint8_t { kCount, kFits, kEncode, kTruncate };
  Kind kind;
  uint32_t limit;
  Truncation truncation;
  size_t threads;
  bool streamed, null_invalid;
};

SharedColumn made_of(const Encoder& encoder, ValidTexts& texts, const Road& road) {
  if (road.kind == Road::kCount) return count_arrow(encoder, texts, road.threads);
  if (road.kind == Road::kFits) return fits_arrow(encoder, texts, road.limit, road.threads);
  if (road.kind == Road::kEncode) return encode_arrow(encoder, texts, road.threads);
  return truncate_arrow(encoder, texts, road.truncation, road.threads);
}

std::string joined(const uint32_t* ids, size_t n) {
  std::string out;
  for (size_t i = 0; i < n; ++i) out += std::to_string(ids[i]) + " ";
  return out;
}

// What is made of one text, by the function for one text.
std::string made_of(const Encoder& encoder, const std::string& text, const Road& road) {
  Encoder::Lease scratch(encoder);
  if (road.kind == Road::kCount) return std::to_string(encoder.count(text, nullptr, *scratch));
  if (road.kind == Road::kFits) {
    return encoder.within(text, road.limit, *scratch) ? "true" : "false";
  }
  if (road.kind == Road::kEncode) {
    IdSink ids;
    encoder.encode(text, nullptr, *scratch, ids);
    return joined(ids.data(), ids.size());
  }
  const auto kept = truncate(encoder, text, road.truncation, *scratch);
  if (!kept) return text;
  return text.substr(0, kept->head) + std::string(road.truncation.marker) + text.substr(kept->tail);
}

std::string row_of(const ArrowColumn& column, size_t row) {
  if (column.format == "l") return std::to_string(column.values<int64_t>()[row]);
  if (column.format == "b") return column.bit(row) ? "true" : "false";
  if (column.format != "+l") return std::string(column.text(row));
  const size_t start = column.offset(row);
  return joined(column.children[0]->values<uint32_t>() + start, column.offset(row + 1) - start);
}

// Sends the column, which is used up, down a road, as an array or as a stream of one.
std::string wrong_rows(const Encoder& encoder, Column& c, const Read& read, const Road& road) {
  const char* of_values = c.of_values.empty() ? nullptr : c.of_values.c_str();
  const bool refusable = read.invalid > 0 && !road.null_invalid;
  SharedColumn made;
  int64_t invalid = 0;
  try {
    ArrowSchema type = schema(c.format.c_str(), of_values);
    ArrowArrayStream stream{};
    if (road.streamed) {
      type.release(&type);
      stream = stream_of({c.format.c_str(), of_values, {c.array}});
    }
    ValidTexts texts = road.streamed ? ValidTexts(&stream, road.null_invalid)
                                     : ValidTexts(&type, &c.array, road.null_invalid);
    made = made_of(encoder, texts, road);
    invalid = texts.invalid_count();
  } catch (const Error& error) {
    // A column may be refused for what no row needs.
    if ((read.damaged || refusable) && error.kind() == ErrorKind::kValue) return {};
    return std::string("refused: ") + error.what();
  }
  if (read.broken || refusable) return "a malformed column was read";
  if (made->size() != read.rows.size()) return "another number of rows";
  if (invalid != read.invalid) return "another number of rows that are not UTF-8";
  for (size_t i = 0; i < read.rows.size(); ++i) {
    const std::string got = made->is_valid(i) ? row_of(*made, i) : "null";
    const std::string wanted = read.rows[i] ? made_of(encoder, *read.rows[i], road) : "null";
    if (got != wanted) return "row " + std::to_string(i) + ": " + got + ", expected " + wanted;
  }
  return {};
}

Road road_of(Bytes& bytes, const Encoder& encoder) {
  static constexpr std::string_view kMarkers[] = {"", "\u2026", " - ", "ab"};
  Road road{};
  road.kind = static_cast<Road::Kind>(bytes.below(4));
  road.threads = 1 + (bytes.byte() == 0);
  road.streamed = bytes.below(2) == 0;
  road.null_invalid = bytes.below(2) == 0;
  road.limit = bytes.below(12);
  Truncation& how = road.truncation;
  how.marker = kMarkers[bytes.below(4)];
  how.room = bytes.below(8);
  how.max_tokens = how.room + encoder.count(how.marker, nullptr);
  how.keep = static_cast<Keep>(bytes.below(3));
  how.clusters = bytes.below(2) == 0;
  return road;
}

}  // namespace
}  // namespace tokenkit::test

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tokenkit;
  using namespace tokenkit::test;
  Bytes bytes(data, size);
  const Encoder& by = kept<Subject, 4>(bytes.below(4)).encoder;
  const Road road = road_of(bytes, by);
  Read read;
  Column column = Damaged(bytes).make(&read);
  std::string fault = wrong_rows(by, column, read, road);
  if (fault.empty() && living != 0) fault = "structs were not released";
  stop_at(fault, data, size);
  return 0;
}

#ifndef TOKENKIT_LIBFUZZER
namespace {

std::string random_input(tokenkit::test::Random& random) {
  std::string input;
  for (uint32_t left = 10 + random.below(200); left > 0; --left) {
    // Texts are valid more often than not.
    const bool plain = random.below(4) != 0;
    input += static_cast<char>(plain ? random.below(128) : random.below(256));
  }
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  return tokenkit::test::fuzz(argc, argv, "fuzz_arrow", "all columns read or refused",
                              random_input);
}
#endif
