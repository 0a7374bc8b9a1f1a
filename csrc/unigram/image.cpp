#include "unigram/image.hpp"

#include <algorithm>
#include <cmath>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "text/utf8.hpp"

namespace tokenkit {
namespace {

using unigram::Lead;
using unigram::Splits;
using unigram::Step;

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorKind::kVocabulary, why); }

bool is_text(std::string_view text) { return first_invalid(text) == std::string_view::npos; }

bool makes_sense(const Splits& splits) {
  return splits.lead <= Lead::kAlways && !(splits.lead == Lead::kFirst && splits.at_spaces) &&
         is_text(splits.sign);
}

// A step that looks for nothing would find it everywhere.
bool makes_sense(const Step& step) {
  const bool looks = step.kind == Step::kReplace || step.kind == Step::kReplaceRun ||
                     step.kind == Step::kTrimLeft || step.kind == Step::kTrimRight;
  return step.kind < Step::kCount && !(looks && step.from.empty()) && is_text(step.from) &&
         is_text(step.to);
}

void check(const UnigramModel& model) {
  if (model.unknown >= model.tokens.size()) {
    refuse("expected a token for unknown text, got id " + std::to_string(model.unknown) + " of " +
           std::to_string(model.tokens.size()) + " tokens");
  }
  for (size_t id = 0; id < model.tokens.size(); ++id) {
    const auto& [token, score] = model.tokens[id];
    if (!std::isfinite(score)) refuse("the score of id " + std::to_string(id) + " is endless");
    if (token.size() > UnigramImage::kMostTokenBytes) {
      refuse("the token of id " + std::to_string(id) + " has more than 65,534 bytes");
    }
  }
  if (!makes_sense(model.splits)) refuse("a sign before the first word of several");
  for (const Step& step : model.steps) {
    if (!makes_sense(step)) refuse("a step of the normalizer has nothing to look for");
  }
}

double load_double(const uint8_t* p) {
  const uint64_t bits = load64(p);
  double out;
  std::memcpy(&out, &bits, sizeof out);
  return out;
}

Splits read_splits(SealedReader& in) {
  Splits splits;
  splits.at_spaces = in.number() != 0;
  splits.sign = in.text();
  splits.lead = static_cast<Lead>(in.number());
  splits.at_signs = in.number() != 0;
  return splits;
}

std::vector<Step> read_steps(SealedReader& in) {
  std::vector<Step> steps;
  for (uint32_t left = in.number(); left > 0; --left) {
    Step step{static_cast<Step::Kind>(in.number()), {}, {}};
    step.from = in.text();
    step.to = in.text();
    steps.push_back(std::move(step));
  }
  return steps;
}

std::string byte_token(uint32_t byte) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  return {'<', '0', 'x', kDigits[byte >> 4], kDigits[byte & 15], '>'};
}

}  // namespace

std::vector<uint8_t> build_unigram_image(const UnigramModel& model) {
  check(model);
  std::vector<ByteTree::Entry> tokens;
  std::vector<double> scores;
  for (const auto& [token, score] : model.tokens) {
    tokens.emplace_back(token, static_cast<uint32_t>(tokens.size()));
    scores.push_back(score);
  }
  const double lowest = *std::min_element(scores.begin(), scores.end());
  SealedWriter out(UnigramImage::kKind);
  out.put(model.unknown);
  out.put(static_cast<uint32_t>(model.byte_fallback));
  out.put(&lowest, 1);
  out.put(static_cast<uint32_t>(model.splits.at_spaces));
  out.put(model.splits.sign);
  out.put(static_cast<uint32_t>(model.splits.lead));
  out.put(static_cast<uint32_t>(model.splits.at_signs));
  out.put(static_cast<uint32_t>(model.steps.size()));
  for (const Step& step : model.steps) {
    out.put(static_cast<uint32_t>(step.kind));
    out.put(step.from);
    out.put(step.to);
  }
  unigram::CharsMap::write(model.charsmap.empty() ? decltype(unigram::read_charsmap({})){}
                                                  : unigram::read_charsmap(model.charsmap),
                           out);
  ByteTree::write(tokens, out);
  TokensById::write(std::move(tokens), out);
  out.put(scores.data(), scores.size());
  return out.seal();
}

UnigramImage::UnigramImage(SealedReader in, bool sound)
    : unknown_(in.number()),
      byte_fallback_(in.number() != 0),
      lowest_(load_double(in.take<uint8_t>(sizeof(double)))),
      splits_(read_splits(in)),
      steps_(read_steps(in)),
      charsmap_(in, &sound),
      tree_(in, &sound),
      tokens_(in, &sound),
      scores_(in.take<uint8_t>(sizeof(double) * tokens_.count())) {
  sound = sound && makes_sense(splits_) && tokens_.count() != 0 &&
          tokens_.max_id() + 1 == tokens_.count() && unknown_ < tokens_.count() &&
          tokens_.longest() <= kMostTokenBytes;
  size_t depth = 0;
  for (uint32_t node = 0, next = 1; sound && node < tree_.node_count(); ++node) {
    if (node == next) {
      ++depth;
      next = tree_.first_child(node);
    }
    const uint32_t id = tree_.number(node);
    sound = id == kNone || (id < tokens_.count() && tokens_.token_at(id).size() == depth);
  }
  for (const Step& step : steps_) sound = sound && makes_sense(step);
  in.finish(sound);
  for (uint32_t byte = 0; byte < 256; ++byte) {
    byte_ids_[byte] = tree_.find(byte_token(byte));
    first_nodes_[byte] = tree_.child(ByteTree::kRoot, static_cast<uint8_t>(byte));
  }
}

}  // namespace tokenkit
