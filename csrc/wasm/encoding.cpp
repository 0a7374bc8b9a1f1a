#include "wasm/encoding.hpp"

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "bpe/vocab_build.hpp"
#include "scan/pretokenizer.hpp"
#include "wasm/ranks.hpp"
#include "wasm/result.hpp"

namespace tokenkit {
namespace {

uint32_t take_number(std::string_view* rest) {
  uint32_t number;
  if (rest->size() < sizeof number) {
    throw Error(ErrorKind::kValue, "the list of special tokens ends inside one");
  }
  std::memcpy(&number, rest->data(), sizeof number);
  rest->remove_prefix(sizeof number);
  return number;
}

SpecialTokens read_specials(std::string_view rest) {
  std::vector<std::pair<std::string, uint32_t>> tokens;
  while (!rest.empty()) {
    const uint32_t id = take_number(&rest);
    const uint32_t size = take_number(&rest);
    if (size == 0 || size > rest.size()) {
      throw Error(ErrorKind::kValue, "the list of special tokens ends inside one");
    }
    tokens.emplace_back(rest.substr(0, size), id);
    rest.remove_prefix(size);
  }
  return tokens;
}

Status open(Result& out, TkEncoding::Image image, uint32_t size, uint32_t family,
            std::string_view specials) {
  const bool known = family <= UINT8_MAX && scanner(static_cast<Family>(family)) != nullptr;
  if (!known) {
    throw Error(ErrorKind::kValue,
                "expected the number of a pattern family, got " + std::to_string(family));
  }
  auto made = std::make_unique<TkEncoding>(std::move(image), size, static_cast<Family>(family),
                                           read_specials(specials));
  made->encoder.vocab().verify();
  give_handle(out, made.release());
  return kFine;
}

}  // namespace

SpecialSet special_set(const TkEncoding& encoding, const uint8_t* flags) {
  if (flags == nullptr) return {};
  SpecialSet set(encoding.encoder.specials().tokens().size());
  for (size_t i = 0; i < set.size(); ++i) set[i] = flags[i] != 0;
  return set;
}

}  // namespace tokenkit

using namespace tokenkit;

Status tk_open_image(char* image, uint32_t size, uint32_t family, const char* specials,
                     uint32_t specials_size) {
  TkEncoding::Image held(image);
  return guarded([&](Result& out) {
    return open(out, std::move(held), size, family, view_of(specials, specials_size));
  });
}

Status tk_open_ranks(const char* ranks, uint32_t size, uint32_t family, const char* specials,
                     uint32_t specials_size) {
  return guarded([&](Result& out) {
    const std::vector<uint8_t> built = build_image(read_ranks(view_of(ranks, size)));
    const auto image_size = static_cast<uint32_t>(built.size());
    TkEncoding::Image image(static_cast<char*>(tk_alloc(image_size)));
    if (image == nullptr) throw std::bad_alloc();
    std::memcpy(image.get(), built.data(), built.size());
    return open(out, std::move(image), image_size, family, view_of(specials, specials_size));
  });
}

void tk_close(TkEncoding* encoding) { delete encoding; }

Status tk_info(const TkEncoding* encoding) {
  return guarded([&](Result& out) {
    const Vocab& vocab = encoding->encoder.vocab();
    ImageHeader header;
    std::memcpy(&header, encoding->image.get(), sizeof header);
    out.number(vocab.token_count());
    out.number(vocab.public_ids());
    out.number(vocab.max_token_size());
    out.number(static_cast<uint32_t>(header.sum));
    out.number(static_cast<uint32_t>(header.sum >> 32));
    return kFine;
  });
}
