// Checks for the C++ tests: they count, report what failed and go on.
//     CHECK(next_grapheme(text, 0) == 3);
//     CHECK_EQ(next_grapheme(text, 0), 3u);   // prints both values on failure
//     int main() { ...; return tokenkit::test::report("test_x"); }
#pragma once

#include <cstdio>
#include <sstream>

namespace tokenkit::test {

struct Tally {
  long passed = 0;
  long failed = 0;
};

inline Tally& tally() {
  static Tally instance;
  return instance;
}

inline bool check(bool ok, const char* file, int line, const char* what) {
  constexpr long kMostShown = 50;  // one fault in a loop over all code points is enough to read
  if (ok) {
    ++tally().passed;
  } else if (++tally().failed <= kMostShown) {
    std::fprintf(stderr, "%s:%d: %s\n", file, line, what);
  }
  return ok;
}

template <typename A, typename B>
bool check_equal(const A& a, const B& b, const char* file, int line, const char* what) {
  if (a == b) return check(true, file, line, what);
  std::ostringstream message;
  message << what << ": " << a << " != " << b;
  return check(false, file, line, message.str().c_str());
}

// Prints the count and returns the exit status of the test program. No check at all is a failure.
inline int report(const char* name) {
  std::printf("%s: %ld passed, %ld failed\n", name, tally().passed, tally().failed);
  return tally().failed > 0 || tally().passed == 0 ? 1 : 0;
}

}  // namespace tokenkit::test

#define CHECK(condition) \
  ::tokenkit::test::check(static_cast<bool>(condition), __FILE__, __LINE__, #condition)
#define CHECK_EQ(a, b) ::tokenkit::test::check_equal((a), (b), __FILE__, __LINE__, #a " == " #b)
