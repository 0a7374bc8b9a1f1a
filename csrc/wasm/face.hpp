// The core as plain functions over memory, for hosts that share nothing else with it: WebAssembly.
//
// Every function that may fail gives a Status; what went wrong is then in tk_result()->message.
// What a function finds is in tk_result() as well, until the next call or tk_release(). Texts are
// valid UTF-8, borrowed for the call, and less than 2 GB; pointers may be null where a size is 0.
// Not thread safe: one caller at a time for all of it.
//
// It converts and decides nothing, as tokenkit/_core.pyx does for Python. The host's side is
// js/memory.js.
#pragma once

#include <cstdint>

#if defined(__wasm__)
#define TK_EXPORT(name) extern "C" __attribute__((export_name(#name)))
#else
#define TK_EXPORT(name) extern "C"
#endif

// The numbers cross to JavaScript, as do all that follow: they never change.
enum Status : int32_t {
  kFine = 0,
  kBadValue = 1,       // an argument or a text is not acceptable
  kBadKey = 2,         // an id that the vocabulary does not have
  kBadVocabulary = 3,  // an image or ranks that cannot be used
  kNoMemory = 4,
  kTooLong = 5,  // a character is more than a chunk: numbers are its offset and what it needs
  kBroken = 6,   // a fault of the core
};

// What a call gave. Which fields are set is said below; the others are null and 0.
struct TkResult {
  const uint32_t* numbers;
  uint32_t number_count;
  const char* bytes;
  uint32_t byte_count;
  const uint32_t* rows;  // of the chunks; see tk_chunk
  uint32_t row_count;
  const char* message;  // of an error
  uint32_t message_size;
};

struct TkEncoding;
struct TkCounter;

// Memory for what a caller hands over, as aligned as malloc's at least; null if there is none.
TK_EXPORT(tk_alloc) void* tk_alloc(uint32_t size);
TK_EXPORT(tk_free) void tk_free(void* memory);

TK_EXPORT(tk_result) const TkResult* tk_result();
// Frees what the last result holds.
TK_EXPORT(tk_release) void tk_release();

// --- Encodings ----------------------------------------------------------------------------------

// `specials` are the special tokens, one after the other: the id and the number of bytes, each a
// uint32, and then the bytes. `family` is a number of scan/family.hpp. Both functions give the
// encoding in numbers[0], a pointer, or kBadVocabulary or kBadValue.

// An encoding of an image, memory of tk_alloc that is adopted, on errors too. All of it is read.
TK_EXPORT(tk_open_image)
Status tk_open_image(char* image, uint32_t size, uint32_t family, const char* specials,
                     uint32_t specials_size);
// An encoding of ranks: on each line a token in base64, a space, and its rank.
TK_EXPORT(tk_open_ranks)
Status tk_open_ranks(const char* ranks, uint32_t size, uint32_t family, const char* specials,
                     uint32_t specials_size);
TK_EXPORT(tk_close) void tk_close(TkEncoding* encoding);

// numbers: ordinary tokens, one more than the highest id of these, bytes of the longest, and the
// lower and the upper half of the image's sum, which no other vocabulary has.
TK_EXPORT(tk_info) Status tk_info(const TkEncoding* encoding);

// --- Texts and ids ------------------------------------------------------------------------------

// `flags` has a byte for each special token in the order of `specials`: those that are not 0 are
// meant. Null means none.

// numbers: the ids of a text. Special tokens that are meant become their ids.
TK_EXPORT(tk_encode)
Status tk_encode(const TkEncoding* encoding, const char* text, uint32_t size, const uint8_t* flags);
// numbers[0]: how many ids tk_encode gives.
TK_EXPORT(tk_count)
Status tk_count(const TkEncoding* encoding, const char* text, uint32_t size, const uint8_t* flags);
// numbers[0]: the count if it is at most `limit`; else no number.
TK_EXPORT(tk_within)
Status tk_within(const TkEncoding* encoding, const char* text, uint32_t size, uint32_t limit);
// numbers[0]: the index of the first special token in a text that is meant; no number if none is.
TK_EXPORT(tk_find_special)
Status tk_find_special(const TkEncoding* encoding, const char* text, uint32_t size,
                       const uint8_t* flags);
// bytes: those of the ids, joined. kBadKey names an id that there is not.
TK_EXPORT(tk_decode)
Status tk_decode(const TkEncoding* encoding, const uint32_t* ids, uint32_t count);
// numbers: start and end of each token that tk_encode gives, in characters (0), bytes (1) or units
// of UTF-16 (2).
TK_EXPORT(tk_spans)
Status tk_spans(const TkEncoding* encoding, const char* text, uint32_t size, const uint8_t* flags,
                uint32_t unit);
// numbers: the ends of the slices text[0..head) and text[tail..) that stay, in bytes; none if all
// of the text does. `keep` is a number of Keep in encode/truncate.hpp, `room` is `max_tokens`
// without those of the marker.
TK_EXPORT(tk_truncate)
Status tk_truncate(const TkEncoding* encoding, const char* text, uint32_t size, uint32_t max_tokens,
                   uint32_t room, uint32_t keep, const char* marker, uint32_t marker_size,
                   uint32_t clusters);

// --- A text that comes in parts -----------------------------------------------------------------

// numbers[0]: a counter, which its encoding must outlive.
TK_EXPORT(tk_counter) Status tk_counter(const TkEncoding* encoding);
TK_EXPORT(tk_counter_copy) Status tk_counter_copy(const TkCounter* counter);
TK_EXPORT(tk_counter_update)
Status tk_counter_update(TkCounter* counter, const char* part, uint32_t size);
// numbers[0]: the tokens of all parts joined; `more` follows them for this question only.
TK_EXPORT(tk_counter_total)
Status tk_counter_total(TkCounter* counter, const char* more, uint32_t size);
TK_EXPORT(tk_counter_free) void tk_counter_free(TkCounter* counter);

// --- Chunks -------------------------------------------------------------------------------------

// How to chunk: the fields of ChunkOptions (chunk/chunk_types.hpp), and `format` as FormatChoice
// (chunk/detect.hpp). `separators` are the size of each, a uint32, and then its bytes.
struct TkChunking {
  double weight;
  uint32_t format, strategy;
  uint32_t limit, room, overlap, min_tokens;
  uint32_t trim;
  const char* prefix;
  uint32_t prefix_size;
  const char* separators;
  uint32_t separators_size;
};
static_assert(sizeof(void*) != 4 || sizeof(TkChunking) == 56);

// rows: six numbers for each chunk: start and end in units of UTF-16, tokens, overlap, the number
// of its boundary, and how many headings stand before its first word.
// numbers: for each heading its depth and the size of its words, which are in `bytes`, one after
// the other. kTooLong has offset, in units of UTF-16, and tokens in `numbers` instead.
TK_EXPORT(tk_chunk)
Status tk_chunk(const TkEncoding* encoding, const char* text, uint32_t size, const TkChunking* how);
