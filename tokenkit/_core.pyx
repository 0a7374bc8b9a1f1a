# cython: language_level=3, auto_pickle=False, autotestdict=False
"""The seam between Python and csrc. It converts; it decides nothing.

1. Only borrowed UTF-8 and characters of str, owned id and integer buffers, sizes and one error type
   cross it.
2. csrc never sees a Python object and never calls back.
3. The GIL is released while text is walked, except for short texts (``SHORT`` bytes): there the
   walk takes less time than handing over the GIL, and with waiting threads far less.
4. ``raise_py_error`` is the only place that names Python exceptions for csrc.
5. Results own their memory and show it through the buffer protocol; lists are made on request.
6. No policy: no defaults, no model names, no rules about special tokens.
"""

cimport cython
from cpython.buffer cimport (
    PyBUF_FORMAT, PyBUF_ND, PyBUF_SIMPLE, PyBUF_STRIDES, PyBUF_WRITABLE, PyBuffer_IsContiguous,
    PyBuffer_Release, PyObject_CheckBuffer, PyObject_GetBuffer,
)
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.list cimport PyList_New, PyList_SET_ITEM
from cpython.long cimport PyLong_FromUnsignedLong
from cpython.object cimport PyObject
from cpython.pycapsule cimport PyCapsule_GetPointer, PyCapsule_IsValid, PyCapsule_New
from cpython.ref cimport Py_INCREF, Py_XDECREF
from cpython.sequence cimport PySequence_Check
from cpython.unicode cimport PyUnicode_AsEncodedString, PyUnicode_Check, PyUnicode_CheckExact
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport strchr, strlen
from libcpp.memory cimport make_shared, shared_ptr, unique_ptr
from libcpp.optional cimport optional
from libcpp.pair cimport pair
from libcpp.string cimport string
from libcpp.vector cimport vector

from _thread import allocate_lock


FAMILY_CUSTOM = 0
FAMILY_GPT2 = 1
FAMILY_CL100K = 2
FAMILY_O200K = 3

cdef enum:
    SHORT = 1024

include "_seam/text.pxi"
include "_seam/results.pxi"
include "_seam/arrow.pxi"


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


def build_image(tokens):
    """Builds a vocabulary image from (bytes, rank) pairs. Raises ValueError on unusable data."""
    cdef vector[pair[string, uint32_t]] pairs
    cdef pair[string, uint32_t] item
    for token, rank in tokens:
        if not isinstance(token, bytes):
            raise TypeError(f"tokens are bytes, got {type(token).__name__}: {token!r}")
        item.first = token
        item.second = as_id(rank)
        pairs.push_back(item)
    cdef vector[uint8_t] image
    with nogil:
        image = build_image_(pairs)
    return PyBytes_FromStringAndSize(<const char*>image.data(), image.size())


@cython.final
cdef class SpecialSet:
    """A subset of the special tokens of one Core."""
    cdef SpecialBits bits


cdef const SpecialBits* bits_of(SpecialSet allowed) noexcept:
    if allowed is None:
        return NULL
    return &allowed.bits


@cython.final
cdef class Core:
    """One vocabulary with its pretokenizer and special tokens. Immutable; threads may share it."""
    cdef unique_ptr[Encoder] encoder
    cdef Borrowed image
    cdef PyObject** ints        # int objects of the ids below ints_size, made when first needed
    cdef uint32_t ints_size

    def __cinit__(self, image, int family, dict special_tokens):
        if not 0 <= family <= 3:
            raise ValueError(f"family must be one of the FAMILY codes, got {family}")
        cdef vector[pair[string, uint32_t]] specials
        cdef pair[string, uint32_t] item
        for text, token in special_tokens.items():
            item.first = text.encode("utf-8", "surrogatepass")
            item.second = as_id(token)
            specials.push_back(item)
        PyObject_GetBuffer(image, &self.image.buffer, PyBUF_SIMPLE)
        self.image.has_buffer = True
        cdef string_view view = string_view(<const char*>self.image.buffer.buf,
                                            self.image.buffer.len)
        self.encoder.reset(new Encoder(view, <Family>family, specials))

    def __dealloc__(self):
        cdef uint32_t id
        self.encoder.reset()
        give_back(&self.image)
        for id in range(self.ints_size):
            Py_XDECREF(self.ints[id])
        free(self.ints)

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

    def special_set(self, tokens):
        """The subset of the special tokens that are in `tokens`; other strings are ignored."""
        cdef SpecialSet out = SpecialSet.__new__(SpecialSet)
        cdef const SpecialTokens* specials = &self.encoder.get().specials()
        out.bits.resize(specials.tokens().size())
        cdef bytes utf8
        cdef size_t index
        for text in tokens:
            utf8 = text.encode("utf-8", "surrogatepass")
            index = specials.index_of(string_view(PyBytes_AS_STRING(utf8), PyBytes_GET_SIZE(utf8)))
            if index != <size_t>-1:
                out.bits[index] = True
        return out

    def find_special(self, text, SpecialSet among not None):
        """The first special token of `among` in text, None if there is none."""
        cdef Borrowed b
        cdef Match match
        if is_short_ascii(text):
            match = self.encoder.get().specials().find(ascii_view(text), 0, among.bits)
        else:
            borrow(text, &b)
            try:
                if b.size < SHORT:
                    match = self.encoder.get().specials().find(
                        string_view(b.data, b.size), 0, among.bits)
                else:
                    with nogil:
                        match = self.encoder.get().specials().find(
                            string_view(b.data, b.size), 0, among.bits)
            finally:
                give_back(&b)
        if not match.found():
            return None
        return self.encoder.get().specials().tokens()[match.index].first.decode(
            "utf-8", "surrogatepass")

    cdef int walk(self, object text, SpecialSet allowed, IdSink* out) except -1:
        cdef Borrowed b
        cdef const SpecialBits* bits = bits_of(allowed)
        if is_short_ascii(text):
            lease_encode(self.encoder.get()[0], ascii_view(text), bits, out[0])
            return 0
        cdef int width = long_str_width(text) if bits == NULL else 0
        cdef const void* chars = PyUnicode_DATA(text) if width != 0 else NULL
        cdef size_t length = PyUnicode_GET_LENGTH(text) if width != 0 else 0
        cdef bint whole = False
        if width != 0:
            with nogil:
                whole = lease_encode_str(self.encoder.get()[0], chars, length, width, out[0])
            if whole:
                return 0
            out.clear()
        borrow(text, &b)
        try:
            if b.size < SHORT:
                lease_encode(self.encoder.get()[0], string_view(b.data, b.size), bits, out[0])
            else:
                with nogil:
                    lease_encode(self.encoder.get()[0], string_view(b.data, b.size), bits, out[0])
        finally:
            give_back(&b)
        return 0

    def encode(self, text, SpecialSet allowed):
        """The ids of text as a list; special tokens of `allowed` become their ids."""
        cdef IdSink sink
        self.walk(text, allowed, &sink)
        return self.id_list(sink.data(), sink.size())

    def encode_buffer(self, text, SpecialSet allowed):
        """The ids of text as an IdBuffer."""
        cdef IdSink sink
        self.walk(text, allowed, &sink)
        return owned_ids(&sink)

    def encode_prefix(self, text, size_t max_ids):
        """At least the first `max_ids` ids of text, or all; specials are ordinary text."""
        cdef IdSink sink
        cdef Borrowed b
        borrow(text, &b)
        try:
            with nogil:
                lease_encode_prefix(
                    self.encoder.get()[0], string_view(b.data, b.size), max_ids, sink)
        finally:
            give_back(&b)
        return owned_ids(&sink)

    cdef optional[size_t] count_long_str(self, object text, size_t limit) except *:
        # As count_str; nothing also if text is for other roads.
        cdef optional[size_t] counted
        cdef int width = long_str_width(text)
        if width == 0:
            return counted
        cdef const void* chars = PyUnicode_DATA(text)
        cdef size_t length = PyUnicode_GET_LENGTH(text)
        with nogil:
            counted = lease_count_str(self.encoder.get()[0], chars, length, width, limit)
        return counted

    def count(self, text, SpecialSet allowed):
        """The number of ids of text."""
        cdef Borrowed b
        cdef size_t total
        cdef const SpecialBits* bits = bits_of(allowed)
        if is_short_ascii(text):  # nothing to convert nor to give back
            return lease_count(self.encoder.get()[0], ascii_view(text), bits)
        cdef optional[size_t] counted
        if bits == NULL:
            counted = self.count_long_str(text, kNoLimit)
            if counted.has_value():
                return counted.value()
        borrow(text, &b)
        try:
            if b.size < SHORT:
                total = lease_count(self.encoder.get()[0], string_view(b.data, b.size), bits)
            else:
                with nogil:
                    total = lease_count(self.encoder.get()[0], string_view(b.data, b.size), bits)
        finally:
            give_back(&b)
        return total

    def within(self, text, size_t limit):
        """The number of ids of text if it is at most `limit`, else None."""
        cdef Borrowed b
        cdef optional[size_t] total
        total = self.count_long_str(text, limit)
        if total.has_value():
            return total.value() if total.value() <= limit else None
        borrow(text, &b)
        try:
            if b.size < SHORT:
                total = lease_within(self.encoder.get()[0], string_view(b.data, b.size), limit)
            else:
                with nogil:
                    total = lease_within(self.encoder.get()[0], string_view(b.data, b.size), limit)
        finally:
            give_back(&b)
        return total.value() if total.has_value() else None

    def piece_ends(self, text):
        """Byte offsets at which the pieces of text end."""
        cdef Borrowed b
        cdef vector[size_t] ends
        borrow(text, &b)
        try:
            with nogil:
                self.encoder.get().piece_ends(string_view(b.data, b.size), ends)
        finally:
            give_back(&b)
        cdef Int64Buffer out = new_int64(ends.size(), 1)
        cdef size_t i
        for i in range(ends.size()):
            out.data[i] = ends[i]
        return out

    def settled(self, data):
        """How many bytes at the start of `data`, which may end inside a character, can be counted
        apart from what follows, whatever that is; 0 if no such place is found."""
        cdef Borrowed b
        cdef size_t cut = 0
        cdef size_t bad
        borrow_unchecked(data, &b)
        try:
            with nogil:
                b.size -= incomplete_tail(string_view(b.data, b.size))
                bad = first_invalid(string_view(b.data, b.size))
                if bad == <size_t>-1:
                    cut = settled_prefix(string_view(b.data, b.size))
        finally:
            give_back(&b)
        if bad != <size_t>-1:
            raise _InvalidUtf8(bad)
        return cut

    def encode_pieces(self, data, ends):
        """The ids of pieces that the caller cut: piece i ends at byte ends[i] of data."""
        cdef vector[size_t] offsets
        cdef Borrowed b
        cdef IdSink sink
        borrow_pieces(data, ends, &b, &offsets)
        try:
            with nogil:
                lease_encode_pieces(self.encoder.get()[0], string_view(b.data, b.size),
                                    offsets.data(), offsets.size(), sink)
        finally:
            give_back(&b)
        return owned_ids(&sink)

    def count_pieces(self, data, ends):
        """The number of ids that encode_pieces would give."""
        cdef vector[size_t] offsets
        cdef Borrowed b
        cdef size_t total
        borrow_pieces(data, ends, &b, &offsets)
        try:
            with nogil:
                total = lease_count_pieces(self.encoder.get()[0], string_view(b.data, b.size),
                                           offsets.data(), offsets.size())
        finally:
            give_back(&b)
        return total

    def encode_piece(self, bytes piece not None):
        """The ids of one piece, not pretokenized; need not be UTF-8."""
        cdef IdSink sink
        cdef string_view view = string_view(PyBytes_AS_STRING(piece), PyBytes_GET_SIZE(piece))
        with nogil:
            lease_encode_piece(self.encoder.get()[0], view, sink)
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
        cdef const SpecialBits* bits = bits_of(allowed)
        with nogil:
            encode_batch_(self.encoder.get()[0], batch.views, bits, num_threads, sink,
                          offsets.data)
        return owned_ids(&sink), offsets

    def count_arrow(self, ArrowTexts texts not None, size_t num_threads):
        """The number of ids of each row; null rows stay null."""
        cdef ArrowInt64 out = ArrowInt64.__new__(ArrowInt64)
        with nogil:
            out.column = count_arrow_(self.encoder.get()[0], texts.texts.get()[0], num_threads)
        out.size = out.column.get().values.size()
        return out

    def encode_arrow(self, ArrowTexts texts not None, size_t num_threads):
        """All ids of all rows, and where those of each row begin. Raises ValueError on a null."""
        cdef IdSink sink
        cdef vector[int64_t] offsets
        with nogil:
            encode_arrow_(self.encoder.get()[0], texts.texts.get()[0], num_threads, sink, offsets)
        cdef Py_ssize_t rows = offsets.size()
        return owned_ids(&sink), owned_int64(shared_vector(offsets), rows, 1)

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
        if not isinstance(token, int) and not hasattr(token, "__index__"):
            raise TypeError(f"token ids are integers, got {type(token).__name__}")
        cdef string_view view = self.encoder.get().token(as_id(token))
        return PyBytes_FromStringAndSize(view.data(), view.size())

    def token_id(self, bytes token not None):
        """The id of a mergeable token, None if there is none with these bytes."""
        cdef uint32_t found = self.encoder.get().vocab().find(
            <const uint8_t*>PyBytes_AS_STRING(token), PyBytes_GET_SIZE(token))
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
        cdef Borrowed b
        ids_in(ids, &values)
        cdef Int64Buffer out = new_int64(values.size(), 2)
        borrow(text, &b)
        try:
            with nogil:
                token_spans_(self.encoder.get()[0], string_view(b.data, b.size), values.data(),
                             values.size(), <SpanUnit>unit, out.data)
        finally:
            give_back(&b)
        return out

    def chunk_batch(self, texts, list formats, tuple settings, size_t num_threads):
        """Cuts each text; see `chunk_types.hpp`. Places are in characters.

        `settings` are strategy, limit, room, overlap, min_tokens, weight, trim and prefix. Returns
        for each text (spans, headings, failure): spans as tuples (start, end, tokens, overlap,
        level, headings), headings as tuples (depth, start, end), and failure, if there is one, as
        (place, tokens needed).
        """
        cdef _Texts all_texts = _Texts(texts, num_threads)
        cdef _Texts prefixes = _Texts([settings[7]], 1)
        cdef vector[ChunkOptions] options
        cdef vector[Chunks] chunks
        cdef ChunkOptions o
        cdef size_t i
        set_options(&o, settings, prefixes.views[0])
        for i in range(all_texts.views.size()):
            o.format = <ChunkFormat><int>formats[i]
            options.push_back(o)
        with nogil:
            chunk_batch_(self.encoder.get()[0], all_texts.views, options, num_threads, chunks)
        return [chunk_tuples(all_texts.views[i], chunks[i]) for i in range(chunks.size())]

    def chunk_part(self, str text, int format, tuple settings, tuple left, bint more, size_t ahead):
        """Goes on cutting a text that comes in parts: what `chunk_batch` gives for one text, and
        what is left for the next part.

        `left` is what the last part left, at first ("", "", ()): what stands before the chunk to
        come, the tokens that it repeats, and a tuple of numbers for `chunk_types.hpp`. All are at
        the start of `text`. With `more`, the text goes on behind its end; `ahead` is for "optimal".
        The new one has, in place of the two texts, their places: (context, start, cut), and in the
        end the number of headings up to start.
        """
        cdef _Texts texts = _Texts([text, settings[7], left[0], left[1]], 1)
        cdef vector[string_view] views
        cdef vector[ChunkOptions] options
        cdef vector[Chunks] chunks
        cdef ChunkOptions o
        cdef Resume* r = &o.resume
        cdef LineState* lines = &o.resume.lines
        set_options(&o, settings, texts.views[1])
        o.format = <ChunkFormat>format
        o.more = more
        o.ahead = ahead
        r.start = texts.views[2].size()
        r.cut = r.start + texts.views[3].size()
        if left[2]:
            (r.inside, r.headless, lines.fence, lines.fence_size, lines.previous, lines.inside,
             lines.indent) = left[2]
        views.push_back(texts.views[0])
        options.push_back(o)
        with nogil:
            chunk_batch_(self.encoder.get()[0], views, options, 1, chunks)
        r = &chunks[0].rest
        places = [count_chars(string_view(views[0].data(), place))
                  for place in (r.context, r.start, r.cut)]
        lines = &r.lines
        state = (r.inside, r.headless, lines.fence, lines.fence_size, lines.previous, lines.inside,
                 lines.indent)
        return chunk_tuples(views[0], chunks[0]), (*places, state, r.headings)

    def counter(self):
        """A counter of a text that comes in parts."""
        cdef StreamCounter out = StreamCounter.__new__(StreamCounter)
        out.core = self
        out.counter.reset(new CStreamCounter(self.encoder.get()[0]))
        return out


def text_borders(str text, int format):
    """Where a text may be cut, see `borders.hpp`; places are in characters.

    Returns tuples (place, level, tenths of penalty), and headings as (place, depth, start, end).
    """
    cdef _Texts texts = _Texts([text], 1)
    cdef string_view view = texts.views[0]
    cdef vector[Border] borders
    cdef vector[Heading] headings
    cdef LineState lines
    cdef size_t i
    cdef size_t at = 0
    cdef size_t chars = 0
    cdef list found = []
    if view.size() >= 1 << 31:
        raise ValueError("the text is 2 GB or more")
    with nogil:
        find_borders_(view, <ChunkFormat>format, 0, view.size(), lines, borders, headings)
    for i in range(borders.size()):
        chars += count_chars(string_view(view.data() + at, borders[i].pos - at))
        at = borders[i].pos
        found.append((chars, <int>borders[i].level, borders[i].penalty))
    return found, [
        (count_chars(string_view(view.data(), headings[i].pos)), headings[i].depth,
         count_chars(string_view(view.data(), headings[i].start)),
         count_chars(string_view(view.data(), headings[i].end)))
        for i in range(headings.size())
    ]


cdef int set_options(ChunkOptions* o, tuple settings, string_view prefix) except -1:
    o.strategy = <ChunkStrategy><int>settings[0]
    o.limit, o.room, o.overlap, o.min_tokens, o.weight, o.trim = settings[1:7]
    o.prefix = prefix
    return 0


cdef object chunk_tuples(string_view text, const Chunks& chunks):
    # Byte offsets become characters by walking over the text once.
    cdef size_t at = 0
    cdef size_t chars = 0
    cdef size_t i, start, size
    cdef const ChunkSpan* span
    cdef list spans = []
    cdef list headings = []
    cdef object failure = None
    for i in range(chunks.spans.size()):
        span = &chunks.spans[i]
        chars += count_chars(string_view(text.data() + at, span.start - at))
        at = span.start
        size = count_chars(string_view(text.data() + at, span.end - at))
        spans.append((chars, chars + size, span.tokens, span.overlap, <int>span.level,
                      span.headings))
    at = chars = 0
    for i in range(chunks.headings.size()):
        start = chunks.headings[i].start
        chars += count_chars(string_view(text.data() + at, start - at))
        at = start
        size = count_chars(string_view(text.data() + at, chunks.headings[i].end - at))
        headings.append((chunks.headings[i].depth, chars, chars + size))
    if chunks.failed_at != <size_t>-1:
        failure = (count_chars(string_view(text.data(), chunks.failed_at)), chunks.needed)
    return spans, headings, failure


cdef int borrow_pieces(object data, object ends, Borrowed* b, vector[size_t]* out) except -1:
    cdef const int64_t[::1] view = ends
    cdef Py_ssize_t i
    cdef int64_t last = 0
    b.owner = NULL
    b.made = NULL
    PyObject_GetBuffer(data, &b.buffer, PyBUF_SIMPLE)
    b.has_buffer = True
    b.data = <const char*>b.buffer.buf
    b.size = b.buffer.len
    out.resize(view.shape[0])
    for i in range(view.shape[0]):
        if view[i] < last or view[i] > b.size:
            give_back(b)
            raise ValueError(f"piece {i} ends at {view[i]}: ends must grow and stay in the data")
        last = view[i]
        out[0][i] = last
    return 0


include "_seam/stream.pxi"
