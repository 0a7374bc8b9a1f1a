# WordPiece vocabularies; a part of _core.pyx.

def build_wordpiece_image(tokens, *, bytes prefix not None, bytes unknown not None,
                          uint64_t max_chars, bint clean_text, bint handle_chinese_chars,
                          bint strip_accents, bint lowercase, bint split_punctuation):
    """Builds a WordPiece image from (bytes, id) pairs and the options of `wordpiece/chars.hpp`.

    Raises ValueError on unusable data: an id or a token given twice, no token `unknown`.
    """
    cdef WordPieceModel model
    cdef pair[string, uint32_t] item
    for token, id in tokens:
        if not isinstance(token, bytes):
            raise TypeError(f"tokens are bytes, got {type(token).__name__}: {token!r}")
        item.first = token
        item.second = as_id(id)
        model.tokens.push_back(item)
    model.prefix = prefix
    model.unknown = unknown
    model.max_chars = max_chars
    model.options.clean_text = clean_text
    model.options.handle_chinese_chars = handle_chinese_chars
    model.options.strip_accents = strip_accents
    model.options.lowercase = lowercase
    model.options.split_punctuation = split_punctuation
    cdef vector[uint8_t] image
    with nogil:
        image = build_wordpiece_image_(model)
    return PyBytes_FromStringAndSize(<const char*>image.data(), image.size())


@cython.final
cdef class WordPieceCore:
    """A WordPiece vocabulary with the steps before it. Immutable; threads may share it."""
    cdef unique_ptr[WordPiece] words
    cdef Borrowed image     # must outlive the words

    def __cinit__(self, image, dict special_tokens, bint normal=False):
        """Makes a core of an image; with `normal`, for text that the normalizer made."""
        cdef vector[pair[string, uint32_t]] specials
        cdef pair[string, uint32_t] item
        for text, token in special_tokens.items():
            item.first = text.encode("utf-8", "surrogatepass")
            item.second = as_id(token)
            specials.push_back(item)
        cdef string_view view = borrow_bytes(image, &self.image)
        self.words.reset(new WordPiece(view, specials, normal))

    cdef const SpecialBits* bits_of(self, SpecialSet allowed) except? NULL:
        if allowed is None:
            return NULL
        if allowed.bits.size() != self.words.get().specials().tokens().size():
            raise ValueError("the set is of special tokens of another core")
        return &allowed.bits

    def special_set(self, tokens):
        """The subset of the special tokens that are in `tokens`; other strings are ignored."""
        return special_set_of(&self.words.get().specials(), tokens)

    def find_special(self, text, SpecialSet among not None):
        """The first special token of `among` in text, None if there is none."""
        return special_in(&self.words.get().specials(), text, self.bits_of(among))

    @property
    def token_count(self):
        """Number of tokens."""
        return self.words.get().image().token_count()

    @property
    def max_id(self):
        """Highest id of a token."""
        return self.words.get().image().max_id()

    def token_bytes(self, token):
        """The bytes of an id, with the prefix that it may have. Raises KeyError."""
        if not isinstance(token, int) and not hasattr(token, "__index__"):
            raise TypeError(f"token ids are integers, got {type(token).__name__}")
        cdef string_view view = self.words.get().image().token(as_id(token))
        return PyBytes_FromStringAndSize(view.data(), view.size())

    def token_id(self, bytes token not None):
        """The id of a token, None if there is none with these bytes."""
        cdef uint32_t found = self.words.get().image().find(
            string_view(PyBytes_AS_STRING(token), PyBytes_GET_SIZE(token)))
        return None if found == kNone else found

    def token_list(self):
        """All tokens as (bytes, id), by id."""
        cdef const WordPieceImage* image = &self.words.get().image()
        cdef string_view view
        cdef uint32_t i
        out = []
        for i in range(image.token_count()):
            view = image.token_at(i)
            out.append((PyBytes_FromStringAndSize(view.data(), view.size()), image.id_at(i)))
        return out

    def normalized(self, text):
        """Gives what the normalizer makes of text."""
        cdef Borrowed held
        cdef string out
        cdef string_view view = borrow(text, &held)
        with nogil:
            out = bert_normalized(self.words.get().options(), view)
        return PyUnicode_DecodeUTF8(out.data(), out.size(), NULL)

    cdef int encode_into(self, object text, SpecialSet allowed, IdSink* out) except -1:
        cdef Borrowed held
        cdef string_view view
        cdef const SpecialBits* bits = self.bits_of(allowed)
        view_of(text, &view, &held)
        if view.size() < SHORT_TO_SCAN:
            encode_words(self.words.get()[0], view, bits, out[0])
        else:
            with nogil:
                encode_words(self.words.get()[0], view, bits, out[0])
        return 0

    def encode(self, text, SpecialSet allowed):
        """The ids of text as a list; special tokens of `allowed` become their ids."""
        cdef IdSink sink
        self.encode_into(text, allowed, &sink)
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
            encode_first_words(self.words.get()[0], view, max_ids, sink)
        return owned_ids(&sink)

    def count(self, text, SpecialSet allowed):
        """The number of ids of text."""
        cdef Borrowed held
        cdef string_view view
        cdef const SpecialBits* bits = self.bits_of(allowed)
        cdef size_t total
        view_of(text, &view, &held)
        if view.size() < SHORT_TO_SCAN:
            total = count_words(self.words.get()[0], view, bits)
        else:
            with nogil:
                total = count_words(self.words.get()[0], view, bits)
        return total

    def within(self, text, size_t limit):
        """The number of ids of text if it is at most `limit`, else None."""
        cdef Borrowed held
        cdef string_view view
        cdef optional[size_t] total
        view_of(text, &view, &held)
        if view.size() < SHORT_TO_SCAN:
            total = words_within(self.words.get()[0], view, limit)
        else:
            with nogil:
                total = words_within(self.words.get()[0], view, limit)
        return total.value() if total.has_value() else None

    def word_counts(self, text):
        """Where the words of text end that have ids, in characters, and how many ids each has."""
        cdef Borrowed held
        cdef string_view view = borrow(text, &held)
        cdef vector[int64_t] ends, counts
        with nogil:
            count_each_word(self.words.get()[0], view, ends, counts)
        cdef Py_ssize_t n = ends.size()
        return owned_int64(shared_vector(ends), n, 1), owned_int64(shared_vector(counts), n, 1)

    def encode_spans(self, text, int unit):
        """The ids of text, and where each stands: (start, end) in characters (0), bytes (1) or
        UTF-16 (2), from the first character that the token covers to the last."""
        if not 0 <= unit <= 2:
            raise ValueError(f"unit must be 0, 1 or 2, got {unit}")
        cdef Borrowed held
        cdef IdSink sink
        cdef vector[int64_t] spans
        cdef string_view view = borrow(text, &held)
        with nogil:
            encode_spans_(self.words.get()[0], view, <SpanUnit>unit, sink, spans)
        cdef Py_ssize_t n = sink.size()
        return owned_ids(&sink), owned_int64(shared_vector(spans), n, 2)

    def count_batch(self, texts, size_t num_threads):
        """The number of ids of each text."""
        cdef _Texts batch = _Texts(texts, num_threads)
        cdef Int64Buffer out = new_int64(batch.views.size(), 1)
        with nogil:
            count_batch_(self.words.get()[0], batch.views, num_threads, out.data)
        return out

    def encode_batch(self, texts, SpecialSet allowed, size_t num_threads):
        """All ids of all texts, and where those of each text begin (one offset more than texts)."""
        cdef _Texts batch = _Texts(texts, num_threads)
        cdef Int64Buffer offsets = new_int64(batch.views.size() + 1, 1)
        cdef IdSink sink
        cdef const SpecialBits* bits = self.bits_of(allowed)
        with nogil:
            encode_batch_(self.words.get()[0], batch.views, bits, num_threads, sink, offsets.data)
        return owned_ids(&sink), offsets

    def count_arrow(self, ArrowTexts texts not None, size_t num_threads):
        """The number of ids of each row; null rows stay null."""
        cdef SharedColumn counts
        with nogil:
            counts = count_arrow_(self.words.get()[0], texts.texts.get()[0], num_threads)
        return shared_column(counts)

    def fits_arrow(self, ArrowTexts texts not None, int64_t limit, size_t num_threads):
        """Whether each row has at most `limit` ids; null rows stay null."""
        cdef SharedColumn fit
        with nogil:
            fit = fits_arrow_(self.words.get()[0], texts.texts.get()[0], limit, num_threads)
        return shared_column(fit)

    def encode_arrow(self, ArrowTexts texts not None, size_t num_threads):
        """The ids of each row as lists of uint32; null rows stay null."""
        cdef SharedColumn lists
        with nogil:
            lists = encode_arrow_(self.words.get()[0], texts.texts.get()[0], num_threads)
        return shared_column(lists)

    def encode_ragged(self, ArrowTexts texts not None, size_t num_threads):
        """All ids of all rows, and where those of each row begin. Raises ValueError on a null."""
        cdef IdSink sink
        cdef vector[int64_t] offsets
        with nogil:
            encode_ragged_(self.words.get()[0], texts.texts.get()[0], num_threads, sink, offsets)
        cdef Py_ssize_t rows = offsets.size()
        return owned_ids(&sink), owned_int64(shared_vector(offsets), rows, 1)

    def settled(self, data):
        """How many bytes at the start of `data`, which may end inside a character, can be counted
        apart from what follows, whatever that is; 0 if no such offset is found."""
        cdef Borrowed held
        cdef string_view view = borrow_unchecked(data, &held)
        cdef size_t split
        view = string_view(view.data(), view.size() - incomplete_tail(view))
        check_utf8(view)
        with nogil:
            split = self.words.get().settled_prefix(view)
        return split

    def counter(self):
        """A counter of a text that comes in parts."""
        return WordCounter.__new__(WordCounter, self)


@cython.final
cdef class WordCounter(PartCounter):
    """Counts a text that comes in parts, str or UTF-8 bytes, split anywhere."""
    cdef WordPieceCore core
    cdef unique_ptr[CWordCounter] counter

    def __cinit__(self, WordPieceCore core not None):
        self.core = core
        self.counter.reset(new CWordCounter(core.words.get()[0]))

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
        cdef WordCounter out = WordCounter.__new__(WordCounter, self.core)
        with self.lock:
            out.counter.reset(new CWordCounter(self.counter.get()[0]))
            self.copy_state(out)
        return out
