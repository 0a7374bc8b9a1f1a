#include "encode/stepped.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "text/normal.hpp"
#include "text/utf8.hpp"

namespace tokenkit {
namespace {

// Calls section(text) for what is between special tokens, in NFC, and token(id) for each of these,
// in order, until one of them says false.
template <class Section, class Token>
void scan_sections(const SpecialTokens& specials, const SpecialSet* among, bool nfc,
                   std::string_view text, const Section& section, const Token& token) {
  std::string made;
  for (size_t pos = 0;;) {
    const SpecialTokens::Match match =
        among == nullptr ? SpecialTokens::Match{} : specials.find(text, pos, *among);
    const size_t end = match.found() ? match.start : text.size();
    const std::string_view part = text.substr(pos, end - pos);
    if (!section(nfc ? in_nfc(part, made) : part) || !match.found()) return;
    const auto& [content, id] = specials.tokens()[match.index];
    if (!token(id)) return;
    pos = match.start + content.size();
  }
}

}  // namespace

SteppedEncoder::SteppedEncoder(const Encoder& encoder, SpecialSet always, bool nfc)
    : encoder_(encoder), always_(std::move(always)), nfc_(nfc) {
  for (size_t i = 0; i < always_.size(); ++i) {
    if (always_[i]) longest_ = std::max(longest_, encoder.specials().tokens()[i].first.size());
  }
}

SpecialTokens::Match SteppedEncoder::find(std::string_view text, size_t pos) const {
  if (longest_ == 0) return {};
  return encoder_.specials().find(text, pos, always_);
}

void SteppedEncoder::encode(std::string_view text, const SpecialSet* allowed, Scratch& scratch,
                            IdSink& out) const {
  if (allowed == nullptr && longest_ != 0) allowed = &always_;
  scan_sections(
      encoder_.specials(), allowed, nfc_, text,
      [&](std::string_view part) { return encoder_.encode(part, nullptr, scratch, out), true; },
      [&](uint32_t id) { return out.push(id), true; });
}

void SteppedEncoder::encode_prefix(std::string_view text, size_t max_ids, Scratch& scratch,
                                   IdSink& out) const {
  const size_t target = out.size() + max_ids;
  scan_sections(
      encoder_.specials(), longest_ == 0 ? nullptr : &always_, nfc_, text,
      [&](std::string_view part) {
        encoder_.encode_prefix(part, target - out.size(), scratch, out);
        return out.size() < target;
      },
      [&](uint32_t id) { return out.push(id), out.size() < target; });
}

size_t SteppedEncoder::count(std::string_view text, const SpecialSet* allowed,
                             Scratch& scratch) const {
  if (allowed == nullptr && longest_ != 0) allowed = &always_;
  size_t total = 0;
  scan_sections(
      encoder_.specials(), allowed, nfc_, text,
      [&](std::string_view part) {
        total += encoder_.count(part, nullptr, scratch);
        return true;
      },
      [&](uint32_t) { return ++total, true; });
  return total;
}

std::optional<size_t> SteppedEncoder::within(std::string_view text, size_t limit,
                                             Scratch& scratch) const {
  std::optional<size_t> total = 0;
  scan_sections(
      encoder_.specials(), longest_ == 0 ? nullptr : &always_, nfc_, text,
      [&](std::string_view part) {
        const std::optional<size_t> more = encoder_.within(part, limit - *total, scratch);
        if (more) {
          *total += *more;
        } else {
          total.reset();
        }
        return total.has_value();
      },
      [&](uint32_t) {
        if (++*total > limit) total.reset();
        return total.has_value();
      });
  return total;
}

bool SteppedEncoder::fits(std::string_view text, size_t limit, Scratch& scratch) const {
  return within(text, limit, scratch).has_value();
}

void SteppedEncoder::split(std::string_view text, size_t bytes, std::vector<size_t>& ends) const {
  if (find(text, 0).found()) {  // a border might be inside
    ends.push_back(text.size());
    return;
  }
  const size_t before = ends.size();
  encoder_.split(text, bytes, ends);
  if (!nfc_) return;
  const auto changes = [&](size_t end) { return end < text.size() && !nfc_keeps(text, end); };
  ends.erase(
      std::remove_if(ends.begin() + static_cast<std::ptrdiff_t>(before), ends.end(), changes),
      ends.end());
}

}  // namespace tokenkit
