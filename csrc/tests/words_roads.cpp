#include "tests/words_roads.hpp"

#include <algorithm>

#include "tests/check.hpp"
#include "tests/reference.hpp"
#include "text/utf8.hpp"

namespace tokenkit::test {
namespace {

void check_splits(const Words& words, const std::string& text, size_t wanted, Scratch& scratch) {
  const std::string_view view = text;
  for (size_t from = 0; from <= text.size(); ++from) {
    const size_t pos = words.split_after(view, from);
    if (pos == std::string_view::npos) continue;
    CHECK(pos >= from && pos > 0 && pos < text.size() && is_char_boundary(view, pos));
    CHECK_EQ(words.count(view.substr(0, pos), nullptr, scratch) +
                 words.count(view.substr(pos), nullptr, scratch),
             wanted);
  }
  for (const size_t bytes : {1, 4, 15}) {
    std::vector<size_t> parts;
    words.split(view, bytes, parts);
    size_t start = 0;
    size_t total = 0;
    for (const size_t end : parts) {
      CHECK(end > start || text.empty());
      total += words.count(view.substr(start, end - start), nullptr, scratch);
      start = end;
    }
    CHECK_EQ(start, text.size());
    CHECK_EQ(total, wanted);
  }
  const size_t settled = words.settled_prefix(view);
  for (const std::string more : {"a", "\xCC\x81", " ", "b\xCC\xA3"}) {
    CHECK_EQ(words.count(text + more, nullptr, scratch),
             words.count(view.substr(0, settled), nullptr, scratch) +
                 words.count(text.substr(settled) + more, nullptr, scratch));
  }
}

void check_limits(const Words& words, const std::string& text, const std::vector<uint32_t>& wanted,
                  Scratch& scratch) {
  for (size_t limit : {size_t{0}, wanted.size() / 2, wanted.size()}) {
    const std::optional<size_t> within = words.within(text, limit, scratch);
    CHECK(within.has_value() == (wanted.size() <= limit));
    CHECK(words.fits(text, limit, scratch) == within.has_value());
    if (within) CHECK_EQ(*within, wanted.size());
    IdSink first;
    words.encode_prefix(text, limit, scratch, first);
    CHECK(first.size() >= limit && first.size() <= wanted.size());
    CHECK(std::equal(first.data(), first.data() + first.size(), wanted.begin()));
  }
}

void check_places(const Words& words, const std::string& text, const std::vector<uint32_t>& wanted,
                  Scratch& scratch) {
  IdSink sink;
  std::vector<Words::Span> spans;
  words.encode_spans(text, sink, spans);
  CHECK(ids_of(sink) == wanted);
  CHECK_EQ(spans.size(), wanted.size());
  for (const Words::Span& span : spans) {
    CHECK(span.start <= span.end && span.end <= text.size());
    CHECK(is_char_boundary(text, span.start) && is_char_boundary(text, span.end));
  }
  std::vector<int64_t> ends, counts;
  words.count_words(text, scratch, ends, counts);
  int64_t total = 0;
  for (size_t i = 0; i < ends.size(); ++i) {
    total += counts[i];
    const std::string_view head(text.data(), static_cast<size_t>(ends[i]));
    CHECK_EQ(static_cast<size_t>(total), words.count(head, nullptr, scratch));
  }
  CHECK_EQ(static_cast<size_t>(total), wanted.size());
}

}  // namespace

std::vector<uint32_t> ids_of(const IdSink& sink) {
  return {sink.data(), sink.data() + sink.size()};
}

void check_word_roads(const Words& words, const std::string& text, const Twin& twin,
                      Scratch& scratch) {
  const std::vector<uint32_t> wanted = twin(text);
  for (int round = 0; round < 2; ++round) {
    IdSink sink;
    words.encode(text, nullptr, scratch, sink);
    CHECK(ids_of(sink) == wanted);
    CHECK_EQ(words.count(text, nullptr, scratch), wanted.size());
  }
  check_limits(words, text, wanted, scratch);
  check_places(words, text, wanted, scratch);
  check_splits(words, text, wanted.size(), scratch);
}

void check_word_specials(const Words& words, const std::string& text, const Twin& twin,
                         const Twin& later, Scratch& scratch) {
  const SpecialTokens& specials = words.specials();
  const size_t count = specials.tokens().size();
  for (const SpecialSet& allowed : {SpecialSet(count, false), SpecialSet(count, true)}) {
    std::vector<uint32_t> wanted;
    size_t pos = 0;
    while (pos <= text.size()) {
      const auto match = reference_find_special(specials, text, pos, allowed);
      const size_t end = match.found() ? match.start : text.size();
      const auto ids = (pos == 0 ? twin : later)(text.substr(pos, end - pos));
      wanted.insert(wanted.end(), ids.begin(), ids.end());
      if (!match.found()) break;
      wanted.push_back(specials.tokens()[match.index].second);
      pos = end + specials.tokens()[match.index].first.size();
    }
    IdSink sink;
    words.encode(text, &allowed, scratch, sink);
    CHECK(ids_of(sink) == wanted);
    CHECK_EQ(words.count(text, &allowed, scratch), wanted.size());
  }
}

void walk_word_roads(const Words& words, const std::string& text) {
  Words::Lease scratch(words);
  IdSink ids;
  words.encode(text, nullptr, *scratch, ids);
  words.count(text, nullptr, *scratch);
  words.within(text, 3, *scratch);
  words.normalized(text);
  IdSink more;
  std::vector<Words::Span> spans;
  words.encode_spans(text, more, spans);
  for (size_t i = 0; i < ids.size(); ++i) words.tokens().token(ids.data()[i]);
}

}  // namespace tokenkit::test
