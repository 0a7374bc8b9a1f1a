// The functions of wasm/face.hpp, as another host calls them: results, errors, who frees what.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "tests/check.hpp"
#include "wasm/face.hpp"

namespace tokenkit::test {
namespace {

constexpr uint32_t kGpt2Number = 1;
// The bytes, and "ab" and "abc", whose ids are 256 and 257.
constexpr std::string_view kMore = "YWI= 256\r\n\nYWJj 257\n";

std::string ranks_of_bytes() {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (int byte = 0; byte < 256; ++byte) {
    out += kDigits[byte >> 2];
    out += kDigits[(byte & 3) << 4];
    out += "== " + std::to_string(byte) + "\n";
  }
  return out;
}

uint32_t size_of(std::string_view text) { return static_cast<uint32_t>(text.size()); }

std::string special(uint32_t id, std::string_view name) {
  const uint32_t size = size_of(name);
  std::string out(8, '\0');
  std::memcpy(out.data(), &id, 4);
  std::memcpy(out.data() + 4, &size, 4);
  return out.append(name);
}

const std::string kSpecials = special(300, "<|x|>") + special(301, "<|y|>");

std::vector<uint32_t> numbers() {
  const TkResult* result = tk_result();
  return {result->numbers, result->numbers + result->number_count};
}

std::string bytes() {
  const TkResult* result = tk_result();
  return {result->bytes, result->byte_count};
}

std::string message() {
  const TkResult* result = tk_result();
  return {result->message, result->message_size};
}

template <class T>
T* handle() {
  const std::vector<uint32_t> halves = numbers();
  uint64_t bits = 0;
  for (size_t i = halves.size(); i-- > 0;) bits = bits << 32 | halves[i];
  return reinterpret_cast<T*>(static_cast<uintptr_t>(bits));  // NOLINT(performance-no-int-to-ptr)
}

TkEncoding* open(std::string_view ranks) {
  const Status status = tk_open_ranks(ranks.data(), size_of(ranks), kGpt2Number, kSpecials.data(),
                                      size_of(kSpecials));
  return status == kFine ? handle<TkEncoding>() : nullptr;
}

void test_texts(TkEncoding* encoding) {
  constexpr std::string_view text = "abcab <|x|>";
  const uint8_t flags[] = {1, 0};
  CHECK(tk_encode(encoding, text.data(), 5, nullptr) == kFine);
  CHECK(numbers() == (std::vector<uint32_t>{257, 256}));
  CHECK(tk_encode(encoding, text.data(), size_of(text), flags) == kFine);
  CHECK(numbers() == (std::vector<uint32_t>{257, 256, ' ', 300}));
  CHECK(tk_count(encoding, text.data(), size_of(text), flags) == kFine);
  CHECK(numbers() == (std::vector<uint32_t>{4}));
  CHECK(tk_count(encoding, nullptr, 0, nullptr) == kFine);
  CHECK(numbers() == (std::vector<uint32_t>{0}));
  CHECK(tk_within(encoding, text.data(), 5, 2) == kFine);
  CHECK(numbers() == (std::vector<uint32_t>{2}));
  CHECK(tk_within(encoding, text.data(), 5, 1) == kFine);
  CHECK(numbers().empty());
  CHECK(tk_find_special(encoding, text.data(), size_of(text), flags) == kFine);
  CHECK(numbers() == (std::vector<uint32_t>{0}));
  const uint8_t other[] = {0, 1};
  CHECK(tk_find_special(encoding, text.data(), size_of(text), other) == kFine);
  CHECK(numbers().empty());
  CHECK(tk_spans(encoding, text.data(), size_of(text), flags, 1) == kFine);
  CHECK(numbers() == (std::vector<uint32_t>{0, 3, 3, 5, 5, 6, 6, 11}));
  CHECK(tk_spans(encoding, text.data(), 5, nullptr, 3) == kBadValue);
  CHECK(tk_truncate(encoding, text.data(), 5, 1, 1, 0, nullptr, 0, 1) == kFine);
  CHECK(numbers() == (std::vector<uint32_t>{3, 5}));
  CHECK(tk_truncate(encoding, text.data(), 5, 2, 2, 0, nullptr, 0, 1) == kFine);
  CHECK(numbers().empty());
}

void test_ids(TkEncoding* encoding) {
  const uint32_t ids[] = {257, 301, 999};
  CHECK(tk_decode(encoding, ids, 2) == kFine);
  CHECK_EQ(bytes(), "abc<|y|>");
  CHECK(tk_decode(encoding, ids, 3) == kBadKey);
  CHECK(message().find("999") != std::string::npos);
  CHECK(bytes().empty());
  tk_release();
  CHECK(message().empty());
}

void test_counter(TkEncoding* encoding) {
  CHECK(tk_counter(encoding) == kFine);
  auto* counter = handle<TkCounter>();
  CHECK(tk_counter_update(counter, "ab", 2) == kFine);
  CHECK(tk_counter_copy(counter) == kFine);
  auto* copy = handle<TkCounter>();
  CHECK(tk_counter_update(counter, "c", 1) == kFine);
  CHECK(tk_counter_total(counter, "ab", 2) == kFine);
  CHECK(numbers() == (std::vector<uint32_t>{2}));
  CHECK(tk_counter_total(copy, nullptr, 0) == kFine);
  CHECK(numbers() == (std::vector<uint32_t>{1}));
  tk_counter_free(counter);
  tk_counter_free(copy);
}

void test_chunks(TkEncoding* encoding) {
  constexpr std::string_view text = "# a\n\n\xF0\x9F\x91\x8D. ab ab ab\n";
  TkChunking how{};
  how.weight = 0.15;
  how.format = 1;
  how.limit = how.room = 9;
  CHECK(tk_chunk(encoding, text.data(), size_of(text), &how) == kFine);
  const TkResult* result = tk_result();
  CHECK_EQ(result->row_count % 6, 0u);
  CHECK(result->row_count > 6);
  CHECK_EQ(result->rows[0], 0u);
  CHECK_EQ(result->rows[result->row_count - 5], 18u);  // of 20 bytes
  CHECK_EQ(result->rows[result->row_count - 2], 9u);
  CHECK(numbers() == (std::vector<uint32_t>{1, 1}));
  CHECK_EQ(bytes(), "a");
  how.limit = how.room = 3;
  CHECK(tk_chunk(encoding, text.data(), size_of(text), &how) == kTooLong);
  CHECK(numbers() == (std::vector<uint32_t>{5, 4}));
  how.strategy = 3;
  CHECK(tk_chunk(encoding, text.data(), size_of(text), &how) == kBadValue);
  how.strategy = 0;
  how.separators = "\x05\0\0\0a";
  how.separators_size = 5;
  CHECK(tk_chunk(encoding, text.data(), size_of(text), &how) == kBadValue);
}

void test_vocabularies(const std::string& ranks) {
  CHECK(tk_open_ranks(ranks.data(), size_of(ranks), 0, nullptr, 0) == kBadValue);
  CHECK(tk_open_ranks(ranks.data(), size_of(ranks), 99, nullptr, 0) == kBadValue);
  CHECK(tk_open_ranks(ranks.data(), size_of(ranks), kGpt2Number, "\1\0\0\0\7\0\0\0x", 9) ==
        kBadValue);
  CHECK(tk_open_ranks(ranks.data(), size_of(ranks), kGpt2Number, "\1", 1) == kBadValue);
  for (const char* line :
       {"YQ==", "YQ 1", "YQ== x", "YQ== 1 ", "Y?== 1", "YR== 1", "YWJ= 1", " 1"}) {
    const std::string wrong = "Yg== 0\n" + std::string(line) + "\n";
    CHECK(open(wrong) == nullptr);
    CHECK(message().find("line 2") != std::string::npos);
  }
  CHECK(open("") == nullptr);
  CHECK(open("YQ== 0\nYQ== 1\n") == nullptr);
  auto* image = static_cast<char*>(tk_alloc(4));
  std::memcpy(image, "abcd", 4);
  CHECK(tk_open_image(image, 4, kGpt2Number, nullptr, 0) == kBadVocabulary);
  CHECK(!message().empty());
}

}  // namespace
}  // namespace tokenkit::test

int main() {
  using namespace tokenkit::test;
  const std::string ranks = ranks_of_bytes() + std::string(kMore);
  TkEncoding* encoding = open(ranks);
  CHECK(encoding != nullptr);
  CHECK(tk_info(encoding) == kFine);
  CHECK_EQ(numbers().size(), 5u);
  CHECK_EQ(numbers()[0], 258u);
  CHECK_EQ(numbers()[1], 258u);
  CHECK_EQ(numbers()[2], 3u);
  test_texts(encoding);
  test_ids(encoding);
  test_counter(encoding);
  test_chunks(encoding);
  tk_close(encoding);
  test_vocabularies(ranks);
  tk_release();
  return report("test_face");
}
