#include "unicode.hpp"

namespace tokenkit {

#include "unicode_tables.inc"

}  // namespace tokenkit
