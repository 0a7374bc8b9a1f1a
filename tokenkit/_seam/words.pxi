# Vocabularies whose texts fall apart into words; a part of _core.pyx.

cdef class WordsCore(TextCoder):
    """A vocabulary with the steps before it: the base of its kinds. Immutable; threads may share
    it."""
    cdef unique_ptr[Words] words
    cdef Borrowed image     # must outlive the words

    cdef void own(self, Words* words):
        self.words.reset(words)
        self.coder = words
        self.specials = &words.specials()

    @property
    def token_count(self):
        """Number of tokens."""
        return self.words.get().tokens().count()

    @property
    def max_id(self):
        """Highest id of a token."""
        return self.words.get().tokens().max_id()

    def token_bytes(self, token):
        """The bytes of an id, with the prefix that it may have. Raises KeyError."""
        if not isinstance(token, int) and not hasattr(type(token), "__index__"):
            raise TypeError(f"token ids are integers, got {type(token).__name__}")
        cdef string_view view = self.words.get().tokens().token(as_id(token))
        return PyBytes_FromStringAndSize(view.data(), view.size())

    def token_id(self, bytes token not None):
        """The id of a token, None if there is none with these bytes."""
        cdef uint32_t found = self.words.get().tree().find(
            string_view(PyBytes_AS_STRING(token), PyBytes_GET_SIZE(token)))
        return None if found == kNone else found

    def token_list(self):
        """All tokens as (bytes, id), by id."""
        cdef const TokensById* tokens = &self.words.get().tokens()
        cdef string_view view
        cdef uint32_t i
        out = []
        for i in range(tokens.count()):
            view = tokens.token_at(i)
            out.append((PyBytes_FromStringAndSize(view.data(), view.size()), tokens.id_at(i)))
        return out

    def normalized(self, text):
        """Gives what the normalizer makes of text."""
        cdef Borrowed held
        cdef string out
        cdef string_view view = borrow(text, &held)
        with nogil:
            out = self.words.get().normalized(view)
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


cdef vector[pair[string, uint32_t]] specials_of(dict special_tokens) except *:
    cdef vector[pair[string, uint32_t]] specials
    cdef pair[string, uint32_t] item
    for text, token in special_tokens.items():
        item.first = text.encode("utf-8", "surrogatepass")
        item.second = as_id(token)
        specials.push_back(item)
    return specials
