// Arrow columns that are refused: other types, structs that contradict themselves, texts that are
// not UTF-8, streams that fail.
#include <algorithm>
#include <cstring>
#include <string>
#include <tuple>
#include <vector>

#include "arrow/count.hpp"
#include "base/error.hpp"
#include "encode/encoder.hpp"
#include "tests/arrow_producer.hpp"
#include "tests/check.hpp"
#include "tests/generators.hpp"
#include "tests/roads.hpp"
#include "tests/text_helpers.hpp"

namespace tokenkit::test {
namespace {

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

// Structs that contradict themselves, where that can be seen: why an array is refused.
struct Reader {
  std::string reason(const char* format, const char* of_values, ArrowArray array) const {
    return error_of([&] {
      ArrowSchema type = schema(format, of_values);
      ValidTexts texts(&type, &array);
      count_arrow(encoder, texts, 1);
    });
  }
  // The reason for these rows after a change; of a new array each time.
  template <class Change>
  std::string changed(const char* format, const Change& change) {
    ArrowArray array = array_of(format, rows, 3, 0, random);
    change(array);
    return reason(format, nullptr, array);
  }

  Rows rows = {"a", std::string(20, 'b'), "a"};
  Random random{75};
  TestVocab source{{{"a", 0}, {"b", 1}}};
  Encoder encoder{source.view(), Family::kO200k, sample_specials(5000)};
};

// A word of a buffer, to be changed.
template <class T>
T& word_of(ArrowArray& array, size_t buffer, size_t place) {
  return const_cast<T*>(static_cast<const T*>(array.buffers[buffer]))[place];
}

void test_missing_parts() {
  Reader reader;
  for (const char* format : kFormats) {
    holds(reader.changed(format, [](ArrowArray& array) { array.n_buffers = 1; }),
          "buffers are missing");
    holds(reader.changed(format, [](ArrowArray& array) { array.buffers[1] = nullptr; }),
          "offsets, views or indices are missing");
    holds(reader.changed(format, [](ArrowArray& array) { array.buffers = nullptr; }),
          "offsets, views or indices are missing");
    const std::string empty = reader.changed(format, [](ArrowArray& array) {
      array.length = 0;
      array.buffers = nullptr;  // an empty array needs none
    });
    CHECK_EQ(empty, "nothing was thrown");
  }
  holds(reader.changed("u", [](ArrowArray& array) { array.buffers[2] = nullptr; }),
        "row 0: the Arrow array is malformed: its text is missing");
  ArrowSchema type = schema("u");
  ArrowArray gone{};
  holds(error_of([&] { ArrowTexts(&type, &gone); }), "already released");
  ArrowSchema no_type{};
  ArrowArray array = array_of("u", reader.rows, 3, 0, reader.random);
  holds(error_of([&] { ArrowTexts(&no_type, &array); }), "already released");
  CHECK_EQ(living, 0);
}

// What the structs say of themselves, and what they leave out.
void test_contradictions() {
  Reader reader;
  static ArrowArray nothing{};
  for (const char* format : kFormats) {
    const auto changed = [&](const char* why, auto change) {
      holds(reader.changed(format, change), why);
    };
    changed("row 0: the Arrow array is malformed: negative length",
            [](ArrowArray& array) { array.length = -1; });
    changed("too large", [](ArrowArray& array) { array.length = INT64_MAX; });
    changed("too large", [](ArrowArray& array) { array.offset = INT64_MAX; });
    changed("nulls is impossible", [](ArrowArray& array) { array.null_count = 4; });
    changed("nulls is impossible", [](ArrowArray& array) { array.null_count = -2; });
    changed("does not say which", [](ArrowArray& array) { array.null_count = 1; });
    changed("have no children", [](ArrowArray& array) { array.n_children = 1; });
    changed("that its type has not", [](ArrowArray& array) { array.dictionary = &nothing; });
  }
  for (int64_t nulls : {0, 2, 3}) {
    ArrowArray some = array_of("u", {"a", std::nullopt, "a"}, 3, 0, reader.random);
    some.null_count = nulls;
    holds(reader.reason("u", nullptr, some),
          "row 0: the Arrow array is malformed: its number of nulls");
  }
  CHECK_EQ(living, 0);
}

void test_offsets() {
  Reader reader;
  holds(reader.changed("u", [](ArrowArray& array) { array.n_buffers = 4; }), "too many buffers");
  holds(reader.changed("u", [](ArrowArray& array) { word_of<int32_t>(array, 1, 2) = 0; }),
        "row 1: the Arrow array is malformed: its offsets");
  holds(reader.changed("u", [](ArrowArray& array) { word_of<int32_t>(array, 1, 1) = 1 << 30; }),
        "row 0: the Arrow array is malformed: its text ends after");
  holds(reader.changed("U", [](ArrowArray& array) { array.offset = INT64_MAX - 3; }),
        "row 0: the Arrow array is malformed: its length or offset is too");
  CHECK_EQ(living, 0);
}

// The second row is the only one with a text outside of its view.
void test_views() {
  Reader reader;
  holds(reader.changed("vu", [](ArrowArray& array) { array.buffers[5] = nullptr; }),
        "sizes of its buffers");
  holds(reader.changed(
            "vu",
            [](ArrowArray& array) { std::fill_n(&word_of<int64_t>(array, 5, 0), 3, INT64_MIN); }),
        "outside its buffer");
  holds(reader.changed("vu", [](ArrowArray& array) { word_of<int32_t>(array, 1, 5) = 0; }),
        "row 1: the Arrow array is malformed: its first bytes");
  for (const auto& [place, value, why] : {std::tuple{4, -1, "a size is negative"},
                                          {6, 3, "no such buffer"},
                                          {6, -1, "no such buffer"},
                                          {7, 1 << 20, "outside its buffer"},
                                          {7, -1, "outside"},
                                          {4, 1 << 30, "outside its buffer"}}) {
    const auto change = [at = static_cast<size_t>(place), to = value](ArrowArray& array) {
      word_of<int32_t>(array, 1, at) = to;
    };
    const std::string reason = reader.changed("vu", change);
    holds(reason, "row 1: ");
    holds(reason, why);
  }
  // Without texts outside of the views, nothing is said of their sizes.
  const auto without = [](ArrowArray& array) {
    array.n_buffers = 3;
    array.buffers[2] = nullptr;
  };
  holds(reader.changed("vu", without), "row 1: the Arrow array is malformed: no such buffer");
  const auto one = [](ArrowArray& array) {
    array.n_buffers = 4;
    array.buffers[3] = nullptr;
  };
  holds(reader.changed("vu", one), "sizes of its buffers");
  reader.rows = {"a", std::string(12, 'b'), "a"};
  CHECK_EQ(reader.changed("vu", without), "nothing was thrown");
  CHECK_EQ(living, 0);
}

void test_dictionaries() {
  Reader reader;
  const auto made = [&] { return dictionary_of('c', "u", reader.rows, 3, 0, reader.random); };
  for (int8_t index : {int8_t{-1}, int8_t{3}}) {
    ArrowArray array = made();
    word_of<int8_t>(array, 1, 2) = index;
    holds(reader.reason("c", "u", array),
          "row 2: the Arrow array is malformed: an index is not in");
  }
  ArrowArray array = made();
  array.dictionary->release(array.dictionary);
  array.dictionary = nullptr;
  holds(reader.reason("c", "u", array), "the dictionary is missing");
  ArrowSchema half = schema("c", "u");
  half.dictionary->format = nullptr;
  array = made();
  holds(error_of([&] { ArrowTexts(&half, &array); }), "a dictionary without a type");
  CHECK_EQ(living, 0);
}

// Changes what an array says of itself, but not how large its buffers are: no reader can know that.
void damage(Random& random, ArrowArray& array, const char* format) {
  const auto number = [&]() -> int64_t {
    static constexpr int64_t kNumbers[] = {0, 1, -1, 2, 3, 100, INT32_MAX, INT64_MIN, INT64_MAX};
    return kNumbers[random.below(9)];
  };
  const bool offsets = *format != 'v' && std::strchr("uzUZ", *format) != nullptr;
  const size_t width = *format < 'a' ? 8 : 4;
  switch (random.below(8)) {
    case 0:
      array.null_count = number();
      return;
    case 1:
      array.length = offsets ? -1 : std::min(array.length, number());
      return;
    case 2:  // the last offset stays where it is
      if (!offsets) array.offset = std::min(array.offset, number());
      return;
    case 3:
      array.n_buffers = *format == 'v' ? 2 : std::min(array.n_buffers, number());
      return;
    case 4:
      array.n_children = number();
      return;
    default:
      break;
  }
  auto& made = *static_cast<Made*>(array.private_data);
  const size_t which = random.below(2);
  if (array.length < 0 || array.offset < 0) return;
  size_t size = made.sizes.size() > which ? made.sizes[which] : 0;
  if (which == 1 && offsets) size = width * static_cast<size_t>(array.offset + array.length);
  if (size == 0) return;
  auto* bytes = static_cast<char*>(const_cast<void*>(made.pointers[which]));
  bytes[random.below(static_cast<uint32_t>(size))] = static_cast<char>(random.below(256));
}

// Whatever is wrong with an array ends in a result or an error. The sanitizers see all else.
void test_damaged() {
  Random random(79);
  const TestVocab source(random_tokens(random, "ab", {}));
  const Encoder encoder(source.view(), Family::kO200k, sample_specials(5000));
  int refused = 0;
  for (int round = 0; round < 6000; ++round) {
    const char* format = kFormats[random.below(6)];
    const char* of_values = nullptr;
    if (random.below(3) == 0) {
      of_values = format;
      format = random.below(2) == 0 ? "c" : "l";
    }
    Rows rows(1 + random.below(9));
    for (auto& row : rows) {
      if (random.below(4) != 0) row = std::string(random.below(20), "ab"[random.below(2)]);
    }
    const auto size = static_cast<int64_t>(rows.size());
    const int64_t start = random.below(static_cast<uint32_t>(size));
    ArrowArray array = of_values != nullptr
                           ? dictionary_of(*format, of_values, rows, size - start, start, random)
                           : array_of(format, rows, size - start, start, random);
    for (uint32_t changes = 1 + random.below(3); changes > 0; --changes) {
      if (of_values != nullptr && random.below(2) == 0) {
        damage(random, *array.dictionary, of_values);
      } else {
        damage(random, array, format);
      }
    }
    const std::string why = error_of([&] {
      ArrowSchema type = schema(format, of_values);
      ValidTexts texts(&type, &array);
      count_arrow(encoder, texts, 1);
    });
    if (why == "nothing was thrown") continue;
    holds(why, "row ");
    ++refused;
  }
  CHECK(refused > 1000);
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
    ValidTexts texts(&stream);
    CHECK_EQ(error_of([&] { count_arrow(encoder, texts, 2); }), "row 4: invalid UTF-8 at byte 2");
    stream = stream_of({of_values ? "i" : "u", of_values, {make(bad, 2)}});
    ValidTexts again(&stream);
    IdSink ids;
    std::vector<int64_t> offsets;
    CHECK_EQ(error_of([&] { encode_ragged(encoder, again, 2, ids, offsets); }),
             "row 1: invalid UTF-8 at byte 2");
    stream = stream_of({of_values ? "i" : "u", of_values, {make(bad, 1)}});
    ValidTexts lists(&stream);
    CHECK_EQ(error_of([&] { encode_arrow(encoder, lists, 2); }), "row 2: invalid UTF-8 at byte 2");
  }
  CHECK_EQ(living, 0);
}

void test_failing_streams() {
  const TestVocab source({{"a", 0}});
  const Encoder encoder(source.view(), Family::kO200k, sample_specials(5000));
  Random random(77);
  ArrowArrayStream stream = stream_of({"u", nullptr, {array_of("u", {"a", "a"}, 2, 0, random)}});
  source_of(&stream).fails_at = 1;
  ValidTexts texts(&stream);
  CHECK_EQ(error_of([&] { count_arrow(encoder, texts, 1); }),
           "the Arrow stream failed after row 2: disk on fire");
  stream = stream_of({"u", nullptr, {array_of("u", {"a", "a"}, 2, 0, random)}});
  source_of(&stream).without_schema = true;
  holds(error_of([&] { ArrowTexts failing(&stream); }), "no schema: no reason given");
  holds(error_of([&] { ArrowTexts read_before(&stream); }), "already released or read");
  stream = stream_of({"u", nullptr, {}});
  stream.get_next = nullptr;
  holds(error_of([&] { ArrowTexts without(&stream); }), "a function is missing");
}

}  // namespace
}  // namespace tokenkit::test

int main() {
  using namespace tokenkit::test;
  test_wrong_types();
  test_missing_parts();
  test_contradictions();
  test_offsets();
  test_views();
  test_dictionaries();
  test_damaged();
  test_invalid_utf8();
  test_failing_streams();
  return report("test_arrow_malformed");
}
