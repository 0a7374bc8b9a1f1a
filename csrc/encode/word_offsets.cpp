#include "encode/word_offsets.hpp"

#include "text/utf8.hpp"

namespace tokenkit {
namespace {

// Turns byte offsets into units. Each is counted from the one before, on either side of it.
class Units {
 public:
  Units(std::string_view text, SpanUnit unit) : text_(text), unit_(unit) {}

  int64_t at(size_t byte) {
    if (byte >= byte_) {
      units_ += size_of(byte_, byte);
    } else {
      units_ -= size_of(byte, byte_);
    }
    byte_ = byte;
    return units_;
  }

 private:
  int64_t size_of(size_t start, size_t end) const {
    const std::string_view part = text_.substr(start, end - start);
    if (unit_ == SpanUnit::kByte) return static_cast<int64_t>(part.size());
    return static_cast<int64_t>(unit_ == SpanUnit::kChar ? count_chars(part)
                                                         : count_utf16_units(part));
  }

  std::string_view text_;
  SpanUnit unit_;
  size_t byte_ = 0;
  int64_t units_ = 0;
};

}  // namespace

void encode_spans(const Words& words, std::string_view text, SpanUnit unit, IdSink& ids,
                  std::vector<int64_t>& spans) {
  std::vector<Words::Span> bytes;
  words.encode_spans(text, ids, bytes);
  Units units(text, unit);
  spans.reserve(2 * bytes.size());
  for (const Words::Span& span : bytes) {
    spans.push_back(units.at(span.start));
    spans.push_back(units.at(span.end));
  }
}

void count_each_word(const Words& words, std::string_view text, std::vector<int64_t>& ends,
                     std::vector<int64_t>& counts) {
  words.count_words(text, *Words::Lease(words), ends, counts);
  Units units(text, SpanUnit::kChar);
  for (int64_t& end : ends) end = units.at(static_cast<size_t>(end));
}

}  // namespace tokenkit
