// The headings above a chunk, from the outermost to the nearest.
//
// tokenkit/chunking/results.py has the readable twin, path_after(). One thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tokenkit {

class HeadingPath {
 public:
  // Goes below a heading of the text: those of its depth and deeper are left. Its lines become one.
  void enter(uint32_t depth, std::string_view words);
  const std::vector<std::string>& words() const { return words_; }

 private:
  std::vector<uint32_t> depths_;  // ascending
  std::vector<std::string> words_;
};

}  // namespace tokenkit
