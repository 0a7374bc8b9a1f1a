#include "tests/roads.hpp"

#include <algorithm>
#include <functional>
#include <sstream>

#include "encode/batch.hpp"
#include "encode/counter.hpp"
#include "encode/spans.hpp"
#include "encode/str_parts.hpp"
#include "text/utf8.hpp"

namespace tokenkit::test {
namespace {

using Ids = std::vector<uint32_t>;

Ids ids_of(const IdSink& sink) { return Ids(sink.data(), sink.data() + sink.size()); }

std::string shown(const Ids& ids) {
  std::ostringstream out;
  for (size_t i = 0; i < std::min<size_t>(ids.size(), 40); ++i) out << ' ' << ids[i];
  return out.str();
}

// One text on its way: the roads add the first difference to `fault`.
class Comparison {
 public:
  Comparison(const Encoder& encoder, const PieceRule& rule, std::string_view text, Random& random,
             const SpecialTokens& added)
      : encoder_(encoder),
        rule_(rule),
        text_(text),
        random_(random),
        added_(added),
        scratch_(encoder),
        lead_(reference_lead(encoder.reading().lead, text)) {
    ordinary_ = expected(text, nullptr);
    pieces_ = expected_pieces();
  }

  void run(const SpecialSet* allowed) {
    if (!ordinary_.complete) return missing_bytes();
    whole_texts(nullptr, ordinary_.ids);
    pieces();
    limits();
    prefixes();
    spans();
    wide();
    if (added_.tokens().empty()) stream();
    if (encoder_.reading().lead != Lead::kNowhere) allowed = nullptr;  // all that may be said
    // A byte without a token may be part of one, and a cut there leave it alone.
    const ReferenceIds with_specials = expected(text_, allowed);
    if (with_specials.complete) whole_texts(allowed, with_specials.ids);
    batches(allowed);
  }

  const std::string& fault() const { return fault_; }

 private:
  ReferenceIds expected(std::string_view text, const SpecialSet* allowed) {
    return reference_read(rule_, encoder_.family(), text, encoder_.reading(), added_,
                          encoder_.specials(), allowed, &known_);
  }

  // Those of the sections between added tokens, which are pieces themselves.
  std::vector<size_t> expected_pieces() {
    const SpecialSet all(added_.tokens().size(), true);
    std::vector<size_t> ends;
    for (size_t pos = 0; pos < text_.size();) {
      const SpecialTokens::Match match = reference_find_special(added_, text_, pos, all);
      const std::string_view section = text_.substr(pos, match.start - pos);
      for (size_t end : reference_piece_ends(encoder_.family(), section)) ends.push_back(pos + end);
      if (!match.found()) break;
      pos = match.start + added_.tokens()[match.index].first.size();
      ends.push_back(pos);
    }
    return ends;
  }

  template <class T>
  void same(const char* road, const T& got, const T& wanted) {
    if (got == wanted || !fault_.empty()) return;
    std::ostringstream out;
    out << road << ": ";
    if constexpr (std::is_same_v<T, size_t>) {
      out << got << ", expected " << wanted;
    } else if constexpr (std::is_same_v<T, Ids>) {
      out << "ids" << shown(got) << ", expected" << shown(wanted);
    } else {
      out << "differs";
    }
    fault_ = out.str();
  }

  void whole_texts(const SpecialSet* allowed, const Ids& wanted) {
    IdSink sink;
    sink.push(7);  // what is in the sink stays there
    encoder_.encode(text_, allowed, *scratch_, sink);
    Ids with_first = wanted;
    with_first.insert(with_first.begin(), 7);
    same("encode", ids_of(sink), with_first);
    same("count", encoder_.count(text_, allowed, *scratch_), wanted.size());
    std::string back;
    encoder_.decode(sink.data() + 1, sink.size() - 1, back);
    same("decode", back, lead_ + std::string(text_));
  }

  void pieces() {
    std::vector<size_t> ends;
    encoder_.piece_ends(text_, ends);
    same("piece_ends", ends, pieces_);
    if (!lead_.empty()) return;  // the first ids are of more than pieces of the text
    IdSink sink;
    encoder_.encode_pieces(text_, 0, ends.data(), ends.size(), *scratch_, sink);
    same("encode_pieces", ids_of(sink), ordinary_.ids);
    same("count_pieces", encoder_.count_pieces(text_, 0, ends.data(), ends.size(), *scratch_),
         ordinary_.ids.size());
  }

  void limits() {
    const size_t n = ordinary_.ids.size();
    for (size_t limit : {size_t{0}, n / 2, n - (n > 0), n, n + 1, static_cast<size_t>(-1)}) {
      std::optional<size_t> wanted;
      if (n <= limit) wanted = n;
      same("within", encoder_.within(text_, limit, *scratch_), wanted);
    }
  }

  void prefixes() {
    const uint32_t n = static_cast<uint32_t>(ordinary_.ids.size());
    for (uint32_t wanted : {0u, random_.below(n + 1), n, n + 5}) {
      IdSink sink;
      encoder_.encode_prefix(text_, wanted, *scratch_, sink);
      const Ids got = ids_of(sink);
      same("length of encode_prefix", size_t{got.size() >= std::min(wanted, n)}, size_t{1});
      const Ids all(
          ordinary_.ids.begin(),
          ordinary_.ids.begin() + static_cast<ptrdiff_t>(std::min<size_t>(got.size(), n)));
      same("encode_prefix", got, all);
    }
  }

  void spans() {
    std::vector<std::string> tokens;
    for (uint32_t id : ordinary_.ids) tokens.emplace_back(encoder_.token(id));
    if (!lead_.empty()) tokens[0].erase(0, 1);  // it is nowhere in the text
    for (SpanUnit unit : {SpanUnit::kByte, SpanUnit::kChar, SpanUnit::kUtf16}) {
      std::vector<int64_t> got(2 * tokens.size());
      token_spans(encoder_, text_, ordinary_.ids.data(), tokens.size(), unit, got.data());
      same("token_spans", got, reference_spans(tokens, unit));
    }
  }

  // The characters of a Python str, part by part.
  void wide() {
    std::u32string characters;
    for (size_t pos = 0; pos < text_.size();) {
      uint32_t cp;
      const auto* s = reinterpret_cast<const uint8_t*>(text_.data());
      pos += decode(s + pos, s + text_.size(), &cp);
      characters.push_back(static_cast<char32_t>(cp));
    }
    IdSink sink;
    same("encode_str",
         size_t{encode_str(encoder_, characters.data(), characters.size(), 4, *scratch_, sink)},
         size_t{1});
    same("ids of encode_str", ids_of(sink), ordinary_.ids);
    const size_t n = ordinary_.ids.size();
    for (size_t limit : {n - (n > 0), n, kNoLimit}) {
      const std::optional<size_t> got =
          count_str(encoder_, characters.data(), characters.size(), 4, limit, *scratch_);
      same("count_str", got.value_or(0), std::min(n, limit == kNoLimit ? limit : limit + 1));
    }
  }

  // Cuts between characters, totals at random moments, a copy taken on the way.
  void stream() {
    StreamCounter counter(encoder_, size_t{1} << random_.below(20));
    const uint32_t most = 1 + random_.below(random_.below(2) == 0 ? 8 : 300);
    // Each question costs the twin a walk over the text: fewer of them for long ones.
    const uint32_t often = 3 + static_cast<uint32_t>(text_.size() / 50);
    for (size_t pos = 0; pos < text_.size();) {
      const size_t end = ceil_char(text_, pos + 1 + random_.below(most));
      counter.update(text_.substr(pos, end - pos));
      pos = end;
      if (random_.below(often) == 0) ask(counter, text_.substr(0, pos));
    }
    ask(counter, text_);
    StreamCounter copy = counter;
    const ReferenceIds twice = expected(std::string(text_) + std::string(text_), nullptr);
    if (twice.complete) {
      copy.update(text_);
      same("total of a copy", copy.total(), twice.ids.size());
    }
    same("total after a copy", counter.total(), ordinary_.ids.size());
  }

  void ask(StreamCounter& counter, std::string_view so_far) {
    for (const char* more : {"", "\xEF\xBF\xBD", "\n", "a"}) {
      if (*more != '\0' && random_.below(3) != 0) continue;
      const ReferenceIds wanted = expected(std::string(so_far) + more, nullptr);
      if (wanted.complete) same("total", counter.total(more), wanted.ids.size());
    }
  }

  void batches(const SpecialSet* allowed) {
    std::vector<std::string_view> texts = {text_, std::string_view()};
    Ids wanted;
    std::vector<int64_t> offsets = {0};
    std::vector<int64_t> counts;
    texts.push_back(text_.substr(ceil_char(text_, text_.size() / 2)));
    for (std::string_view text : texts) {
      const ReferenceIds with_specials = expected(text, allowed);
      const ReferenceIds ordinary = expected(text, nullptr);
      if (!with_specials.complete || !ordinary.complete) return;
      wanted.insert(wanted.end(), with_specials.ids.begin(), with_specials.ids.end());
      offsets.push_back(static_cast<int64_t>(wanted.size()));
      counts.push_back(static_cast<int64_t>(ordinary.ids.size()));
    }
    const size_t threads = random_.below(8) == 0 ? 2 : 1;  // to start one takes time
    IdSink sink;
    std::vector<int64_t> got_offsets(texts.size() + 1);
    encode_batch(encoder_, texts, allowed, threads, sink, got_offsets.data());
    same("encode_batch", ids_of(sink), wanted);
    same("offsets of encode_batch", got_offsets, offsets);
    std::vector<int64_t> got_counts(texts.size());
    count_batch(encoder_, texts, threads, got_counts.data());
    same("count_batch", got_counts, counts);
  }

  // Every road refuses a text with a byte that has no token.
  void missing_bytes() {
    const auto refused = [&](const char* road, const std::function<void()>& call) {
      try {
        call();
      } catch (const Error& error) {
        return same(road, size_t{error.kind() == ErrorKind::kVocabulary}, size_t{1});
      }
      same(road, size_t{0}, size_t{1});
    };
    IdSink sink;
    int64_t numbers[2];
    refused("encode, missing byte", [&] { encoder_.encode(text_, nullptr, *scratch_, sink); });
    refused("count, missing byte", [&] { encoder_.count(text_, nullptr, *scratch_); });
    const size_t most = lead_.size() + text_.size();  // tokens: within() looks no further
    refused("within, missing byte", [&] { encoder_.within(text_, most, *scratch_); });
    refused("count_batch, missing byte", [&] { count_batch(encoder_, {text_}, 2, numbers); });
    refused("encode_batch, missing byte",
            [&] { encode_batch(encoder_, {text_}, nullptr, 2, sink, numbers); });
    if (!added_.tokens().empty()) return;
    refused("total, missing byte", [&] {
      StreamCounter counter(encoder_);
      counter.update(text_);
      counter.total();
    });
  }

  const Encoder& encoder_;
  const PieceRule& rule_;
  std::string_view text_;
  Random& random_;
  const SpecialTokens& added_;
  Encoder::Lease scratch_;
  std::string lead_;
  ReferencePieces known_;
  ReferenceIds ordinary_;
  std::vector<size_t> pieces_;
  std::string fault_;
};

}  // namespace

std::string compare_roads(const Encoder& encoder, const PieceRule& rule, std::string_view text,
                          const SpecialSet* allowed, Random& random, const SpecialTokens& added) {
  Scratch::front_from = random.below(2) == 0 ? 0 : Scratch::kFrontFrom;
  Comparison comparison(encoder, rule, text, random, added);
  comparison.run(allowed);
  return comparison.fault();
}

SpecialTokens sample_specials(uint32_t first_id) {
  std::vector<std::pair<std::string, uint32_t>> tokens;
  for (const char* text : {"<|end|>", "<|e", "<|end|>!", "the", "\xC3\xA9", "\n\n", "|>", "<|"}) {
    tokens.emplace_back(text, first_id++);
  }
  return SpecialTokens(std::move(tokens));
}

}  // namespace tokenkit::test
