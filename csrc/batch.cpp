#include "batch.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "unicode.hpp"
#include "utf8.hpp"

namespace tokenkit {
namespace {

// A share of the work: texts [first, last) of about equal bytes.
struct Share {
  size_t first, last;
};

// Cuts the texts into shares small enough to balance, large enough to be worth handing out.
std::vector<Share> shares(const std::vector<std::string_view>& texts, size_t threads) {
  size_t bytes = 0;
  for (std::string_view text : texts) bytes += text.size() + 16;
  size_t target = threads == 1 ? bytes : std::max<size_t>(bytes / (threads * 16), 16384);
  std::vector<Share> out;
  size_t first = 0;
  size_t filled = 0;
  for (size_t i = 0; i < texts.size(); ++i) {
    filled += texts[i].size() + 16;
    if (filled >= target) {
      out.push_back({first, i + 1});
      first = i + 1;
      filled = 0;
    }
  }
  if (first < texts.size()) out.push_back({first, texts.size()});
  return out;
}

constexpr size_t kPartBytes = size_t{256} << 10;

// A place at or after `from` where a piece starts in every family, whatever stands around it, and
// where the text before it has the same pieces when it ends there; npos if there is none. That is
// where a letter or a number is followed by ASCII white space, or by a symbol other than an
// apostrophe: no alternative of any pattern goes on from the one to the other, and those that look
// ahead from a letter or a number look for letters, numbers or an apostrophe.
size_t certain_start(std::string_view text, size_t from) {
  const auto* s = reinterpret_cast<const uint8_t*>(text.data());
  const uint8_t* end = s + text.size();
  size_t i = ceil_char(text, from);
  bool after_word = false;
  while (i < text.size()) {
    uint32_t cp;
    const size_t length = decode(s + i, end, &cp);
    const CharClass c = char_class(cp);
    const bool space = cp == ' ' || cp == '\n' || cp == '\r' || cp == '\t';
    if (after_word && (space || (c == kOther && cp != '\''))) return i;
    after_word = c == kUpper || c == kLower || c == kLetter || c == kNumber;
    i += length;
  }
  return std::string_view::npos;
}

}  // namespace

void run_on_threads(const Encoder& encoder, size_t n, size_t threads,
                    const std::function<void(size_t, Scratch&)>& work) {
  std::atomic<size_t> next{0};
  std::exception_ptr failure;
  std::mutex mutex;
  auto loop = [&] {
    try {
      Encoder::Lease scratch(encoder);
      for (size_t k; (k = next.fetch_add(1)) < n;) work(k, *scratch);
    } catch (...) {
      next = n;
      std::lock_guard<std::mutex> lock(mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  std::vector<std::thread> others;
  for (size_t i = 1; i < std::min(threads, n); ++i) {
    try {
      others.emplace_back(loop);
    } catch (const std::system_error&) {
      break;  // no more threads to be had: fewer do the work
    }
  }
  loop();
  for (std::thread& t : others) t.join();
  if (failure) std::rethrow_exception(failure);
}

void count_batch(const Encoder& encoder, const std::vector<std::string_view>& texts, size_t threads,
                 int64_t* counts) {
  // A text too long for one share is counted in parts, cut where a piece starts for certain.
  std::vector<std::string_view> parts;
  std::vector<size_t> text_of;
  for (size_t i = 0; i < texts.size(); ++i) {
    std::string_view rest = texts[i];
    while (threads > 1 && rest.size() > 2 * kPartBytes) {
      const size_t cut = certain_start(rest, kPartBytes);
      if (cut == std::string_view::npos) break;
      parts.push_back(rest.substr(0, cut));
      text_of.push_back(i);
      rest.remove_prefix(cut);
    }
    parts.push_back(rest);
    text_of.push_back(i);
    counts[i] = 0;
  }
  std::vector<Share> work = shares(parts, threads);
  std::vector<int64_t> part_counts(parts.size());
  run_on_threads(encoder, work.size(), threads, [&](size_t k, Scratch& scratch) {
    for (size_t i = work[k].first; i < work[k].last; ++i) {
      part_counts[i] = static_cast<int64_t>(encoder.count(parts[i], nullptr, scratch));
    }
  });
  for (size_t i = 0; i < parts.size(); ++i) counts[text_of[i]] += part_counts[i];
}

void encode_batch(const Encoder& encoder, const std::vector<std::string_view>& texts,
                  const SpecialSet* allowed, size_t threads, IdSink& out, int64_t* offsets) {
  std::vector<Share> parts = shares(texts, threads);
  // With several threads each share has ids of its own, joined in order afterwards.
  std::vector<IdSink> sinks(parts.size() > 1 ? parts.size() : 0);
  const size_t before = out.size();
  offsets[0] = 0;
  run_on_threads(encoder, parts.size(), threads, [&](size_t k, Scratch& scratch) {
    IdSink& sink = sinks.empty() ? out : sinks[k];
    size_t base = sinks.empty() ? before : 0;
    for (size_t i = parts[k].first; i < parts[k].last; ++i) {
      encoder.encode(texts[i], allowed, scratch, sink);
      offsets[i + 1] = static_cast<int64_t>(sink.size() - base);
    }
  });
  for (size_t k = 0; k < sinks.size(); ++k) {
    int64_t shift = static_cast<int64_t>(out.size() - before);
    for (size_t i = parts[k].first; i < parts[k].last; ++i) offsets[i + 1] += shift;
    out.append(sinks[k].data(), sinks[k].size());
    IdSink().swap(sinks[k]);
  }
}

}  // namespace tokenkit
