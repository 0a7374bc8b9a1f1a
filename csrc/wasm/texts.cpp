// Texts and ids: encode, count, decode, spans, truncation.
#include <optional>
#include <vector>

#include "encode/spans.hpp"
#include "encode/truncate.hpp"
#include "wasm/encoding.hpp"
#include "wasm/face.hpp"
#include "wasm/result.hpp"

using namespace tokenkit;

Status tk_encode(const TkEncoding* encoding, const char* text, uint32_t size,
                 const uint8_t* flags) {
  return guarded([&](Result& out) {
    const SpecialSet allowed = special_set(*encoding, flags);
    encoding->encoder.encode(view_of(text, size), flags == nullptr ? nullptr : &allowed, out.ids);
    return kFine;
  });
}

Status tk_count(const TkEncoding* encoding, const char* text, uint32_t size, const uint8_t* flags) {
  return guarded([&](Result& out) {
    const SpecialSet allowed = special_set(*encoding, flags);
    out.number(encoding->encoder.count(view_of(text, size), flags == nullptr ? nullptr : &allowed));
    return kFine;
  });
}

Status tk_within(const TkEncoding* encoding, const char* text, uint32_t size, uint32_t limit) {
  return guarded([&](Result& out) {
    const std::optional<size_t> total = encoding->encoder.within(view_of(text, size), limit);
    if (total) out.number(*total);
    return kFine;
  });
}

Status tk_find_special(const TkEncoding* encoding, const char* text, uint32_t size,
                       const uint8_t* flags) {
  return guarded([&](Result& out) {
    if (flags == nullptr) return kFine;
    const SpecialTokens::Match match =
        encoding->encoder.specials().find(view_of(text, size), 0, special_set(*encoding, flags));
    if (match.found()) out.number(match.index);
    return kFine;
  });
}

Status tk_decode(const TkEncoding* encoding, const uint32_t* ids, uint32_t count) {
  return guarded([&](Result& out) {
    encoding->encoder.decode(ids, count, out.bytes);
    return kFine;
  });
}

Status tk_spans(const TkEncoding* encoding, const char* text, uint32_t size, const uint8_t* flags,
                uint32_t unit) {
  return guarded([&](Result& out) {
    if (unit > 2) throw Error(ErrorKind::kValue, "expected a unit from 0 to 2");
    const SpecialSet allowed = special_set(*encoding, flags);
    IdSink ids;
    encoding->encoder.encode(view_of(text, size), flags == nullptr ? nullptr : &allowed, ids);
    std::vector<int64_t> spans(2 * ids.size());
    token_spans(encoding->encoder, view_of(text, size), ids.data(), ids.size(),
                static_cast<SpanUnit>(unit), spans.data());
    out.numbers.assign(spans.begin(), spans.end());
    return kFine;
  });
}

Status tk_truncate(const TkEncoding* encoding, const char* text, uint32_t size, uint32_t max_tokens,
                   uint32_t room, uint32_t keep, const char* marker, uint32_t marker_size,
                   uint32_t clusters) {
  return guarded([&](Result& out) {
    if (keep > 2) throw Error(ErrorKind::kValue, "expected a part to keep from 0 to 2");
    const Truncation how{max_tokens, room, static_cast<Keep>(keep), view_of(marker, marker_size),
                         clusters != 0};
    const std::optional<Slices> slices = truncate(encoding->encoder, view_of(text, size), how);
    if (!slices) return kFine;
    out.number(slices->head);
    out.number(slices->tail);
    return kFine;
  });
}
