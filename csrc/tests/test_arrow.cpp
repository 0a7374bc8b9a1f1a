// Arrow columns of every layout, sliced and in chunks, against plain lists of texts; and that
// everything is released once, in whatever order. test_arrow_malformed.cpp has what is refused.
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arrow/count.hpp"
#include "arrow/export.hpp"
#include "base/error.hpp"
#include "encode/encoder.hpp"
#include "tests/arrow_producer.hpp"
#include "tests/check.hpp"
#include "tests/generators.hpp"
#include "tests/reference.hpp"
#include "tests/roads.hpp"
#include "tests/text_helpers.hpp"

namespace tokenkit::test {
namespace {

struct Counted {
  std::vector<std::optional<int64_t>> rows;
  bool operator==(const Counted&) const = default;
};

Counted counted(const ArrowInt64& column) {
  Counted out;
  for (size_t i = 0; i < column.values.size(); ++i) {
    out.rows.push_back(column.is_valid(i) ? std::optional(column.values[i]) : std::nullopt);
  }
  return out;
}

Counted plain(const Encoder& encoder, const Rows& rows) {
  Counted out;
  Encoder::Lease scratch(encoder);
  for (const auto& row : rows) {
    out.rows.push_back(
        row ? std::optional(static_cast<int64_t>(encoder.count(*row, nullptr, *scratch)))
            : std::nullopt);
  }
  return out;
}

void check_ids(const Encoder& encoder, ArrowTexts& texts, const Rows& rows) {
  IdSink ids, wanted;
  std::vector<int64_t> offsets, wanted_offsets = {0};
  size_t null = 0;
  while (null < rows.size() && rows[null]) ++null;
  if (null < rows.size()) {
    const std::string why = error_of([&] { encode_arrow(encoder, texts, 2, ids, offsets); });
    holds(why, ("row " + std::to_string(null) + " is null").c_str());
    return;
  }
  encode_arrow(encoder, texts, 2, ids, offsets);
  Encoder::Lease scratch(encoder);
  for (const auto& row : rows) {
    encoder.encode(*row, nullptr, *scratch, wanted);
    wanted_offsets.push_back(static_cast<int64_t>(wanted.size()));
  }
  CHECK(offsets == wanted_offsets);
  CHECK(std::vector<uint32_t>(ids.data(), ids.data() + ids.size()) ==
        std::vector<uint32_t>(wanted.data(), wanted.data() + wanted.size()));
}

Rows random_rows(Random& random, uint32_t most, uint32_t nulls) {
  Rows rows(random.below(most));
  for (auto& row : rows) {
    if (random.below(10) >= nulls) row = random_text(random, random.below(12));
    if (random.below(4) == 0 && !rows.empty()) row = rows[random.below(3) % rows.size()];
  }
  return rows;
}

struct Chunk {
  ArrowArray array;
  Rows rows;  // those of the slice
};

Chunk random_chunk(Random& random, const char* format, const char* of_values, uint32_t nulls) {
  const Rows rows = random_rows(random, 30, nulls);
  const auto size = static_cast<uint32_t>(rows.size());
  const uint32_t start = random.below(size + 1);
  const uint32_t end = start + random.below(size - start + 1);
  const int64_t length = end - start;
  return {of_values != nullptr ? dictionary_of(*format, of_values, rows, length, start, random)
                               : array_of(format, rows, length, start, random),
          Rows(rows.begin() + start, rows.begin() + end)};
}

void test_layouts() {
  Random random(71);
  const TestVocab source(random_tokens(random, "ab the", {}));
  const Encoder encoder(source.view(), Family::kO200k, sample_specials(5000));
  static constexpr const char* kIndices[] = {"c", "C", "s", "S", "i", "I", "l", "L"};
  for (int round = 0; round < 1500; ++round) {
    const char* format = kFormats[random.below(6)];
    const char* of_values = nullptr;
    if (random.below(3) == 0) {
      of_values = format;
      format = kIndices[random.below(8)];
    }
    const uint32_t nulls = random.below(2) * random.below(8);
    Rows all;
    std::vector<ArrowArray> arrays[2] = {};
    for (uint32_t chunks = random.below(5), i = 0; i < chunks; ++i) {
      const Random before = random;  // the same chunk twice: reading uses it up
      for (auto& list : arrays) {
        random = before;
        Chunk chunk = random_chunk(random, format, of_values, nulls);
        list.push_back(chunk.array);
        if (&list == arrays) all.insert(all.end(), chunk.rows.begin(), chunk.rows.end());
      }
    }
    if (arrays[0].size() == 1 && random.below(2) == 0) {
      ArrowSchema types[2] = {schema(format, of_values), schema(format, of_values)};
      ArrowTexts texts(&types[0], &arrays[0][0]);
      ArrowTexts again(&types[1], &arrays[1][0]);
      CHECK(types[0].release == nullptr && arrays[0][0].release == nullptr);  // they moved
      CHECK(counted(*count_arrow(encoder, texts, 1 + random.below(3))) == plain(encoder, all));
      check_ids(encoder, again, all);
    } else {
      ArrowArrayStream streams[2];
      for (int i = 0; i < 2; ++i) streams[i] = stream_of({format, of_values, arrays[i]});
      ArrowTexts texts(&streams[0]);
      ArrowTexts again(&streams[1]);
      CHECK(counted(*count_arrow(encoder, texts, 1 + random.below(3))) == plain(encoder, all));
      check_ids(encoder, again, all);
    }
  }
  CHECK_EQ(living, 0);
}

// More rows than are read at once, and more bytes: both end in the middle of an array.
void test_portions() {
  Random random(72);
  const TestVocab source(random_tokens(random, "ab the", {}));
  const Encoder encoder(source.view(), Family::kO200k, sample_specials(5000));
  const Rows small(700000, "ab");
  Rows big(5, repeat("ab the ", 3 << 20));  // 21 MB each
  big[2].reset();
  for (const Rows& rows : {small, big}) {
    for (const char* of_values : {static_cast<const char*>(nullptr), "u"}) {
      const auto size = static_cast<int64_t>(rows.size());
      ArrowSchema type = schema(of_values ? "i" : "U", of_values);
      ArrowArray array = of_values ? dictionary_of('i', "u", rows, size, 0, random)
                                   : array_of("U", rows, size, 0, random);
      ArrowTexts texts(&type, &array);
      const auto got = counted(*count_arrow(encoder, texts, 2));
      CHECK_EQ(got.rows.size(), rows.size());
      const auto wanted = plain(encoder, {rows[0], rows[2]});
      CHECK(got.rows.front() == wanted.rows[0] && got.rows.back() == wanted.rows[0]);
      CHECK(got.rows[2] == wanted.rows[1]);
    }
  }
  CHECK_EQ(living, 0);
}

void test_nulls() {
  const TestVocab source({{"a", 0}});
  const Encoder encoder(source.view(), Family::kO200k, sample_specials(5000));
  Random random(73);
  ArrowSchema type = schema("n");
  ArrowArray array = array_of("n", {}, 20, 0, random);
  ArrowTexts texts(&type, &array);
  const auto column = count_arrow(encoder, texts, 1);
  CHECK_EQ(column->null_count, 20);
  CHECK(counted(*column).rows == std::vector<std::optional<int64_t>>(20));
}

// A consumer may release in any order, keep a child beyond its parent, and share nothing.
void test_exports() {
  auto column = std::make_shared<ArrowInt64>();
  Counted wanted;
  Random random(78);
  for (int i = 0; i < 100; ++i) {
    const bool null = i > 20 && random.below(3) == 0;
    null ? column->push_null() : column->push(i);
    wanted.rows.push_back(null ? std::nullopt : std::optional<int64_t>(i));
  }
  CHECK(counted(*column) == wanted);
  ArrowSchema type;
  ArrowArray array;
  export_int64(column, &type, &array);
  CHECK_EQ(column.use_count(), 2);
  CHECK_EQ(std::string(type.format), "l");
  CHECK_EQ(array.null_count, column->null_count);
  CHECK(array.buffers[1] == column->values.data() && array.buffers[0] == column->valid.data());
  type.release(&type);
  column.reset();
  CHECK_EQ(static_cast<const int64_t*>(array.buffers[1])[7], 7);
  array.release(&array);
  CHECK(type.release == nullptr && array.release == nullptr);

  export_int64(std::make_shared<ArrowInt64>(), &type, &array);
  CHECK(array.length == 0 && array.buffers[1] != nullptr);
  type.release(&type);
  array.release(&array);

  auto ids = std::shared_ptr<uint32_t>(new uint32_t[3]{5, 6, 7}, std::default_delete<uint32_t[]>());
  auto offsets =
      std::shared_ptr<int64_t>(new int64_t[3]{0, 1, 3}, std::default_delete<int64_t[]>());
  export_lists(ids, 3, offsets, 2, &type, &array);
  CHECK_EQ(std::string(type.format) + type.children[0]->format, "+LI");
  CHECK_EQ(array.length, 2);
  ArrowOwned<ArrowArray> child(array.children[0]);  // moved out
  array.release(&array);
  type.release(&type);
  CHECK_EQ(offsets.use_count(), 1);
  CHECK_EQ(ids.use_count(), 2);
  CHECK_EQ(static_cast<const uint32_t*>(child.get()->buffers[1])[2], 7u);
  child = {};
  CHECK_EQ(ids.use_count(), 1);
}

}  // namespace
}  // namespace tokenkit::test

int main() {
  using namespace tokenkit::test;
  test_layouts();
  test_portions();
  test_nulls();
  test_exports();
  return report("test_arrow");
}
