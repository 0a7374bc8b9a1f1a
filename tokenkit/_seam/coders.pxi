# What turns texts into ids behind steps of its own; a part of _core.pyx.

cdef class TextCoder:
    # What is the same for all of them. A subclass owns the two, and sets them.
    cdef const Coder* coder
    cdef const SpecialTokens* specials

    def __cinit__(self, *arguments, **options):
        # Only these set the two.
        if not isinstance(self, (SteppedCore, WordPieceCore, UnigramCore)):
            raise TypeError(f"{type(self).__name__} has no core: make a SteppedCore, a "
                            "WordPieceCore or a UnigramCore")

    cdef const SpecialBits* bits_of(self, SpecialSet allowed) except? NULL:
        if allowed is None:
            return NULL
        if allowed.bits.size() != self.specials.tokens().size():
            raise ValueError("the set is of special tokens of another core")
        return &allowed.bits

    def special_set(self, tokens):
        """The subset of the special tokens that are in `tokens`; other strings are ignored."""
        return special_set_of(self.specials, tokens)

    def find_special(self, text, SpecialSet among not None):
        """The first special token of `among` in text, None if there is none."""
        return special_in(self.specials, text, self.bits_of(among))

    cdef int encode_into(self, object text, SpecialSet allowed, IdSink* out) except -1:
        cdef Borrowed held
        cdef string_view view
        cdef const SpecialBits* bits = self.bits_of(allowed)
        view_of(text, &view, &held)
        if view.size() < SHORT_TO_SCAN:
            encode_text(self.coder[0], view, bits, out[0])
        else:
            with nogil:
                encode_text(self.coder[0], view, bits, out[0])
        return 0

    def encode(self, text, SpecialSet allowed):
        """The ids of text as a list; special tokens of `allowed` become their ids."""
        cdef IdSink sink
        self.encode_into(text, allowed, &sink)
        return self.listed(&sink)

    cdef list listed(self, IdSink* sink):
        return id_list(sink.data(), sink.size())

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
            encode_prefix(self.coder[0], view, max_ids, sink)
        return owned_ids(&sink)

    def count(self, text, SpecialSet allowed):
        """The number of ids of text."""
        cdef Borrowed held
        cdef string_view view
        cdef const SpecialBits* bits = self.bits_of(allowed)
        cdef size_t total
        view_of(text, &view, &held)
        if view.size() < SHORT_TO_SCAN:
            total = count_text(self.coder[0], view, bits)
        else:
            with nogil:
                total = count_text(self.coder[0], view, bits)
        return total

    def within(self, text, size_t limit):
        """The number of ids of text if it is at most `limit`, else None."""
        cdef Borrowed held
        cdef string_view view
        cdef optional[size_t] total
        view_of(text, &view, &held)
        if view.size() < SHORT_TO_SCAN:
            total = count_within(self.coder[0], view, limit)
        else:
            with nogil:
                total = count_within(self.coder[0], view, limit)
        return total.value() if total.has_value() else None

    def count_batch(self, texts, size_t num_threads):
        """The number of ids of each text."""
        cdef _Texts batch = _Texts(texts, num_threads)
        cdef Int64Buffer out = new_int64(batch.views.size(), 1)
        with nogil:
            count_batch_(self.coder[0], batch.views, num_threads, out.data)
        return out

    def encode_batch(self, texts, SpecialSet allowed, size_t num_threads):
        """All ids of all texts, and where those of each text begin (one offset more than texts)."""
        cdef _Texts batch = _Texts(texts, num_threads)
        cdef Int64Buffer offsets = new_int64(batch.views.size() + 1, 1)
        cdef IdSink sink
        cdef const SpecialBits* bits = self.bits_of(allowed)
        with nogil:
            encode_batch_(self.coder[0], batch.views, bits, num_threads, sink, offsets.data)
        return owned_ids(&sink), offsets

    def count_arrow(self, ArrowTexts texts not None, size_t num_threads):
        """The number of ids of each row; null rows stay null."""
        cdef SharedColumn counts
        with nogil:
            counts = count_arrow_(self.coder[0], texts.texts.get()[0], num_threads)
        return shared_column(counts)

    def fits_arrow(self, ArrowTexts texts not None, int64_t limit, size_t num_threads):
        """Whether each row has at most `limit` ids; null rows stay null."""
        cdef SharedColumn fit
        with nogil:
            fit = fits_arrow_(self.coder[0], texts.texts.get()[0], limit, num_threads)
        return shared_column(fit)

    def encode_arrow(self, ArrowTexts texts not None, size_t num_threads):
        """The ids of each row as lists of uint32; null rows stay null."""
        cdef SharedColumn lists
        with nogil:
            lists = encode_arrow_(self.coder[0], texts.texts.get()[0], num_threads)
        return shared_column(lists)

    def encode_ragged(self, ArrowTexts texts not None, size_t num_threads):
        """All ids of all rows, and where those of each row begin. Raises ValueError on a null."""
        cdef IdSink sink
        cdef vector[int64_t] offsets
        with nogil:
            encode_ragged_(self.coder[0], texts.texts.get()[0], num_threads, sink, offsets)
        cdef Py_ssize_t rows = offsets.size()
        return owned_ids(&sink), owned_int64(shared_vector(offsets), rows, 1)


@cython.final
cdef class SteppedCore(TextCoder):
    """A core behind the first steps of a tokenizer.json; see `encode/stepped.hpp`."""
    cdef Core core
    cdef unique_ptr[SteppedEncoder] encoder

    def __cinit__(self, Core core not None, SpecialSet always not None, bint nfc):
        """Finds the special tokens `always` in every text; with `nfc`, normalizes the rest."""
        core.bits_of(always)
        self.core = core
        self.encoder.reset(new SteppedEncoder(core.encoder.get()[0], always.bits, nfc))
        self.coder = self.encoder.get()
        self.specials = &core.encoder.get().specials()

    cdef list listed(self, IdSink* sink):
        return self.core.id_list(sink.data(), sink.size())

    def counter(self):
        """A counter of a text that comes in parts."""
        return SteppedCounter.__new__(SteppedCounter, self)


@cython.final
cdef class SteppedCounter(PartCounter):
    """Counts a text that comes in parts, str or UTF-8 bytes, split anywhere."""
    cdef SteppedCore core
    cdef unique_ptr[CSteppedCounter] counter

    def __cinit__(self, SteppedCore core not None):
        self.core = core
        self.counter.reset(new CSteppedCounter(core.encoder.get()[0]))

    cdef int feed(self, string_view part) except -1:
        with nogil:
            self.counter.get().update(part)
        return 0

    cdef size_t sum_with(self, string_view more) except? 0:
        cdef size_t total
        with nogil:
            total = self.counter.get().total(more)
        return total

    def copy(self):
        """An independent counter of the same text so far."""
        cdef SteppedCounter out = SteppedCounter.__new__(SteppedCounter, self.core)
        with self.lock:
            out.counter.reset(new CSteppedCounter(self.counter.get()[0]))
            self.copy_state(out)
        return out


def is_nfc(text):
    """Whether text is in Normalization Form C of Unicode 9.0."""
    cdef Borrowed held
    cdef string_view view
    cdef bint normal
    view_of(text, &view, &held)
    with nogil:
        normal = is_nfc_(view)
    return normal


def in_nfc(text):
    """A str in Normalization Form C of Unicode 9.0; the same one if it is in that form."""
    cdef Borrowed held
    cdef string made
    cdef string_view view, normal
    view_of(text, &view, &held)
    with nogil:
        normal = in_nfc_(view, made)
    if normal.data() == view.data() and PyUnicode_CheckExact(text):
        return text
    return PyUnicode_DecodeUTF8(normal.data(), normal.size(), NULL)
