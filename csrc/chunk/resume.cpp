#include "chunk/resume.hpp"

#include <algorithm>
#include <vector>

#include "text/grapheme.hpp"
#include "text/utf8.hpp"

namespace tokenkit {
namespace {

// Bytes to look back at: enough for a border behind them to be the same with all of the text.
constexpr size_t kContext = 2 * kEdgeView;

// What is known of the lines at `start`.
LineState lines_at(const MeasuredText& measured, size_t start) {
  const ChunkOptions& options = measured.options();
  LineState lines = options.from.lines;
  if (options.format != Format::kText) {
    std::vector<Border> borders;
    std::vector<Heading> headings;
    find_borders(measured.text(), options.format, kNoSeparators, options.from.start, start, lines,
                 borders, headings);
  }
  return lines;
}

// Where the text that is looked back at may begin: between two clusters, if that is not far away.
size_t context_of(std::string_view text, size_t start) {
  const size_t context = floor_char(text, start - std::min(start, kContext));
  const size_t lowest = context - std::min(context, kContext);
  GraphemeBoundaries graphemes(text);
  size_t between = context;
  while (between > lowest && !graphemes.at(between)) between = floor_char(text, between - 1);
  return between > lowest ? between : context;
}

}  // namespace

Resume resume_after(const MeasuredText& measured, size_t cut, bool inside, size_t start) {
  Resume rest;
  rest.cut = cut;
  rest.inside = inside;
  rest.start = std::min(start, cut);
  rest.lines = lines_at(measured, rest.start);
  const auto passed = [&](const Heading& h) { return h.pos <= rest.start; };
  rest.headings = static_cast<size_t>(
      std::count_if(measured.headings().begin(), measured.headings().end(), passed));
  rest.context = context_of(measured.text(), rest.start);
  rest.headless = measured.options().from.headless || rest.context != 0;
  return rest;
}

}  // namespace tokenkit
