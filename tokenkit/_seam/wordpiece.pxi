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
cdef class WordPieceCore(TextCoder):
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
        self.coder = self.words.get()
        self.specials = &self.words.get().specials()

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
