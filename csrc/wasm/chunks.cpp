// Chunks, with offsets in units of UTF-16.
#include <cstring>
#include <string>
#include <string_view>

#include "chunk/chunker.hpp"
#include "chunk/detect.hpp"
#include "chunk/heading_path.hpp"
#include "text/utf8.hpp"
#include "wasm/encoding.hpp"
#include "wasm/face.hpp"
#include "wasm/result.hpp"

using namespace tokenkit;

namespace {

Separators read_separators(std::string_view rest) {
  Separators out;
  while (!rest.empty()) {
    uint32_t size = 0;
    if (rest.size() >= sizeof size) std::memcpy(&size, rest.data(), sizeof size);
    if (size == 0 || size > kLongestSeparator || size > rest.size() - sizeof size) {
      throw Error(ErrorKind::kValue, "expected separators of 1 to 1024 bytes");
    }
    out.push_back(rest.substr(sizeof size, size));
    rest.remove_prefix(sizeof size + size);
  }
  return out;
}

ChunkOptions options_of(const TkChunking& how, std::string_view text) {
  if (how.strategy > 2 || how.format > 3) {
    throw Error(ErrorKind::kValue, "expected a strategy from 0 to 2 and a format from 0 to 3");
  }
  ChunkOptions options;
  options.format = format_of(text, static_cast<FormatChoice>(how.format));
  options.strategy = static_cast<Strategy>(how.strategy);
  options.limit = how.limit;
  options.room = how.room;
  options.overlap = how.overlap;
  options.min_tokens = how.min_tokens;
  options.weight = how.weight;
  options.trim = how.trim != 0;
  options.prefix = view_of(how.prefix, how.prefix_size);
  return options;
}

// Starts of chunks grow, so the units before them are counted in one pass.
void write_rows(std::string_view text, const Chunks& chunks, Result& out) {
  size_t at = 0, units = 0;
  for (const ChunkSpan& span : chunks.spans) {
    units += count_utf16_units(text.substr(at, span.start - at));
    at = span.start;
    const size_t size = count_utf16_units(text.substr(at, span.end - at));
    for (const size_t number : {units, units + size, size_t{span.tokens}, size_t{span.overlap},
                                static_cast<size_t>(span.level), size_t{span.headings}}) {
      out.rows.push_back(static_cast<uint32_t>(number));
    }
  }
}

void write_headings(std::string_view text, const Chunks& chunks, Result& out) {
  for (const Heading& heading : chunks.headings) {
    HeadingPath path;
    path.enter(heading.depth, text.substr(heading.start, heading.end - heading.start));
    const std::string& words = path.words().back();
    out.number(heading.depth);
    out.number(words.size());
    out.bytes += words;
  }
}

}  // namespace

Status tk_chunk(const TkEncoding* encoding, const char* text, uint32_t size,
                const TkChunking* how) {
  return guarded([&](Result& out) {
    const std::string_view view = view_of(text, size);
    const Separators separators = read_separators(view_of(how->separators, how->separators_size));
    ChunkOptions options = options_of(*how, view);
    options.separators = &separators;
    const Encoder& encoder = encoding->encoder;
    const Chunks chunks = chunk_text(encoder, view, options, *Encoder::Lease(encoder));
    if (chunks.failed_at != static_cast<size_t>(-1)) {
      out.number(count_utf16_units(view.substr(0, chunks.failed_at)));
      out.number(chunks.needed);
      return kTooLong;
    }
    write_rows(view, chunks, out);
    write_headings(view, chunks, out);
    return kFine;
  });
}
