#include "chunk/heading_path.hpp"

#include "text/str_lines.hpp"

namespace tokenkit {
namespace {

std::string as_one_line(std::string_view words) {
  if (words.find('\n') == std::string_view::npos) return std::string(words);
  std::string out;
  for (bool first = true; !words.empty(); first = false) {
    if (!first) out += ' ';
    out += stripped(take_str_line(&words));
  }
  return out;
}

}  // namespace

void HeadingPath::enter(uint32_t depth, std::string_view words) {
  while (!depths_.empty() && depths_.back() >= depth) {
    depths_.pop_back();
    words_.pop_back();
  }
  depths_.push_back(depth);
  words_.push_back(as_one_line(words));
}

}  // namespace tokenkit
