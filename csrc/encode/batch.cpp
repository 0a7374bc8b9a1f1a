#include "encode/batch.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>

#include "encode/joined_ids.hpp"
#include "text/utf8.hpp"

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
  size_t target = threads <= 1 ? bytes : std::max<size_t>(bytes / (threads * 16), 16384);
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

// Runs work(k) for k in [0, n) on up to `threads` threads, this one included; each thread gets its
// `work` from make_work(). The first exception stops the rest and is thrown here.
template <class MakeWork>
void run(size_t n, size_t threads, const MakeWork& make_work) {
  std::atomic<size_t> next{0};
  std::exception_ptr failure;
  std::mutex mutex;
  auto loop = [&] {
    try {
      auto work = make_work();
      for (size_t k; (k = next.fetch_add(1)) < n;) work(k);
    } catch (...) {
      next = n;
      std::lock_guard<std::mutex> lock(mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  std::vector<std::thread> others;
  others.reserve(std::min(threads, n));  // nothing below may throw while a thread runs
  for (size_t i = 1; i < std::min(threads, n); ++i) {
    try {
      others.emplace_back(loop);
    } catch (const std::exception&) {
      break;  // no more threads, or no memory for one, to be had: fewer do the work
    }
  }
  loop();
  for (std::thread& t : others) t.join();
  if (failure) std::rethrow_exception(failure);
}

// The work of a thread that scans text: work(k, scratch).
template <class Work>
void run_with_scratch(const Coder& coder, size_t n, size_t threads, const Work& work) {
  run(n, threads, [&] {
    auto scratch = std::make_unique<Coder::Lease>(coder);
    return [&work, scratch = std::move(scratch)](size_t k) { work(k, **scratch); };
  });
}

// Texts, the long ones cut into parts, in order.
struct Parts {
  std::vector<std::string_view> texts;
  std::vector<size_t> source;  // of each part: index of the text it is of
  std::vector<Share> shares;

  // Does a part follow another one of its text?
  bool is_rest(size_t i) const { return i != 0 && source[i] == source[i - 1]; }
  size_t bytes(Share share) const {
    size_t bytes = 0;
    for (size_t i = share.first; i < share.last; ++i) bytes += texts[i].size();
    return bytes;
  }
  // The first part from i on that does; `last` if none before it does.
  size_t first_rest(size_t i, size_t last) const {
    while (i < last && !is_rest(i)) ++i;
    return i;
  }
};

// `cut(text, ends)` appends the ends of the parts of a text of more than two parts' size.
template <class Cut>
Parts parts_of(const std::vector<std::string_view>& texts, size_t threads, const Cut& cut) {
  Parts out;
  out.texts.reserve(texts.size());
  out.source.reserve(texts.size());
  std::vector<size_t> ends;
  for (size_t i = 0; i < texts.size(); ++i) {
    ends.clear();
    if (threads > 1 && texts[i].size() > 2 * kPartBytes) {
      cut(texts[i], ends);
    } else {
      ends.push_back(texts[i].size());
    }
    size_t start = 0;
    for (size_t end : ends) {
      out.texts.push_back(texts[i].substr(start, end - start));
      out.source.push_back(i);
      start = end;
    }
  }
  out.shares = shares(out.texts, threads);
  return out;
}

// Whether all these texts are valid, looked at as one where they follow each other in memory, as
// rows of a column do. A text that starts within a character is not valid, nor is the one before
// it.
bool all_valid(const std::string_view* texts, size_t n) {
  for (size_t i = 0; i < n;) {
    const char* const begin = texts[i].data();
    const char* end = begin;
    for (; i < n && texts[i].data() == end; ++i) {
      if (!texts[i].empty() && is_continuation(static_cast<uint8_t>(texts[i][0]))) return false;
      end += texts[i].size();
    }
    const std::string_view together(begin, static_cast<size_t>(end - begin));
    if (first_invalid(together) != std::string_view::npos) return false;
  }
  return true;
}

// Cuts a text that may be invalid where no character can be cut: a character has at most three
// continuation bytes, so a fourth one is invalid by itself.
void cut_bytes(std::string_view text, std::vector<size_t>& ends) {
  for (size_t end = kPartBytes; end + 4 < text.size(); end += kPartBytes) {
    size_t more = 0;
    while (more < 3 && is_continuation(static_cast<uint8_t>(text[end + more]))) ++more;
    end += more;
    ends.push_back(end);
  }
  ends.push_back(text.size());
}

}  // namespace

void run_on_threads(const Coder& coder, size_t n, size_t threads,
                    const std::function<void(size_t, Scratch&)>& work) {
  run_with_scratch(coder, n, threads, work);
}

void run_on_texts(const Coder& coder, const std::vector<std::string_view>& texts, size_t threads,
                  const std::function<void(size_t, size_t, Scratch&)>& work) {
  const std::vector<Share> all = shares(texts, threads);
  run_with_scratch(coder, all.size(), threads,
                   [&](size_t k, Scratch& scratch) { work(all[k].first, all[k].last, scratch); });
}

std::optional<InvalidText> first_invalid(const std::vector<std::string_view>& texts,
                                         size_t threads) {
  const Parts parts = parts_of(texts, threads, cut_bytes);
  std::atomic<size_t> first{parts.texts.size()};  // the first part that is not valid
  run(parts.shares.size(), threads, [&] {
    return [&](size_t k) {
      const auto [begin, end] = parts.shares[k];
      if (all_valid(&parts.texts[begin], end - begin)) return;
      for (size_t i = begin; i < end && i < first; ++i) {
        if (first_invalid(parts.texts[i]) == std::string_view::npos) continue;
        for (size_t seen = first; i < seen && !first.compare_exchange_weak(seen, i);) {
        }
      }
    };
  });
  if (first == parts.texts.size()) return std::nullopt;
  const std::string_view part = parts.texts[first];
  const size_t text = parts.source[first];
  const auto start = static_cast<size_t>(part.data() - texts[text].data());
  return InvalidText{text, start + first_invalid(part)};
}

void count_batch(const Coder& coder, const std::vector<std::string_view>& texts, size_t threads,
                 int64_t* counts) {
  if (threads <= 1) {
    Coder::Lease scratch(coder);
    return coder.count_all(texts.data(), texts.size(), *scratch, counts);
  }
  const Parts parts = parts_of(texts, threads, [&](std::string_view text, auto& ends) {
    coder.split(text, kPartBytes, ends);
  });
  std::vector<int64_t> part_counts(parts.texts.size());
  run_with_scratch(coder, parts.shares.size(), threads, [&](size_t k, Scratch& scratch) {
    const auto [first, last] = parts.shares[k];
    for (size_t i = first; i < last; ++i) {
      const size_t rest = parts.first_rest(i, last);
      coder.count_all(&parts.texts[i], rest - i, scratch, &part_counts[i]);
      i = rest;
      if (i == last) break;
      part_counts[i] = static_cast<int64_t>(coder.count_rest(parts.texts[i], scratch));
    }
  });
  std::fill_n(counts, texts.size(), 0);
  for (size_t i = 0; i < part_counts.size(); ++i) counts[parts.source[i]] += part_counts[i];
}

void encode_batch(const Coder& coder, const std::vector<std::string_view>& texts,
                  const SpecialSet* allowed, size_t threads, IdSink& out, int64_t* offsets) {
  // A cut might part a special token.
  const Parts parts = parts_of(texts, threads, [&](std::string_view text, auto& ends) {
    if (allowed == nullptr) return coder.split(text, kPartBytes, ends);
    ends.push_back(text.size());
  });
  const std::vector<Share>& work = parts.shares;
  std::vector<size_t> ends(parts.texts.size());  // of each part, behind the start of its share
  const auto encode_share = [&](size_t k, Scratch& scratch, IdSink& sink) {
    const auto [first, last] = work[k];
    const size_t start = sink.size();
    sink.reserve(parts.bytes(work[k]) / 4 + 16);
    for (size_t i = first; i < last;) {
      const size_t rest = allowed == nullptr ? parts.first_rest(i, last) : i;
      if (i < rest) {
        coder.encode_all(&parts.texts[i], rest - i, scratch, sink, &ends[i]);
        i = rest;
        continue;
      }
      if (parts.is_rest(i)) {
        coder.encode_rest(parts.texts[i], scratch, sink);
      } else {
        coder.encode(parts.texts[i], allowed, scratch, sink);
      }
      ends[i++] = sink.size();
    }
    for (size_t i = first; i < last; ++i) ends[i] -= start;
  };
  offsets[0] = 0;
  const auto write_offsets = [&](Share share, size_t start) {
    for (size_t i = share.first; i < share.last; ++i) {
      offsets[parts.source[i] + 1] = static_cast<int64_t>(start + ends[i]);
    }
  };
  if (work.size() <= 1) {
    Coder::Lease scratch(coder);
    for (size_t k = 0; k < work.size(); ++k) {
      encode_share(k, *scratch, out);
      write_offsets(work[k], 0);
    }
    return;
  }
  JoinedIds joined(out, work.size(), parts.bytes({0, parts.texts.size()}));
  std::vector<JoinedIds::Made> made(std::min(threads, work.size()));
  std::atomic<size_t> threads_begun{0};
  run(work.size(), threads, [&] {
    auto scratch = std::make_unique<Coder::Lease>(coder);
    JoinedIds::Made& own = made[threads_begun++];
    return [&, scratch = std::move(scratch)](size_t k) {
      const size_t start = own.sink.size();
      encode_share(k, **scratch, own.sink);
      joined.add(own, k, start, parts.bytes(work[k]));
    };
  });
  joined.finish(made);
  for (size_t k = 0; k < work.size(); ++k) write_offsets(work[k], joined.start_of(k));
}

}  // namespace tokenkit
