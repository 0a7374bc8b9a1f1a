// Arrow columns of every layout, sliced and in chunks, against plain lists of texts; and that
// everything is released once, in whatever order. test_arrow_malformed.cpp has what is refused.
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arrow/builders.hpp"
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

Counted counted(const ArrowColumn& column) {
  Counted out;
  for (size_t i = 0; i < column.size(); ++i) {
    out.rows.push_back(column.is_valid(i) ? std::optional(column.values<int64_t>()[i])
                                          : std::nullopt);
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

void check_ids(const Encoder& encoder, ValidTexts& texts, const Rows& rows) {
  IdSink ids, wanted;
  std::vector<int64_t> offsets, wanted_offsets = {0};
  size_t null = 0;
  while (null < rows.size() && rows[null]) ++null;
  if (null < rows.size()) {
    const std::string why = error_of([&] { encode_ragged(encoder, texts, 2, ids, offsets); });
    holds(why, ("row " + std::to_string(null) + " is null").c_str());
    return;
  }
  encode_ragged(encoder, texts, 2, ids, offsets);
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
      ValidTexts texts(&types[0], &arrays[0][0]);
      ValidTexts again(&types[1], &arrays[1][0]);
      CHECK(types[0].release == nullptr && arrays[0][0].release == nullptr);  // they moved
      CHECK(counted(*count_arrow(encoder, texts, 1 + random.below(3))) == plain(encoder, all));
      check_ids(encoder, again, all);
    } else {
      ArrowArrayStream streams[2];
      for (int i = 0; i < 2; ++i) streams[i] = stream_of({format, of_values, arrays[i]});
      ValidTexts texts(&streams[0]);
      ValidTexts again(&streams[1]);
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
      ValidTexts texts(&type, &array);
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
  ValidTexts texts(&type, &array);
  const auto column = count_arrow(encoder, texts, 1);
  CHECK_EQ(column->nulls.null_count(), 20);
  CHECK(counted(*column).rows == std::vector<std::optional<int64_t>>(20));
}

// Bits and nulls around the borders of bytes, with the first null anywhere.
void test_nulls_and_bits() {
  Random random(78);
  for (int round = 0; round < 300; ++round) {
    ArrowNumbers<int64_t> numbers;
    ArrowBools bools;
    Counted wanted;
    const size_t first_null = random.below(40);
    for (size_t i = 0; i < 40; ++i) {
      const bool null = i >= first_null && random.below(3) == 0;
      null ? numbers.push_null() : numbers.push(random.below(2));
      null ? bools.push_null() : bools.push(numbers.size() % 3 == 0);
      wanted.rows.push_back(std::nullopt);
      if (!null) wanted.rows.back() = 0;
    }
    const SharedColumn column = numbers.finish("name");
    const SharedColumn bits = bools.finish();
    CHECK_EQ(column->format + column->name + bits->format, "lnameb");
    for (size_t i = 0; i < 40; ++i) {
      CHECK(column->is_valid(i) == wanted.rows[i].has_value());
      CHECK(bits->is_valid(i) == column->is_valid(i));
      CHECK(bits->bit(i) == (bits->is_valid(i) && i % 3 == 2));
    }
  }
}

template <class Offset>
SharedColumn small_texts(const char* name) {
  ArrowStrings<Offset> texts;
  texts.push("one");
  texts.push("");
  texts.push_null();
  texts.push("four");
  return texts.finish(name);
}

void test_texts_and_lists() {
  for (const SharedColumn& texts : {small_texts<int32_t>("a"), small_texts<int64_t>("b")}) {
    CHECK_EQ(texts->size(), 4u);
    CHECK_EQ(std::string(texts->text(0)), "one");
    CHECK(texts->text(1).empty() && texts->text(2).empty() && !texts->is_valid(2));
    CHECK_EQ(std::string(texts->text(3)), "four");
  }
  ArrowOffsets<int32_t> lists;
  lists.push(3);
  lists.push_null();
  lists.push(INT32_MAX - 3);
  holds(error_of([&] { lists.push(1); }), "row 3: expected a result of at most 2,147,483,647");
  lists.push(0);
  CHECK_EQ(lists.end(), size_t{INT32_MAX});
  CHECK_EQ(lists.size(), 4u);
}

// A consumer may release in any order, keep a child beyond its parent, and share nothing.
void test_exports() {
  ArrowOffsets<int32_t> lists;
  lists.push(3);
  lists.push_null();
  lists.push(1);
  SharedColumn table =
      make_struct({small_texts<int64_t>("text"), small_texts<int32_t>("again")}, 4, "item");
  SharedColumn column = lists.finish_list(table);
  const std::weak_ptr<const ArrowColumn> of_list = column, of_table = table,
                                         of_text = table->children[0];
  table.reset();
  ArrowSchema type;
  ArrowArray array;
  export_schema(*column, &type);
  export_array(column, &array);
  column.reset();
  CHECK(!of_list.expired());
  CHECK_EQ(std::string(type.format) + type.children[0]->format + type.children[0]->name,
           "+l+sitem");
  CHECK_EQ(type.children[0]->n_children, 2);
  CHECK_EQ(std::string(type.children[0]->children[1]->name), "again");
  CHECK_EQ(array.length, 3);
  CHECK_EQ(array.null_count, 1);
  CHECK_EQ(*static_cast<const uint8_t*>(array.buffers[0]), 5);
  CHECK_EQ(array.children[0]->length, 4);
  CHECK_EQ(array.children[0]->n_buffers, 1);
  // Moved out: a grandchild lives on when all above it are released.
  ArrowOwned<ArrowArray> text(array.children[0]->children[0]);
  ArrowOwned<ArrowSchema> text_type(type.children[0]->children[0]);
  array.release(&array);
  type.release(&type);
  CHECK(type.release == nullptr && array.release == nullptr);
  CHECK(of_list.expired() && of_table.expired() && !of_text.expired());
  CHECK_EQ(std::string(text_type.get()->format), "U");
  CHECK_EQ(static_cast<const int64_t*>(text.get()->buffers[1])[4], 7);
  CHECK_EQ(static_cast<const char*>(text.get()->buffers[2])[6], 'r');
  text = {};
  CHECK(of_text.expired());

  export_array(ArrowNumbers<int64_t>().finish(), &array);
  CHECK(array.length == 0 && array.buffers[0] == nullptr && array.buffers[1] != nullptr);
  array.release(&array);
}

// Rows that are not UTF-8 become null if so asked, each entry of a dictionary for all its rows.
void test_invalid_rows() {
  const TestVocab source(random_tokens(*std::make_unique<Random>(79), "ab the", {}));
  const Encoder encoder(source.view(), Family::kO200k, sample_specials(5000));
  Random random(80);
  const Rows rows = {"ab", std::nullopt, "a\xff", "the", "a\xff", "\xff", "ab"};
  for (const bool dictionary : {false, true}) {
    ArrowSchema type = schema(dictionary ? "c" : "z", dictionary ? "z" : nullptr);
    ArrowArray array = dictionary ? dictionary_of('c', "z", rows, 6, 1, random)
                                  : array_of("z", rows, 6, 1, random);
    ValidTexts texts(&type, &array, true);
    CHECK(
        counted(*count_arrow(encoder, texts, 2)) ==
        plain(encoder, {std::nullopt, std::nullopt, rows[3], std::nullopt, std::nullopt, rows[6]}));
    CHECK_EQ(texts.invalid_count(), 3);
  }
}

}  // namespace
}  // namespace tokenkit::test

int main() {
  using namespace tokenkit::test;
  test_layouts();
  test_portions();
  test_nulls();
  test_nulls_and_bits();
  test_texts_and_lists();
  test_exports();
  test_invalid_rows();
  return report("test_arrow");
}
