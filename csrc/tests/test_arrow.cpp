// Arrow columns of every layout, sliced and in chunks, against plain lists of texts; what producers
// do wrong; and that everything is released once, in whatever order.
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

std::string error_of(auto&& call, ErrorKind kind = ErrorKind::kValue) {
  try {
    call();
  } catch (const Error& error) {
    CHECK(error.kind() == kind);
    return error.what();
  }
  return "nothing was thrown";
}

bool holds(const std::string& text, const char* part) {
  return check(text.find(part) != std::string::npos, __FILE__, __LINE__, text.c_str());
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

const char* const kFormats[] = {"u", "z", "U", "Z", "vu", "vz"};

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
    std::vector<ArrowArray> arrays[2];
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

void test_wrong_types() {
  Random random(74);
  const auto reason = [&](const char* format, const char* of_values = nullptr) {
    ArrowSchema type = schema(format, of_values);
    ArrowArray array = array_of("u", {"a"}, 1, 0, random);
    return error_of([&] { ArrowTexts(&type, &array); }, ErrorKind::kType);
  };
  holds(reason("l"), "got int64");
  holds(reason("+s"), "pass one of its columns");
  holds(reason("tss:UTC"), "got the Arrow format 'tss:UTC'");
  holds(reason("i", "g"), "got a dictionary of float64");
  holds(reason("u", "u"), "indexed by integers");
  holds(reason("", "u"), "indexed by integers");
  holds(reason("ii", "u"), "indexed by integers");
  CHECK_EQ(living, 0);
}

// Structs that contradict themselves, where that can be seen.
void test_malformed() {
  const TestVocab source({{"a", 0}, {"b", 1}});
  const Encoder encoder(source.view(), Family::kO200k, sample_specials(5000));
  Random random(75);
  const auto reason = [&](const char* format, const char* of_values, ArrowArray array) {
    return error_of([&] {
      ArrowSchema type = schema(format, of_values);
      ArrowTexts texts(&type, &array);
      count_arrow(encoder, texts, 1);
    });
  };
  const Rows rows = {"a", std::string(20, 'b'), "a"};
  for (const char* format : kFormats) {
    ArrowArray array = array_of(format, rows, 3, 0, random);
    array.length = -1;
    holds(reason(format, nullptr, array), "row 0: the Arrow array is malformed: negative length");
    array = array_of(format, rows, 3, 0, random);
    array.n_buffers = 1;
    holds(reason(format, nullptr, array), "buffers are missing");
    array = array_of(format, rows, 3, 0, random);
    array.buffers[1] = nullptr;
    holds(reason(format, nullptr, array), "offsets, views or indices are missing");
    array = array_of(format, rows, 3, 0, random);
    array.buffers = nullptr;
    holds(reason(format, nullptr, array), "offsets, views or indices are missing");
    array = array_of(format, rows, 0, 0, random);
    array.buffers = nullptr;  // an empty array needs none
    CHECK_EQ(reason(format, nullptr, array), "nothing was thrown");
  }
  ArrowArray array = array_of("u", rows, 3, 0, random);
  const_cast<int32_t*>(static_cast<const int32_t*>(array.buffers[1]))[2] = 0;
  holds(reason("u", nullptr, array), "row 1: the Arrow array is malformed: its offsets");
  array = array_of("u", rows, 3, 0, random);
  const_cast<int32_t*>(static_cast<const int32_t*>(array.buffers[1]))[1] = 1 << 30;
  holds(reason("u", nullptr, array), "row 0: the Arrow array is malformed: its text ends after");
  array = array_of("U", rows, 3, 0, random);
  array.offset = INT64_MAX - 3;
  holds(reason("U", nullptr, array), "row 0: the Arrow array is malformed: its offset is too");
  array = array_of("u", rows, 3, 0, random);
  array.buffers[2] = nullptr;
  holds(reason("u", nullptr, array), "row 0: the Arrow array is malformed: its text is missing");
  for (const auto& [place, value, why] : {std::tuple{4, -1, "a size is negative"},
                                          {6, 3, "no such buffer"},
                                          {6, -1, "no such buffer"},
                                          {7, 1 << 20, "outside its buffer"},
                                          {7, -1, "outside"},
                                          {4, 1 << 30, "outside its buffer"}}) {
    array = array_of("vu", rows, 3, 0, random);
    const_cast<int32_t*>(static_cast<const int32_t*>(array.buffers[1]))[place] = value;
    holds(reason("vu", nullptr, array), "row 1: ");
    array = array_of("vu", rows, 3, 0, random);
    const_cast<int32_t*>(static_cast<const int32_t*>(array.buffers[1]))[place] = value;
    holds(reason("vu", nullptr, array), why);
  }
  for (int8_t index : {int8_t{-1}, int8_t{3}}) {
    array = dictionary_of('c', "u", rows, 3, 0, random);
    const_cast<int8_t*>(static_cast<const int8_t*>(array.buffers[1]))[2] = index;
    holds(reason("c", "u", array), "row 2: the Arrow array is malformed: an index is not in");
  }
  array = dictionary_of('c', "u", rows, 3, 0, random);
  array.dictionary->release(array.dictionary);
  array.dictionary = nullptr;
  holds(reason("c", "u", array), "the dictionary is missing");
  ArrowSchema type = schema("u");
  ArrowArray gone{};
  holds(error_of([&] { ArrowTexts(&type, &gone); }), "already released");
  ArrowSchema no_type{};
  array = array_of("u", rows, 3, 0, random);
  holds(error_of([&] { ArrowTexts(&no_type, &array); }), "already released");
  CHECK_EQ(living, 0);
}

void test_invalid_utf8() {
  const TestVocab source({{"a", 0}, {"b", 1}});
  const Encoder encoder(source.view(), Family::kO200k, sample_specials(5000));
  Random random(76);
  const Rows good = {"a", std::nullopt, "a", "a", "a"};
  Rows bad = good;
  bad[3] = bad[4] = "ab\xFFz";
  for (const char* of_values : {static_cast<const char*>(nullptr), "u"}) {
    const auto make = [&](const Rows& rows, int64_t start) {
      const int64_t size = 5 - start;
      return of_values ? dictionary_of('i', "u", rows, size, start, random)
                       : array_of("u", rows, size, start, random);
    };
    ArrowArrayStream stream =
        stream_of({of_values ? "i" : "u", of_values, {make(good, 2), make(bad, 2)}});
    ArrowTexts texts(&stream);
    CHECK_EQ(error_of([&] { count_arrow(encoder, texts, 2); }), "row 4: invalid UTF-8 at byte 2");
    stream = stream_of({of_values ? "i" : "u", of_values, {make(bad, 2)}});
    ArrowTexts again(&stream);
    IdSink ids;
    std::vector<int64_t> offsets;
    CHECK_EQ(error_of([&] { encode_arrow(encoder, again, 2, ids, offsets); }),
             "row 1: invalid UTF-8 at byte 2");
  }
  CHECK_EQ(living, 0);
}

void test_failing_streams() {
  const TestVocab source({{"a", 0}});
  const Encoder encoder(source.view(), Family::kO200k, sample_specials(5000));
  Random random(77);
  ArrowArrayStream stream = stream_of({"u", nullptr, {array_of("u", {"a", "a"}, 2, 0, random)}});
  source_of(&stream).fails_at = 1;
  ArrowTexts texts(&stream);
  CHECK_EQ(error_of([&] { count_arrow(encoder, texts, 1); }),
           "the Arrow stream failed after row 2: disk on fire");
  stream = stream_of({"u", nullptr, {array_of("u", {"a", "a"}, 2, 0, random)}});
  source_of(&stream).without_schema = true;
  holds(error_of([&] { ArrowTexts failing(&stream); }), "no schema: no reason given");
  holds(error_of([&] { ArrowTexts read_before(&stream); }), "already released or read");
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
  test_wrong_types();
  test_malformed();
  test_invalid_utf8();
  test_failing_streams();
  test_exports();
  return report("test_arrow");
}
