// An encoding behind the face: an encoder and the image that it borrows.
#pragma once

#include <cstdlib>
#include <memory>
#include <string_view>

#include "encode/encoder.hpp"
#include "wasm/face.hpp"

struct TkEncoding {
  struct Free {
    void operator()(char* memory) const { std::free(memory); }
  };
  using Image = std::unique_ptr<char, Free>;

  TkEncoding(Image held, uint32_t size, tokenkit::Family family, tokenkit::SpecialTokens specials)
      : image(std::move(held)), encoder({image.get(), size}, family, std::move(specials)) {}

  Image image;  // outlives the encoder
  tokenkit::Encoder encoder;
};

namespace tokenkit {

// The special tokens that are meant by `flags`; empty for null.
SpecialSet special_set(const TkEncoding& encoding, const uint8_t* flags);

}  // namespace tokenkit
