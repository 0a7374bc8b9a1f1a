// Columns to chunks: the chunks of each text and the ids of each row, in batches, whatever the
// column is made of; ids that contradict themselves.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arrow/chunk.hpp"
#include "arrow/chunk_rows.hpp"
#include "chunk/chunker.hpp"
#include "tests/arrow_producer.hpp"
#include "tests/check.hpp"
#include "tests/chunk_checks.hpp"
#include "tests/generators.hpp"
#include "tests/text_helpers.hpp"
#include "text/utf8.hpp"

namespace tokenkit::test {
namespace {

TestVocab sample_vocab(Random& random) {
  const std::string sample = chunk_sample(random, 30);
  VocabOptions options = random_options(random, sample);
  options.all_bytes = true;
  return TestVocab(random_tokens(random, "ab \n.", options));
}

Rows random_rows(Random& random) {
  Rows rows(random.below(12));
  for (auto& row : rows) {
    if (random.below(5) != 0) row = chunk_sample(random, random.below(20), 60);
  }
  return rows;
}

// A row of the table, or of the lists behind their number.
std::string line(const std::string& id, int64_t index, int64_t start, int64_t end, int64_t tokens,
                 std::string_view text) {
  return id + "|" + std::to_string(index) + "|" + std::to_string(start) + "|" +
         std::to_string(end) + "|" + std::to_string(tokens) + "|" + std::string(text);
}

struct Expected {
  std::vector<std::string> lines;
  std::optional<size_t> overlong;  // the first row that cannot be chunked
};

Expected expected(const Encoder& encoder, const Rows& rows, const ChunkOptions& options) {
  Expected out;
  Encoder::Lease scratch(encoder);
  for (size_t row = 0; row < rows.size(); ++row) {
    if (!rows[row]) continue;
    const std::string_view text = *rows[row];
    ChunkOptions o = options;
    o.format = format_of(text, FormatChoice::kAuto);
    const Chunks chunks = chunk_text(encoder, text, o, *scratch);
    if (chunks.failed_at != std::string_view::npos && !out.overlong) out.overlong = row;
    for (size_t i = 0; i < chunks.spans.size(); ++i) {
      const ChunkSpan& span = chunks.spans[i];
      out.lines.push_back(line("id " + std::to_string(row), static_cast<int64_t>(i),
                               static_cast<int64_t>(count_chars(text.substr(0, span.start))),
                               static_cast<int64_t>(count_chars(text.substr(0, span.end))),
                               span.tokens, text.substr(span.start, span.end - span.start)));
    }
  }
  return out;
}

void append_lines(const ArrowColumn& batch, std::vector<std::string>& out) {
  const auto column = [&](size_t i) -> const ArrowColumn& { return *batch.children[i]; };
  for (size_t i = 0; i < batch.size(); ++i) {
    out.push_back(line(std::string(column(0).text(i)), column(1).values<int32_t>()[i],
                       column(2).values<int64_t>()[i], column(3).values<int64_t>()[i],
                       column(4).values<int32_t>()[i], column(5).text(i)));
  }
}

// The rows as a stream of arrays that are cut anywhere, some of them with a dictionary.
ArrowArrayStream random_stream(Random& random, const char* format, const Rows& rows) {
  const bool dictionary = random.below(3) == 0;
  Source source{dictionary ? "i" : format, dictionary ? format : nullptr, {}};
  const auto size = static_cast<uint32_t>(rows.size());
  for (uint32_t at = 0; at < size || source.arrays.empty();) {
    const uint32_t end = at + random.below(size - at + 1);
    source.arrays.push_back(dictionary ? dictionary_of('i', format, rows, end - at, at, random)
                                       : array_of(format, rows, end - at, at, random));
    at = end;
  }
  return stream_of(std::move(source));
}

Rows ids_of(size_t rows) {
  Rows ids;
  for (size_t row = 0; row < rows; ++row) ids.push_back("id " + std::to_string(row));
  return ids;
}

void test_tables() {
  long overlong = 0;
  for (uint32_t seed = 0; seed < 300; ++seed) {
    Random random(seed);
    const TestVocab vocab = sample_vocab(random);
    const Encoder encoder(vocab.view(), nth_family(seed), SpecialTokens({}));
    const ChunkOptions options = random_chunk_options(encoder, random, "A b\n");
    const Rows rows = random_rows(random);
    ArrowArrayStream text_stream = random_stream(random, kFormats[random.below(6)], rows);
    ArrowArrayStream id_stream =
        random_stream(random, kFormats[random.below(6)], ids_of(rows.size()));
    ValidTexts texts(&text_stream);
    ArrowTexts ids(&id_stream, ArrowTypes::kValues);
    ArrowChunkRows chunk_rows(texts, &ids, ChunkLayout::kTable);
    ArrowChunking chunking(encoder, options, FormatChoice::kAuto, 1 + random.below(3), chunk_rows);
    const Expected wanted = expected(encoder, rows, options);
    std::vector<std::string> lines;
    while (const SharedColumn batch = chunking.next()) append_lines(*batch, lines);
    CHECK(chunking.next() == nullptr);
    if (wanted.overlong) {
      ++overlong;
      CHECK(chunking.overlong().has_value());
      CHECK_EQ(chunking.overlong()->row, static_cast<int64_t>(*wanted.overlong));
      CHECK(lines.empty());
    } else {
      CHECK(!chunking.overlong());
      CHECK(lines == wanted.lines);
    }
  }
  CHECK(overlong > 0);
  CHECK_EQ(living, 0);
}

void test_lists() {
  Random random(5);
  const TestVocab vocab = sample_vocab(random);
  const Encoder encoder(vocab.view(), Family::kO200k, SpecialTokens({}));
  ChunkOptions options;
  options.limit = options.room = 9;
  for (int round = 0; round < 50; ++round) {
    const Rows rows = random_rows(random);
    ArrowArrayStream stream = random_stream(random, "u", rows);
    ValidTexts texts(&stream);
    ArrowChunkRows chunk_rows(texts, nullptr, ChunkLayout::kLists);
    ArrowChunking chunking(encoder, options, FormatChoice::kText, 2, chunk_rows);
    CHECK(chunking.next() == nullptr);
    const SharedColumn lists = chunk_rows.take();
    CHECK_EQ(lists->size(), rows.size());
    Encoder::Lease scratch(encoder);
    for (size_t row = 0; row < rows.size(); ++row) {
      CHECK_EQ(lists->is_valid(row), rows[row].has_value());
      const size_t chunks =
          rows[row] ? chunk_text(encoder, *rows[row], options, *scratch).spans.size() : 0;
      CHECK_EQ(lists->offset(row + 1) - lists->offset(row), chunks);
    }
  }
  CHECK_EQ(living, 0);
}

// Only sizes are looked at: no memory is there.
void test_more_than_a_list_holds() {
  ArrowArrayStream stream = stream_of({"u", nullptr, {}});
  ValidTexts texts(&stream);
  for (const ChunkLayout layout : {ChunkLayout::kLists, ChunkLayout::kTable}) {
    ArrowChunkRows chunk_rows(texts, nullptr, layout);
    const std::vector<std::string> headings = {"a", "bc"};
    PlacedChunk chunk;
    chunk.words = {"", (size_t{1} << 31) - 3};
    chunk.headings = &headings;
    holds(error_of([&] { chunk_rows.push(7, chunk); }),
          "row 7: expected chunks of at most 2,147,483,647 bytes in all");
    CHECK(!chunk_rows.is_full(chunk));  // there is no batch to take before it
  }
}

// An array of values of some bytes each, which are their own numbers.
ArrowArray fixed_array(size_t width, const Rows& rows) {
  Builder builder;
  builder.add_validity(rows);
  std::vector<char> values(rows.size() * width);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<char>(i);
  builder.add(values);
  return builder.finish(static_cast<int64_t>(rows.size()), 0);
}

void test_values() {
  const Rows rows = {"", std::nullopt, ""};
  struct Case {
    const char* format;
    size_t width;
  };
  for (const auto& [format, width] : {Case{"c", 1},
                                      {"S", 2},
                                      {"f", 4},
                                      {"tdm", 8},
                                      {"tin", 16},
                                      {"tsu:UTC", 8},
                                      {"w:3", 3},
                                      {"w:40", 40},
                                      {"d:5,2", 16},
                                      {"d:5,2,32", 4},
                                      {"d:70,2,256", 32}}) {
    ArrowSchema type = schema(format);
    ArrowArray array = fixed_array(width, rows);
    ArrowTexts values(&type, &array, ArrowTypes::kValues);
    ArrowRows read;
    CHECK(values.next(read, true));
    CHECK(read.text_of == (std::vector<int64_t>{0, -1, 1}));
    CHECK_EQ(read.texts[1].size(), width);
    CHECK_EQ(read.texts[1][0], static_cast<char>(2 * width));
    CHECK(!values.next(read, true));
  }
  CHECK_EQ(living, 0);
}

void test_refused_ids() {
  const Rows rows = {"", "", ""};
  const auto reason = [](const char* format, ArrowArray array, ErrorKind kind) {
    return error_of(
        [&] {
          ArrowSchema type = schema(format);
          ArrowTexts values(&type, &array, ArrowTypes::kValues);
          ArrowRows read;
          values.next(read, true);
        },
        kind);
  };
  for (const char* format : {"n", "+l", "w:", "w:x", "w:0", "w:99999999999999999999", "d:", "d:5",
                             "d:5,2,x", "tdX", "", "x"}) {
    holds(reason(format, fixed_array(8, rows), ErrorKind::kType), "ids: expected an Arrow array");
  }
  for (const char* format : {"l", "b", "w:40"}) {
    ArrowArray array = fixed_array(40, rows);
    array.length = PTRDIFF_MAX / (format[0] == 'w' ? 39 : 15);
    holds(reason(format, array, ErrorKind::kValue), "its length or offset is too large");
    array = fixed_array(40, rows);
    array.buffers[1] = nullptr;
    holds(reason(format, array, ErrorKind::kValue), "are missing");
    array = fixed_array(40, rows);
    array.n_buffers = 1;
    holds(reason(format, array, ErrorKind::kValue), "buffers are missing");
  }
  CHECK_EQ(living, 0);
}

}  // namespace
}  // namespace tokenkit::test

int main() {
  using namespace tokenkit::test;
  test_tables();
  test_lists();
  test_more_than_a_list_holds();
  test_values();
  test_refused_ids();
  return report("test_arrow_chunks");
}
