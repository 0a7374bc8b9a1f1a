# What csrc offers to `_core.pyx`, and how its exceptions cross.

from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libcpp cimport bool as cbool
from libcpp.memory cimport shared_ptr
from libcpp.optional cimport optional
from libcpp.pair cimport pair
from libcpp.string cimport string
from libcpp.vector cimport vector


cdef extern from *:
    """
    #include <string_view>
    #include "base/error.hpp"

    // Turns the C++ exception in flight into a Python one.
    static void raise_py_error() {
      try {
        throw;
      } catch (const tokenkit::Error& e) {
        PyObject* type = e.kind() == tokenkit::ErrorKind::kKey    ? PyExc_KeyError
                         : e.kind() == tokenkit::ErrorKind::kType ? PyExc_TypeError
                                                                  : PyExc_ValueError;
        // What a producer of Arrow data says need not be UTF-8.
        PyObject* message = PyUnicode_DecodeUTF8(e.what(), strlen(e.what()), "replace");
        if (message == NULL) return;
        PyErr_SetObject(type, message);
        Py_DECREF(message);
      } catch (const std::bad_alloc&) {
        PyErr_NoMemory();
      } catch (const std::exception& e) {
        PyErr_SetString(PyExc_RuntimeError, e.what());
      } catch (...) {
        PyErr_SetString(PyExc_RuntimeError, "unknown C++ exception");
      }
    }
    """
    void raise_py_error()


cdef extern from "<string_view>" namespace "std" nogil:
    cdef cppclass string_view:
        string_view()
        string_view(const char*, size_t)
        const char* data()
        size_t size()


cdef extern from "Python.h":
    const char* PyUnicode_AsUTF8AndSize(object text, Py_ssize_t* size) except NULL
    int PyUnicode_KIND(object text)
    void* PyUnicode_DATA(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)
    bint PyUnicode_IS_COMPACT_ASCII(object text)
    bint Py_IsInitialized() nogil
    object PyUnicode_DecodeUTF8(const char* data, Py_ssize_t size, const char* errors)


cdef extern from "base/simd.hpp" namespace "tokenkit":
    cdef enum class SimdLevel:
        kScalar
    vector[SimdLevel] simd_levels_ "tokenkit::simd_levels"()
    SimdLevel simd_level_ "tokenkit::simd_level"() except +raise_py_error
    string_view simd_name(SimdLevel)


cdef extern from "text/utf8.hpp" namespace "tokenkit" nogil:
    size_t first_invalid(string_view text)
    size_t incomplete_tail(string_view text)
    size_t count_chars(string_view text)


cdef extern from "text/transcode.hpp" namespace "tokenkit" nogil:
    const size_t kNoUtf8
    const size_t kTranscodeSlack
    size_t utf8_size(const uint8_t*, size_t)
    size_t utf8_size(const uint16_t*, size_t)
    size_t utf8_size(const uint32_t*, size_t)
    void to_utf8(const uint8_t*, size_t, uint8_t*)
    void to_utf8(const uint16_t*, size_t, uint8_t*)
    void to_utf8(const uint32_t*, size_t, uint8_t*)


cdef extern from "base/bytes.hpp" namespace "tokenkit" nogil:
    uint64_t hash_bytes(const uint8_t*, size_t)


cdef extern from "base/digest.hpp" namespace "tokenkit" nogil:
    cdef struct DigestKey:
        uint64_t low
        uint64_t high
    cdef struct Digest:
        uint64_t low
        uint64_t high
    Digest digest(const void*, size_t, DigestKey)


cdef extern from "base/memory.hpp" namespace "tokenkit" nogil:
    size_t cache_bytes_ "tokenkit::cache_bytes"()
    cdef cppclass Memory:
        Memory()
        void* data()
        void grow(size_t) except +raise_py_error
        void swap(Memory&)


cdef extern from "bpe/vocab.hpp" namespace "tokenkit" nogil:
    const uint32_t kImageVersion
    const uint32_t kNone
    cdef cppclass Vocab:
        uint32_t token_count()
        uint32_t public_ids()
        uint32_t max_token_size()
        string_view token(uint32_t)
        uint32_t find_any(string_view)
        void verify() except +raise_py_error


cdef extern from "bpe/vocab_build.hpp" namespace "tokenkit" nogil:
    ctypedef vector[pair[string, uint32_t]] TokenList
    cdef cppclass MergeList:
        vector[pair[uint32_t, uint32_t]] merges
        cbool whole_pieces
        cbool characters
        vector[uint32_t] byte_ids
    vector[uint8_t] build_image_ "tokenkit::build_image"(
        const TokenList&, const vector[uint32_t]*) except +raise_py_error
    vector[uint8_t] build_merges_image_ "tokenkit::build_merges_image"(
        const TokenList&, const MergeList&) except +raise_py_error


cdef extern from "encode/special.hpp" namespace "tokenkit" nogil:
    ctypedef vector[cbool] SpecialBits "tokenkit::SpecialSet"
    cdef cppclass Match "tokenkit::SpecialTokens::Match":
        size_t start
        size_t index
        cbool found()
    cdef cppclass SpecialTokens:
        const vector[pair[string, uint32_t]]& tokens()
        Match find(string_view, size_t, const SpecialBits&)
        size_t index_of(string_view)


cdef extern from *:
    """
    #include "encode/reading.hpp"

    static tokenkit::Reading reading_of(
        int lead, const std::vector<std::pair<std::string, uint32_t>>& added) {
      return {static_cast<tokenkit::Lead>(lead), tokenkit::AddedTokens(added)};
    }
    """
    const size_t kMostBytes "tokenkit::AddedTokens::kMostBytes"
    cdef cppclass Reading "tokenkit::Reading":
        pass
    Reading reading_of(int, const vector[pair[string, uint32_t]]&) except +raise_py_error


cdef extern from "encode/encoder.hpp" namespace "tokenkit" nogil:
    cdef enum class Family(uint8_t):
        pass
    cdef cppclass IdSink:
        IdSink()
        const uint32_t* data()
        size_t size()
        void append(const uint32_t*, size_t) except +raise_py_error
        void clear()
        shared_ptr[uint32_t] release() except +raise_py_error
    cdef cppclass Coder:
        pass
    void encode_text(const Coder&, string_view, const SpecialBits*, IdSink&) except +raise_py_error
    void encode_prefix(const Coder&, string_view, size_t, IdSink&) except +raise_py_error
    size_t count_text(const Coder&, string_view, const SpecialBits*) except +raise_py_error
    optional[size_t] count_within(const Coder&, string_view, size_t) except +raise_py_error
    cdef cppclass Encoder(Coder):
        Encoder(
            string_view, Family, vector[pair[string, uint32_t]], Reading) except +raise_py_error
        const Vocab& vocab()
        Family family()
        const SpecialTokens& specials()
        void encode(string_view, const SpecialBits*, IdSink&) except +raise_py_error
        void encode_prefix(string_view, size_t, IdSink&) except +raise_py_error
        size_t count(string_view, const SpecialBits*) except +raise_py_error
        optional[size_t] within(string_view, size_t) except +raise_py_error
        void encode_pieces(
            string_view, size_t, const size_t*, size_t, IdSink&) except +raise_py_error
        size_t count_pieces(string_view, size_t, const size_t*, size_t) except +raise_py_error
        void encode_piece(string_view, IdSink&) except +raise_py_error
        string_view token(uint32_t) except +raise_py_error
        void decode(const uint32_t*, size_t, string&) except +raise_py_error
        void piece_ends(string_view, vector[size_t]&) except +raise_py_error
        size_t settled(string_view) except +raise_py_error


cdef extern from "encode/stepped.hpp" namespace "tokenkit" nogil:
    cdef cppclass SteppedEncoder(Coder):
        SteppedEncoder(const Encoder&, SpecialBits, cbool) except +raise_py_error


cdef extern from "encode/stepped_counter.hpp" namespace "tokenkit" nogil:
    cdef cppclass CSteppedCounter "tokenkit::SteppedCounter":
        CSteppedCounter(const SteppedEncoder&) except +raise_py_error
        CSteppedCounter(const CSteppedCounter&) except +raise_py_error
        void update(string_view) except +raise_py_error
        size_t total(string_view) except +raise_py_error


cdef extern from "text/normal.hpp" namespace "tokenkit" nogil:
    cbool is_nfc_ "tokenkit::is_nfc"(string_view) except +raise_py_error
    string_view in_nfc_ "tokenkit::in_nfc"(string_view, string&) except +raise_py_error


cdef extern from "encode/batch.hpp" namespace "tokenkit" nogil:
    cdef cppclass InvalidText:
        size_t text
        size_t byte
    optional[InvalidText] first_invalid_text "tokenkit::first_invalid"(
        const vector[string_view]&, size_t) except +raise_py_error
    void count_batch_ "tokenkit::count_batch"(
        const Coder&, const vector[string_view]&, size_t, int64_t*) except +raise_py_error
    void encode_batch_ "tokenkit::encode_batch"(
        const Coder&, const vector[string_view]&, const SpecialBits*, size_t, IdSink&,
        int64_t*) except +raise_py_error


cdef extern from "arrow/c_data.hpp" nogil:
    cdef struct ArrowSchema:
        void (*release)(ArrowSchema*)
    cdef struct ArrowArray:
        void (*release)(ArrowArray*)
    cdef struct ArrowArrayStream:
        int (*get_schema)(ArrowArrayStream*, ArrowSchema*)
        int (*get_next)(ArrowArrayStream*, ArrowArray*)
        const char* (*get_last_error)(ArrowArrayStream*)
        void (*release)(ArrowArrayStream*)
        void* private_data


cdef extern from "arrow/import.hpp" namespace "tokenkit" nogil:
    cdef cppclass ArrowRows:
        vector[string_view] texts
        vector[int64_t] text_of
    cdef enum class ArrowTypes(uint8_t):
        kValues
    cdef cppclass CArrowTexts "tokenkit::ArrowTexts":
        CArrowTexts(ArrowSchema*, ArrowArray*, ArrowTypes) except +raise_py_error
        CArrowTexts(ArrowArrayStream*, ArrowTypes) except +raise_py_error


cdef extern from "arrow/valid_rows.hpp" namespace "tokenkit" nogil:
    cdef cppclass ValidTexts:
        ValidTexts(ArrowSchema*, ArrowArray*, cbool) except +raise_py_error
        ValidTexts(ArrowArrayStream*, cbool) except +raise_py_error
        cbool next(ArrowRows&, cbool, size_t) except +raise_py_error
        int64_t invalid_count()
        cbool large()


cdef extern from "arrow/column.hpp" namespace "tokenkit" nogil:
    cdef cppclass ArrowNulls:
        void push_valid(size_t) except +raise_py_error
        int64_t null_count()
    cdef cppclass CArrowColumn "tokenkit::ArrowColumn":
        string format
        string name
        ArrowNulls nulls
        vector[shared_ptr[const CArrowColumn]] children
        size_t size()
        cbool is_valid(size_t)
        const T* values[T]()
        cbool bit(size_t)
        size_t offset(size_t)
        string_view text(size_t)
    ctypedef shared_ptr[const CArrowColumn] SharedColumn


cdef extern from "arrow/builders.hpp" namespace "tokenkit" nogil:
    cdef cppclass ArrowNumbers[T]:
        void push(T) except +raise_py_error
        void push_null() except +raise_py_error
        SharedColumn finish(string) except +raise_py_error
    cdef cppclass ArrowBools:
        void push(cbool) except +raise_py_error
        void push_null() except +raise_py_error
        SharedColumn finish(string) except +raise_py_error
    cdef cppclass ArrowOffsets[T]:
        void push(size_t) except +raise_py_error
        void push_null() except +raise_py_error
        SharedColumn finish_list(SharedColumn, string) except +raise_py_error
    cdef cppclass ArrowStrings[T]:
        void push(string_view) except +raise_py_error
        void push_null() except +raise_py_error
        SharedColumn finish(string) except +raise_py_error
    SharedColumn make_column(
        string, string, ArrowNulls, vector[shared_ptr[const void]],
        vector[SharedColumn]) except +raise_py_error
    SharedColumn make_struct(vector[SharedColumn], size_t, string) except +raise_py_error


cdef extern from "arrow/count.hpp" namespace "tokenkit" nogil:
    SharedColumn count_arrow_ "tokenkit::count_arrow"(
        const Coder&, ValidTexts&, size_t) except +raise_py_error
    SharedColumn fits_arrow_ "tokenkit::fits_arrow"(
        const Coder&, ValidTexts&, int64_t, size_t) except +raise_py_error
    SharedColumn encode_arrow_ "tokenkit::encode_arrow"(
        const Coder&, ValidTexts&, size_t) except +raise_py_error
    void encode_ragged_ "tokenkit::encode_ragged"(
        const Coder&, ValidTexts&, size_t, IdSink&, vector[int64_t]&) except +raise_py_error


cdef extern from "encode/truncate.hpp" namespace "tokenkit" nogil:
    cdef enum class Keep(uint8_t):
        kHead
    cdef cppclass Truncation:
        size_t max_tokens
        size_t room
        Keep keep
        string_view marker
        cbool clusters
    cdef cppclass Slices:
        size_t head
        size_t tail
    optional[Slices] truncate_ "tokenkit::truncate"(
        const Encoder&, string_view, const Truncation&) except +raise_py_error


cdef extern from "arrow/truncate.hpp" namespace "tokenkit" nogil:
    SharedColumn truncate_arrow_ "tokenkit::truncate_arrow"(
        const Encoder&, ValidTexts&, const Truncation&, size_t) except +raise_py_error


cdef extern from "arrow/export.hpp" namespace "tokenkit" nogil:
    void export_schema(const CArrowColumn&, ArrowSchema*) except +raise_py_error
    void export_array(const SharedColumn&, ArrowArray*) except +raise_py_error


cdef extern from *:
    """
    #include <cstdlib>
    #include <memory>
    #include <vector>

    // Memory that several owners may share, from malloc() or of a vector.
    namespace {
    template <class T>
    std::shared_ptr<T> shared_malloc(T* data) {
      return std::shared_ptr<T>(data, std::free);
    }
    template <class T>
    std::shared_ptr<T> shared_vector(std::vector<T>& source) {
      auto owner = std::make_shared<std::vector<T>>(std::move(source));
      return std::shared_ptr<T>(owner, owner->data());
    }
    }  // namespace
    """
    shared_ptr[int64_t] shared_malloc(int64_t*) except +raise_py_error
    shared_ptr[int64_t] shared_vector(vector[int64_t]&) except +raise_py_error


cdef extern from "text/grapheme.hpp" namespace "tokenkit" nogil:
    size_t next_grapheme(string_view, size_t)
    size_t floor_grapheme(string_view, size_t)
    size_t ceil_grapheme(string_view, size_t)


cdef extern from "chunk/border_types.hpp" namespace "tokenkit" nogil:
    cdef enum class ChunkFormat "tokenkit::Format"(uint8_t):
        kText
    cdef cppclass LineState:
        uint32_t fence
        uint32_t fence_size
        uint32_t previous
        uint32_t inside
        uint32_t indent
    cdef cppclass Border:
        uint32_t pos
        uint8_t level
        uint8_t penalty
    cdef cppclass Heading:
        uint32_t pos
        uint32_t depth
        uint32_t start
        uint32_t end


cdef extern from "chunk/detect.hpp" namespace "tokenkit" nogil:
    cdef enum class FormatChoice(uint8_t):
        kAuto
    ChunkFormat format_of(string_view, FormatChoice)


cdef extern from "chunk/borders.hpp" namespace "tokenkit" nogil:
    void find_borders_ "tokenkit::find_borders"(
        string_view, ChunkFormat, const vector[string_view]&, size_t, size_t, LineState&,
        vector[Border]&, vector[Heading]&) except +raise_py_error


cdef extern from "chunk/chunk_types.hpp" namespace "tokenkit" nogil:
    cdef enum class ChunkStrategy "tokenkit::Strategy"(uint8_t):
        kOptimal
    cdef cppclass Resume:
        size_t start
        size_t cut
        cbool inside
        cbool headless
        LineState lines
        size_t context
        size_t headings
    cdef cppclass ChunkOptions:
        ChunkFormat format
        ChunkStrategy strategy
        uint32_t limit
        uint32_t room
        uint32_t overlap
        uint32_t min_tokens
        double weight
        cbool trim
        const vector[string_view]* separators
        string_view prefix
        Resume resume "from"
        cbool more
        size_t ahead
    cdef cppclass ChunkSpan:
        size_t start
        size_t end
        uint32_t tokens
        uint32_t overlap
        uint8_t level
        uint32_t headings
    cdef cppclass Chunks:
        vector[ChunkSpan] spans
        vector[Heading] headings
        size_t failed_at
        size_t needed
        Resume rest


cdef extern from "chunk/chunker.hpp" namespace "tokenkit" nogil:
    void chunk_batch_ "tokenkit::chunk_batch"(
        const Encoder&, const vector[string_view]&, const vector[ChunkOptions]&, size_t,
        vector[Chunks]&) except +raise_py_error


cdef extern from "chunk/placed.hpp" namespace "tokenkit" nogil:
    cdef cppclass PlacedChunk:
        int32_t index
        int64_t start
        int64_t end
        int32_t tokens
        string_view words
        const vector[string]* headings


cdef extern from "arrow/chunk_rows.hpp" namespace "tokenkit" nogil:
    cdef enum class ChunkLayout(uint8_t):
        kTable
        kLists
    cdef cppclass CArrowChunkRows "tokenkit::ArrowChunkRows":
        CArrowChunkRows(ValidTexts&, CArrowTexts*, ChunkLayout) except +raise_py_error
        cbool next(size_t) except +raise_py_error
        size_t size()
        const string_view* text(size_t)
        int64_t first_row()
        cbool is_full(const PlacedChunk&)
        void push(size_t, const PlacedChunk&) except +raise_py_error
        void close(size_t) except +raise_py_error
        cbool has_batch()
        SharedColumn take() except +raise_py_error


cdef extern from "arrow/chunk.hpp" namespace "tokenkit" nogil:
    cdef cppclass OverlongCharacter:
        int64_t row
        size_t offset
        size_t needed
    cdef cppclass ArrowChunking:
        ArrowChunking(
            const Encoder&, const ChunkOptions&, FormatChoice, size_t,
            CArrowChunkRows&) except +raise_py_error
        SharedColumn next() except +raise_py_error
        const optional[OverlongCharacter]& overlong()


cdef extern from "encode/spans.hpp" namespace "tokenkit" nogil:
    cdef enum class SpanUnit:
        kChar
        kByte
        kUtf16
    void token_spans_ "tokenkit::token_spans"(
        const Encoder&, string_view, const uint32_t*, size_t, SpanUnit,
        int64_t*) except +raise_py_error


cdef extern from "encode/counter.hpp" namespace "tokenkit" nogil:
    cdef cppclass CStreamCounter "tokenkit::StreamCounter":
        CStreamCounter(const Encoder&) except +raise_py_error
        CStreamCounter(const CStreamCounter&) except +raise_py_error
        void update(string_view) except +raise_py_error
        size_t total(string_view) except +raise_py_error


cdef extern from "encode/str_parts.hpp" namespace "tokenkit" nogil:
    const size_t kNoLimit
    optional[size_t] count_str(
        const Encoder&, const void*, size_t, int, size_t) except +raise_py_error
    bint encode_str(const Encoder&, const void*, size_t, int, IdSink&) except +raise_py_error


cdef extern from "tokens/byte_tree.hpp" namespace "tokenkit" nogil:
    cdef cppclass ByteTree:
        uint32_t find(string_view)


cdef extern from "tokens/tokens_by_id.hpp" namespace "tokenkit" nogil:
    cdef cppclass TokensById:
        uint32_t count()
        uint32_t max_id()
        uint32_t id_at(uint32_t)
        string_view token_at(uint32_t)
        string_view token(uint32_t) except +raise_py_error


cdef extern from "encode/words.hpp" namespace "tokenkit" nogil:
    cdef cppclass Words(Coder):
        const TokensById& tokens()
        const ByteTree& tree()
        const SpecialTokens& specials()
        size_t settled_prefix(string_view)
        string normalized(string_view) except +raise_py_error


cdef extern from "encode/word_offsets.hpp" namespace "tokenkit" nogil:
    void count_each_word(
        const Words&, string_view, vector[int64_t]&, vector[int64_t]&) except +raise_py_error
    void encode_spans_ "tokenkit::encode_spans"(
        const Words&, string_view, SpanUnit, IdSink&, vector[int64_t]&) except +raise_py_error


cdef extern from "wordpiece/image.hpp" namespace "tokenkit" nogil:
    cdef cppclass WordPieceOptions "tokenkit::bert::Options":
        cbool clean_text
        cbool handle_chinese_chars
        cbool strip_accents
        cbool lowercase
        cbool split_punctuation
    cdef cppclass WordPieceModel:
        vector[pair[string, uint32_t]] tokens
        string prefix
        string unknown
        uint64_t max_chars
        WordPieceOptions options
    vector[uint8_t] build_wordpiece_image_ "tokenkit::build_wordpiece_image"(
        const WordPieceModel&) except +raise_py_error


cdef extern from "wordpiece/wordpiece.hpp" namespace "tokenkit" nogil:
    cdef cppclass WordPiece(Words):
        WordPiece(string_view, vector[pair[string, uint32_t]], cbool) except +raise_py_error


cdef extern from "unigram/image.hpp" namespace "tokenkit" nogil:
    cdef enum StepKind "tokenkit::unigram::Step::Kind":
        kStepCount "tokenkit::unigram::Step::kCount"
    cdef cppclass UnigramStep "tokenkit::unigram::Step":
        StepKind kind
        string from_ "from"
        string to
    cdef enum class UnigramLead "tokenkit::unigram::Lead":
        kNever
    cdef cppclass UnigramSplits "tokenkit::unigram::Splits":
        cbool at_spaces
        string sign
        UnigramLead lead
        cbool at_signs
    cdef cppclass UnigramModel:
        vector[pair[string, double]] tokens
        uint32_t unknown
        cbool byte_fallback
        string charsmap
        vector[UnigramStep] steps
        UnigramSplits splits
    vector[uint8_t] build_unigram_image_ "tokenkit::build_unigram_image"(
        const UnigramModel&) except +raise_py_error


cdef extern from "unigram/unigram.hpp" namespace "tokenkit" nogil:
    cdef cppclass UnigramGiven "tokenkit::Unigram::Given":
        cbool normal
        cbool later
    cdef cppclass Unigram(Words):
        Unigram(
            string_view, vector[pair[string, uint32_t]], UnigramGiven) except +raise_py_error


cdef extern from "wordpiece/counter.hpp" namespace "tokenkit" nogil:
    cdef cppclass CWordCounter "tokenkit::WordCounter":
        CWordCounter(const WordPiece&) except +raise_py_error
        CWordCounter(const CWordCounter&) except +raise_py_error
        void update(string_view) except +raise_py_error
        size_t total(string_view) except +raise_py_error
