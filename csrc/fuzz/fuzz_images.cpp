// Fuzzing vocabulary images: bytes become damage to an image. Its constructor or verify() refuses
// all of it; and where the constructor does not, texts are encoded and ids decoded, which may give
// other ids or an error, but ends and stays within the image. A fault aborts.
//
// With libFuzzer (clang++ -fsanitize=fuzzer -DTOKENKIT_LIBFUZZER) it is driven by coverage;
// without, it is a program that makes its own inputs:
//     fuzz_images [SECONDS [SEED]]
#include <algorithm>
#include <cstring>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "bpe/vocab.hpp"
#include "encode/encoder.hpp"
#include "fuzz/driver.hpp"
#include "tests/generators.hpp"
#include "text/utf8.hpp"

namespace tokenkit::test {
namespace {

constexpr uint32_t kImages = 6;

struct Subject {
  explicit Subject(uint32_t seed)
      : random(seed), sample(random_text(random, 400)), image(made(random, sample, seed)) {}

  // Of ranks, or with a list of merges.
  static std::vector<uint8_t> made(Random& random, const std::string& sample, uint32_t seed) {
    if (seed % 2 != 0) {
      const std::string_view start(sample.data(), floor_char(sample, 40));
      return random_list(random, start).image;
    }
    const VocabOptions options = random_options(random, sample);
    return TestVocab(random_tokens(random, sample.substr(0, 30), options)).image;
  }

  Random random;
  std::string sample;
  std::vector<uint8_t> image;
};

// A copy of exactly the image's size, so that ASan sees a read past its end; aligned as files are
// when they are mapped.
struct Copy {
  explicit Copy(const std::vector<uint8_t>& image)
      : size(image.size()), bytes(new (std::align_val_t{64}) uint8_t[size]) {
    std::memcpy(bytes, image.data(), size);
  }
  ~Copy() { ::operator delete[](bytes, std::align_val_t{64}); }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;
  std::string_view view(size_t less) const {
    return {reinterpret_cast<const char*>(bytes), size - std::min(size, less)};
  }

  size_t size;
  uint8_t* bytes;
};

// The damage: three bytes for each place, and one for the value. The first byte of a header says
// that its sum is made right again, as somebody would who writes an image of his own.
struct Damage {
  const uint8_t* data;
  size_t size;

  uint8_t byte(size_t i) const { return i < size ? data[i] : 0; }

  // Returns by how much the image is cut.
  size_t apply(Copy& image) const {
    for (size_t i = 3; i + 4 <= size; i += 4) {
      const size_t place = (size_t{data[i]} << 16 | size_t{data[i + 1]} << 8 | data[i + 2]);
      // Half of it in the header, which is small.
      const size_t range = data[i] % 2 == 0 ? sizeof(ImageHeader) : image.size;
      image.bytes[place % range] = data[i + 3];
    }
    ImageHeader header;
    if (byte(1) % 4 == 0) {
      std::memcpy(&header, image.bytes, sizeof header);
      header.sum = header.header_sum();
      std::memcpy(image.bytes, &header, sizeof header);
    }
    return byte(1) % 16 == 1 ? byte(2) : 0;
  }
};

void use(std::string_view image, Family family, std::string_view text) {
  const Encoder encoder(image, family, SpecialTokens({}));
  const auto allowed_to_fail = [](const auto& call) {
    try {
      call();
    } catch (const Error&) {  // of a byte or an id that is not there any more
    }
  };
  IdSink ids;
  allowed_to_fail([&] { encoder.encode(text, nullptr, ids); });
  allowed_to_fail([&] { encoder.count(text, nullptr); });
  allowed_to_fail([&] { encoder.within(text, 20); });
  std::string back;
  allowed_to_fail([&] { encoder.decode(ids.data(), ids.size(), back); });
  for (uint32_t id = 0; id < 300; ++id) allowed_to_fail([&] { encoder.token(id); });
}

std::string fault_of(const Subject& subject, const Damage& damage, Family family) {
  Copy image(subject.image);
  const size_t less = damage.apply(image);
  const bool same = less == 0 && std::memcmp(image.bytes, subject.image.data(), image.size) == 0;
  try {
    const Vocab vocab(image.view(less));
    const std::string_view text = subject.sample;
    use(image.view(less), family, text.substr(0, floor_char(text, size_t{40} * damage.byte(2))));
    vocab.verify();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kVocabulary) return std::string("refused as ") + error.what();
    return same ? "an image without damage is refused" : "";
  }
  // A header with a right sum may describe the same sections in other words.
  return same || damage.byte(1) % 4 == 0 ? "" : "damage that nothing notices";
}

}  // namespace
}  // namespace tokenkit::test

// Byte 0 names the image and the pattern, bytes 1 and 2 what is done besides the damage, which is
// the rest.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tokenkit;
  using namespace tokenkit::test;
  if (size < 3) return 0;
  const Subject& subject = kept<Subject, kImages>(data[0] % kImages);
  const auto family = nth_family(data[0]);
  stop_at(fault_of(subject, {data, size}, family), data, size);
  return 0;
}

#ifndef TOKENKIT_LIBFUZZER
namespace {

std::string random_input(tokenkit::test::Random& random) {
  std::string input = tokenkit::test::random_choice(random);
  // Values that mean something in a table, more often than any others.
  for (uint32_t left = random.below(12); left > 0; --left) {
    for (int i = 0; i < 3; ++i) input += static_cast<char>(random.below(256));
    constexpr uint8_t kValues[] = {0, 1, 0x7F, 0x80, 0xFF, 64};
    const uint32_t value = random.below(2) == 0 ? kValues[random.below(6)] : random.below(256);
    input += static_cast<char>(value);
  }
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  return tokenkit::test::fuzz(argc, argv, "fuzz_images", "all damage is noticed", random_input);
}
#endif
