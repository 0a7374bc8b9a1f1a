#include "text/unicode.hpp"

namespace tokenkit {

#include "text/unicode_tables.inc"

}  // namespace tokenkit
