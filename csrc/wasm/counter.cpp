// Counters of texts that come in parts.
#include "encode/counter.hpp"

#include <memory>

#include "wasm/encoding.hpp"
#include "wasm/face.hpp"
#include "wasm/result.hpp"

using namespace tokenkit;

struct TkCounter {
  StreamCounter stream;
};

Status tk_counter(const TkEncoding* encoding) {
  return guarded([&](Result& out) {
    give_handle(out, new TkCounter{StreamCounter(encoding->encoder)});
    return kFine;
  });
}

Status tk_counter_copy(const TkCounter* counter) {
  return guarded([&](Result& out) {
    give_handle(out, new TkCounter(*counter));
    return kFine;
  });
}

Status tk_counter_update(TkCounter* counter, const char* part, uint32_t size) {
  return guarded([&](Result&) {
    counter->stream.update(view_of(part, size));
    return kFine;
  });
}

Status tk_counter_total(TkCounter* counter, const char* more, uint32_t size) {
  return guarded([&](Result& out) {
    out.number(counter->stream.total(view_of(more, size)));
    return kFine;
  });
}

void tk_counter_free(TkCounter* counter) { delete counter; }
