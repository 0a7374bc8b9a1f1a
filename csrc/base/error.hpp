// The one exception type that csrc throws.
//
// The seam turns it into a Python exception. Besides it, only std::bad_alloc leaves csrc.
#pragma once

#include <stdexcept>
#include <string>

namespace tokenkit {

enum class ErrorKind {
  kValue,       // the caller's text or argument is not acceptable
  kType,        // the caller's data is of another type
  kKey,         // an id or a token that the vocabulary does not have
  kVocabulary,  // vocabulary data that cannot be used
};

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const noexcept { return kind_; }

 private:
  ErrorKind kind_;
};

}  // namespace tokenkit
