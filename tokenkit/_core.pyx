# cython: language_level=3, auto_pickle=False, autotestdict=False
# cython: freethreading_compatible=False, subinterpreters_compatible=no
"""The seam between Python and csrc. It converts; it decides nothing.

1. Only these cross it: borrowed UTF-8 and characters of str, owned id and integer buffers, Arrow's
   C structs, sizes, opaque settings and states (a class each), and one error type.
2. csrc never sees a Python object and never calls back.
3. The GIL is released while text is scanned, except for texts of less than ``SHORT_TO_SCAN`` bytes:
   scanning those takes less time than handing over the GIL, and with waiting threads far less.
4. ``raise_py_error`` is the only place that names Python exceptions for csrc.
5. Results own their memory and show it through the buffer protocol; lists are made on request,
   and of short texts arrays of NumPy, which is imported for the first of them.
6. No policy: no defaults, no model names, no rules about special tokens.
"""

cimport cython
from cpython.buffer cimport (
    PyBUF_FORMAT, PyBUF_ND, PyBUF_STRIDES, PyBUF_WRITABLE, PyBuffer_IsContiguous,
    PyObject_CheckBuffer,
)
from cpython.bytes cimport (
    PyBytes_AS_STRING, PyBytes_CheckExact, PyBytes_FromStringAndSize, PyBytes_GET_SIZE,
)
from cpython.exc cimport PyErr_Clear
from cpython.list cimport PyList_New, PyList_SET_ITEM
from cpython.long cimport (
    PyLong_AsLongLongAndOverflow, PyLong_CheckExact, PyLong_FromUnsignedLong,
)
from cpython.memoryview cimport PyMemoryView_FromObject, PyMemoryView_GET_BUFFER
from cpython.object cimport PyObject
from cpython.pycapsule cimport PyCapsule_GetPointer, PyCapsule_IsValid, PyCapsule_New
from cpython.ref cimport Py_DECREF, Py_INCREF, Py_XDECREF
from cpython.sequence cimport PySequence_Check
from cpython.tuple cimport PyTuple_CheckExact, PyTuple_GET_SIZE
from cpython.unicode cimport PyUnicode_AsEncodedString, PyUnicode_Check, PyUnicode_CheckExact
from libc.errno cimport EINVAL, EIO, ENOMEM, ENOSYS
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memset, strchr, strlen
from libcpp.memory cimport shared_ptr, unique_ptr
from libcpp.optional cimport optional
from libcpp.pair cimport pair
from libcpp.string cimport string
from libcpp.vector cimport vector

import os
from _thread import allocate_lock


FAMILY_CUSTOM = 0
FAMILY_GPT2 = 1
FAMILY_CL100K = 2
FAMILY_O200K = 3
FAMILY_CL100K_1 = 4
FAMILY_CL100K_3 = 5
FAMILY_SPACES = 6
FAMILY_WHOLE = 7
FAMILY_MARKS = 8
FAMILY_TEKKEN = 9
FAMILY_GPT2_1 = 10
FAMILY_KIMI = 11
FAMILY_DEEPSEEK = 12
FAMILY_GPT2_RUNS = 13

# Where a space is put before texts; see `encode/reading.hpp`.
LEAD_NOWHERE = 0
LEAD_ALWAYS = 1
LEAD_UNLESS_SPACE = 2

MOST_ADDED_BYTES = kMostBytes

IMAGE_VERSION = kImageVersion

cdef enum:
    SHORT = 1024
    # Bytes that are scanned, or digested, sooner than the GIL is handed over: about 10
    # microseconds. A thread that hands it over may wait for all others to have their turn.
    SHORT_TO_SCAN = 4096
    SHORT_TO_DIGEST = 32768

include "_seam/locks.pxi"
include "_seam/text.pxi"
include "_seam/digests.pxi"
include "_seam/results.pxi"
include "_seam/columns.pxi"
include "_seam/arrow.pxi"
include "_seam/chunks.pxi"
include "_seam/chunk_columns.pxi"
include "_seam/truncation.pxi"
include "_seam/merges.pxi"


# ---------------------------------------------------------------------------------------------
# The engine
# ---------------------------------------------------------------------------------------------

cdef str level_name(SimdLevel level):
    cdef string_view name = simd_name(level)
    return name.data()[:name.size()].decode("ascii")


def simd_levels():
    """The instruction sets that run here, the widest last."""
    return [level_name(level) for level in simd_levels_()]


def simd_level():
    """The one in use. Raises ValueError if TOKENKIT_SIMD asks for one that does not run here."""
    return level_name(simd_level_())


cdef int read_tokens(object tokens, TokenList* out) except -1:
    # (bytes, number) pairs.
    cdef pair[string, uint32_t] item
    for token, number in tokens:
        if not isinstance(token, bytes):
            raise TypeError(f"tokens are bytes, got {type(token).__name__}: {token!r}")
        item.first = token
        item.second = as_id(number)
        out.push_back(item)
    return 0


cdef int read_names(object tokens, TokenList* out) except -1:
    # (str, number) pairs.
    cdef pair[string, uint32_t] item
    for text, token in tokens:
        item.first = text.encode("utf-8", "surrogatepass")
        item.second = as_id(token)
        out.push_back(item)
    return 0


cdef int read_numbers(object buffer, vector[uint32_t]* out) except -1:
    shown = PyMemoryView_FromObject(buffer)
    cdef Py_ssize_t n
    cdef const uint32_t* numbers = uint32_of(shown, &n)
    out.assign(numbers, numbers + n)
    return 0


cdef bytes image_bytes(const vector[uint8_t]& image):
    return PyBytes_FromStringAndSize(<const char*>image.data(), image.size())


def build_image(tokens, public_ids=None):
    """Builds a vocabulary image from (bytes, rank) pairs. Raises ValueError on unusable data.

    The ids are the ranks, or `public_ids`, a buffer of uint32 in the order of `tokens`.
    """
    cdef TokenList pairs
    cdef vector[uint32_t] ids
    cdef vector[uint8_t] image
    cdef const vector[uint32_t]* given = NULL
    read_tokens(tokens, &pairs)
    if public_ids is not None:
        read_numbers(public_ids, &ids)
        given = &ids
    with nogil:
        image = build_image_(pairs, given)
    return image_bytes(image)


def build_merges_image(tokens, merges, *, bint whole_pieces, bint characters=False, byte_ids=None):
    """Builds a vocabulary image from (bytes, id) pairs and a list of merges.

    `merges` is a buffer of uint32: pairs of ids, one after the other, in order of priority; the
    result of each is the token of the joined bytes. With `whole_pieces`, a piece that is a token
    is that token, merged or not. With `characters`, merging starts from characters, and characters
    without a token become the tokens of their bytes, `byte_ids`, a buffer of 256 uint32. Where
    bytes come a second time, the later token is for decoding only. Raises ValueError on unusable
    data.
    """
    cdef TokenList pairs
    cdef MergeList rules
    cdef vector[uint32_t] numbers
    cdef vector[uint8_t] image
    cdef pair[uint32_t, uint32_t] merge
    cdef size_t i
    read_tokens(tokens, &pairs)
    read_numbers(merges, &numbers)
    if numbers.size() % 2 != 0:
        raise ValueError(f"expected pairs of ids, got {numbers.size()} numbers")
    rules.merges.reserve(numbers.size() // 2)
    for i in range(numbers.size() // 2):
        merge.first = numbers[2 * i]
        merge.second = numbers[2 * i + 1]
        rules.merges.push_back(merge)
    rules.whole_pieces = whole_pieces
    rules.characters = characters
    if byte_ids is not None:
        read_numbers(byte_ids, &rules.byte_ids)
        if rules.byte_ids.size() != 256:
            raise ValueError(f"expected 256 byte tokens, got {rules.byte_ids.size()}")
    with nogil:
        image = build_merges_image_(pairs, rules)
    return image_bytes(image)


@cython.final
cdef class SpecialSet:
    """A subset of the special tokens of one core."""
    cdef SpecialBits bits


cdef SpecialSet special_set_of(const SpecialTokens* specials, object tokens):
    cdef SpecialSet out = SpecialSet.__new__(SpecialSet)
    out.bits.resize(specials.tokens().size())
    cdef bytes utf8
    cdef size_t index
    for text in tokens:
        utf8 = text.encode("utf-8", "surrogatepass")
        index = specials.index_of(string_view(PyBytes_AS_STRING(utf8), PyBytes_GET_SIZE(utf8)))
        if index != <size_t>-1:
            out.bits[index] = True
    return out


cdef object special_in(const SpecialTokens* specials, object text, const SpecialBits* bits):
    # The first special token of a subset in a text, None if there is none.
    cdef Borrowed held
    cdef string_view view
    view_of(text, &view, &held)
    cdef Match match
    if view.size() < SHORT_TO_SCAN:
        match = specials.find(view, 0, bits[0])
    else:
        with nogil:
            match = specials.find(view, 0, bits[0])
    if not match.found():
        return None
    return specials.tokens()[match.index].first.decode("utf-8", "surrogatepass")


@cython.final
cdef class Core:
    """One vocabulary with its pretokenizer and special tokens. Immutable; threads may share it."""
    cdef unique_ptr[Encoder] encoder
    cdef Borrowed image         # must outlive the encoder
    cdef PyObject** ints        # int objects of the ids below ints_size, made when first needed
    cdef uint32_t ints_size

    def __cinit__(self, image, int family, dict special_tokens, int lead=0, added=None):
        # `added` are the names of those of the special tokens that are found in every text.
        if not 0 <= family <= FAMILY_GPT2_RUNS:
            raise ValueError(f"family must be one of the FAMILY codes, got {family}")
        if not 0 <= lead <= LEAD_UNLESS_SPACE:
            raise ValueError(f"lead must be one of the LEAD codes, got {lead}")
        cdef vector[pair[string, uint32_t]] specials
        cdef vector[pair[string, uint32_t]] found
        read_names(special_tokens.items(), &specials)
        read_names([(name, special_tokens[name]) for name in added or ()], &found)
        cdef string_view view = borrow_bytes(image, &self.image)
        self.encoder.reset(new Encoder(view, <Family>family, specials, reading_of(lead, found)))

    def __dealloc__(self):
        cdef uint32_t id
        self.encoder.reset()
        for id in range(self.ints_size):
            Py_XDECREF(self.ints[id])
        free(self.ints)

    cdef const SpecialBits* bits_of(self, SpecialSet allowed) except? NULL:
        if allowed is None:
            return NULL
        if allowed.bits.size() != self.encoder.get().specials().tokens().size():
            raise ValueError("the set is of special tokens of another Core")
        return &allowed.bits

    cdef list id_list(self, const uint32_t* ids, Py_ssize_t n):
        if n < 4 and self.ints_size == 0:
            return id_list(ids, n)
        if self.ints_size == 0:
            self.ints = <PyObject**>calloc(self.encoder.get().vocab().public_ids(), sizeof(void*))
            if self.ints == NULL:
                raise MemoryError()
            self.ints_size = self.encoder.get().vocab().public_ids()
        cdef list out = PyList_New(n)
        fill_ids(out, ids, n, self.ints, self.ints_size)
        return out

    @property
    def n_ranks(self):
        """Number of mergeable tokens."""
        return self.encoder.get().vocab().token_count()

    @property
    def max_token_size(self):
        """Bytes of the longest mergeable token."""
        return self.encoder.get().vocab().max_token_size()

    @property
    def max_rank(self):
        """Highest id of a mergeable token."""
        return self.encoder.get().vocab().public_ids() - 1

    def verify(self):
        """Read the whole image. Raises ValueError naming a section that is damaged."""
        with nogil:
            self.encoder.get().vocab().verify()

    def special_set(self, tokens):
        """The subset of the special tokens that are in `tokens`; other strings are ignored."""
        return special_set_of(&self.encoder.get().specials(), tokens)

    def find_special(self, text, SpecialSet among not None):
        """The first special token of `among` in text, None if there is none."""
        return special_in(&self.encoder.get().specials(), text, self.bits_of(among))

    def find_special_in_any(self, texts, SpecialSet among not None):
        """The first special token of `among` in the first of the texts that holds one, or None."""
        cdef const SpecialBits* bits = self.bits_of(among)
        for text in texts:
            found = special_in(&self.encoder.get().specials(), text, bits)
            if found is not None:
                return found
        return None

    cdef int encode_into(self, object text, SpecialSet allowed, IdSink* out) except -1:
        cdef Borrowed held
        cdef const SpecialBits* bits = self.bits_of(allowed)
        if bits == NULL and self.encode_wide(text, out):
            return 0
        cdef string_view view
        view_of(text, &view, &held)
        if view.size() < SHORT_TO_SCAN:
            self.encoder.get().encode(view, bits, out[0])
        else:
            with nogil:
                self.encoder.get().encode(view, bits, out[0])
        return 0

    cdef bint encode_wide(self, object text, IdSink* out) except -1:
        # A long str beyond ASCII, part by part. False, and no ids, if that is not for this text.
        cdef int width = long_str_width(text)
        if width == 0:
            return False
        cdef const void* chars = PyUnicode_DATA(text)
        cdef size_t length = PyUnicode_GET_LENGTH(text)
        cdef bint whole
        with nogil:
            whole = encode_str(self.encoder.get()[0], chars, length, width, out[0])
        if not whole:
            out.clear()
        return whole

    def encode(self, text, SpecialSet allowed):
        """The ids of text as a list; special tokens of `allowed` become their ids."""
        cdef IdSink sink
        self.encode_into(text, allowed, &sink)
        return self.id_list(sink.data(), sink.size())

    def encode_buffer(self, text, SpecialSet allowed):
        """The ids of text as an IdBuffer."""
        cdef IdSink sink
        self.encode_into(text, allowed, &sink)
        return owned_ids(&sink)

    def encode_prefix(self, text, size_t max_ids):
        """At least the first `max_ids` ids of text, or all; specials are ordinary text."""
        cdef IdSink sink
        cdef Borrowed held
        cdef string_view view = borrow(text, &held)
        with nogil:
            self.encoder.get().encode_prefix(view, max_ids, sink)
        return owned_ids(&sink)

    cdef optional[size_t] count_wide(self, object text, int width, size_t limit) except *:
        # As count_str, for a str whose long_str_width is `width`.
        cdef optional[size_t] counted
        cdef const void* chars = PyUnicode_DATA(text)
        cdef size_t length = PyUnicode_GET_LENGTH(text)
        with nogil:
            counted = count_str(self.encoder.get()[0], chars, length, width, limit)
        return counted

    def count(self, text, SpecialSet allowed):
        """The number of ids of text."""
        cdef Borrowed held
        cdef const SpecialBits* bits = self.bits_of(allowed)
        cdef optional[size_t] counted
        cdef int width = long_str_width(text) if bits == NULL else 0
        if width != 0:
            counted = self.count_wide(text, width, kNoLimit)
            if counted.has_value():
                return counted.value()
        cdef string_view view
        view_of(text, &view, &held)
        cdef size_t total
        if view.size() < SHORT_TO_SCAN:
            total = self.encoder.get().count(view, bits)
        else:
            with nogil:
                total = self.encoder.get().count(view, bits)
        return total

    def within(self, text, size_t limit):
        """The number of ids of text if it is at most `limit`, else None."""
        cdef Borrowed held
        cdef optional[size_t] total
        cdef int width = long_str_width(text)
        if width != 0:
            total = self.count_wide(text, width, limit)
            if total.has_value():
                return total.value() if total.value() <= limit else None
        cdef string_view view
        view_of(text, &view, &held)
        if view.size() < SHORT_TO_SCAN:
            return self.within_short(view, limit)
        with nogil:
            total = self.encoder.get().within(view, limit)
        return total.value() if total.has_value() else None

    cdef object within_short(self, string_view text, size_t limit):
        cdef optional[size_t] total = self.encoder.get().within(text, limit)
        return total.value() if total.has_value() else None

    def piece_ends(self, text):
        """Byte offsets at which the pieces of text end."""
        cdef Borrowed held
        cdef vector[size_t] ends
        cdef string_view view = borrow(text, &held)
        with nogil:
            self.encoder.get().piece_ends(view, ends)
        cdef Int64Buffer out = new_int64(ends.size(), 1)
        cdef size_t i
        for i in range(ends.size()):
            out.data[i] = ends[i]
        return out

    def settled(self, data):
        """How many bytes at the start of `data`, which may end inside a character, can be counted
        apart from what follows, whatever that is; 0 if no such offset is found."""
        cdef Borrowed held
        cdef string_view view = borrow_unchecked(data, &held)
        cdef size_t split
        view = string_view(view.data(), view.size() - incomplete_tail(view))
        check_utf8(view)
        with nogil:
            split = self.encoder.get().settled(view)
        return split

    def encode_pieces(self, data, ends):
        """The ids of pieces that the caller split: piece i ends at byte ends[i] of data."""
        cdef vector[size_t] offsets
        cdef Borrowed held
        cdef IdSink sink
        cdef string_view view = borrow_pieces(data, ends, &held, &offsets)
        with nogil:
            self.encoder.get().encode_pieces(view, 0, offsets.data(), offsets.size(), sink)
        return owned_ids(&sink)

    def count_pieces(self, data, ends):
        """The number of ids that encode_pieces would give."""
        cdef vector[size_t] offsets
        cdef Borrowed held
        cdef size_t total
        cdef string_view view = borrow_pieces(data, ends, &held, &offsets)
        with nogil:
            total = self.encoder.get().count_pieces(view, 0, offsets.data(), offsets.size())
        return total

    def encode_piece(self, bytes piece not None):
        """The ids of one piece, not pretokenized; need not be UTF-8."""
        cdef IdSink sink
        cdef string_view view = string_view(PyBytes_AS_STRING(piece), PyBytes_GET_SIZE(piece))
        with nogil:
            self.encoder.get().encode_piece(view, sink)
        return self.id_list(sink.data(), sink.size())

    def count_batch(self, texts, size_t num_threads):
        """The number of ids of each text."""
        cdef _Texts batch = _Texts(texts, num_threads)
        cdef Int64Buffer out = new_int64(batch.views.size(), 1)
        with nogil:
            count_batch_(self.encoder.get()[0], batch.views, num_threads, out.data)
        return out

    def encode_batch(self, texts, SpecialSet allowed, size_t num_threads):
        """All ids of all texts, and where those of each text begin (one offset more than texts)."""
        cdef _Texts batch = _Texts(texts, num_threads)
        cdef Int64Buffer offsets = new_int64(batch.views.size() + 1, 1)
        cdef IdSink sink
        cdef const SpecialBits* bits = self.bits_of(allowed)
        with nogil:
            encode_batch_(self.encoder.get()[0], batch.views, bits, num_threads, sink,
                          offsets.data)
        return owned_ids(&sink), offsets

    def id_lists(self, ids, offsets):
        """The ids of each text as a list, from those of all texts and where each begins."""
        cdef Py_ssize_t i, number, size
        cdef int64_t start, end
        shown_ids, shown_offsets = PyMemoryView_FromObject(ids), PyMemoryView_FromObject(offsets)
        cdef const uint32_t* values = uint32_of(shown_ids, &size)
        cdef const int64_t* places = int64_of(shown_offsets, &number)
        cdef list out = [None] * max(number - 1, 0)
        for i in range(number - 1):
            start, end = places[i], places[i + 1]
            if not 0 <= start <= end <= size:
                raise ValueError(f"text {i}: ids {start} to {end} of {size}")
            out[i] = self.id_list(values + start, end - start)
        return out

    def count_arrow(self, ArrowTexts texts not None, size_t num_threads):
        """The number of ids of each row; null rows stay null."""
        cdef SharedColumn counts
        with nogil:
            counts = count_arrow_(self.encoder.get()[0], texts.texts.get()[0], num_threads)
        return shared_column(counts)

    def fits_arrow(self, ArrowTexts texts not None, int64_t limit, size_t num_threads):
        """Whether each row has at most `limit` ids; null rows stay null."""
        cdef SharedColumn fit
        with nogil:
            fit = fits_arrow_(self.encoder.get()[0], texts.texts.get()[0], limit, num_threads)
        return shared_column(fit)

    def encode_arrow(self, ArrowTexts texts not None, size_t num_threads):
        """The ids of each row as lists of uint32; null rows stay null."""
        cdef SharedColumn lists
        with nogil:
            lists = encode_arrow_(self.encoder.get()[0], texts.texts.get()[0], num_threads)
        return shared_column(lists)

    def encode_ragged(self, ArrowTexts texts not None, size_t num_threads):
        """All ids of all rows, and where those of each row begin. Raises ValueError on a null."""
        cdef IdSink sink
        cdef vector[int64_t] offsets
        with nogil:
            encode_ragged_(self.encoder.get()[0], texts.texts.get()[0], num_threads, sink, offsets)
        cdef Py_ssize_t rows = offsets.size()
        return owned_ids(&sink), owned_int64(shared_vector(offsets), rows, 1)

    def truncate(self, text, TruncateSettings settings not None):
        """A str truncated, the same one if all of it fits; None if it holds surrogates."""
        return truncated_str(self.encoder.get()[0], text, settings)

    def truncate_arrow(self, ArrowTexts texts not None, TruncateSettings settings not None,
                       size_t num_threads):
        """Each row truncated; null rows stay null."""
        cdef SharedColumn out
        with nogil:
            out = truncate_arrow_(self.encoder.get()[0], texts.texts.get()[0], settings.how,
                                  num_threads)
        return shared_column(out)

    def decode_bytes(self, ids):
        """The bytes of the ids, joined."""
        cdef vector[uint32_t] values
        cdef string out
        ids_in(ids, &values)
        with nogil:
            self.encoder.get().decode(values.data(), values.size(), out)
        return PyBytes_FromStringAndSize(out.data(), out.size())

    def token_bytes(self, token):
        """The bytes of one id, mergeable or special."""
        if not isinstance(token, int) and not hasattr(type(token), "__index__"):
            raise TypeError(f"token ids are integers, got {type(token).__name__}")
        cdef string_view view = self.encoder.get().token(as_id(token))
        return PyBytes_FromStringAndSize(view.data(), view.size())

    def token_id(self, bytes token not None):
        """The id of a mergeable token, None if there is none with these bytes."""
        cdef string_view view = string_view(PyBytes_AS_STRING(token), PyBytes_GET_SIZE(token))
        cdef uint32_t found = self.encoder.get().vocab().find_any(view)
        return None if found == kNone else found

    def token_list(self):
        """All mergeable tokens as (bytes, id), by id."""
        cdef const Vocab* vocab = &self.encoder.get().vocab()
        cdef string_view view
        cdef uint32_t id
        out = []
        for id in range(vocab.public_ids()):
            view = vocab.token(id)
            if view.size() != 0:
                out.append((PyBytes_FromStringAndSize(view.data(), view.size()), id))
        return out

    def token_spans(self, text, ids, int unit):
        """Where the ids stand in text: (start, end) in characters (0), bytes (1) or UTF-16 (2)."""
        if not 0 <= unit <= 2:
            raise ValueError(f"unit must be 0, 1 or 2, got {unit}")
        cdef vector[uint32_t] values
        cdef Borrowed held
        ids_in(ids, &values)
        cdef Int64Buffer out = new_int64(values.size(), 2)
        cdef string_view view = borrow(text, &held)
        with nogil:
            token_spans_(self.encoder.get()[0], view, values.data(), values.size(),
                         <SpanUnit>unit, out.data)
        return out

    def chunk_batch(self, texts, list formats, ChunkSettings settings not None,
                    size_t num_threads):
        """Splits each text into chunks; see `chunk_types.hpp`. Offsets are in characters.

        Returns for each text (spans, headings, failure): spans as tuples (start, end, tokens,
        overlap, level, headings), headings as tuples (depth, start, end), and failure, if there is
        one, as (offset, tokens needed).
        """
        return chunks_of_texts(self.encoder.get()[0], texts, formats, settings, num_threads)

    def chunk_part(self, str text, int format, ChunkSettings settings not None, ChunkState state,
                   bint more, size_t ahead):
        """Goes on with a text that comes in parts: returns what `chunk_batch` gives for one text,
        and the state for the next part.

        `state` is what the last part that gave chunks returned, None at first; `text` begins where
        that state says. With `more`, the text goes on behind its end; `ahead` is for "optimal".
        """
        return chunks_of_part(self.encoder.get()[0], text, format, settings, state, more, ahead)

    def chunk_arrow(self, ArrowChunkRows rows not None, ChunkSettings settings not None, int choice,
                    size_t num_threads):
        """The next batch of the chunks of a column, an ArrowColumn; None at the end, or where
        `rows.overlong` says why not. Lists are all in `rows` at the end. `choice` is a number of
        `chunk/detect.hpp`."""
        return chunk_column(self, self.encoder.get()[0], rows, settings, choice, num_threads)

    def counter(self):
        """A counter of a text that comes in parts."""
        return StreamCounter.__new__(StreamCounter, self)


include "_seam/short_texts.pxi"
include "_seam/stream.pxi"
include "_seam/coders.pxi"
include "_seam/words.pxi"
include "_seam/wordpiece.pxi"
include "_seam/unigram.pxi"
