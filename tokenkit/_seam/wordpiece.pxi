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
cdef class WordPieceCore(WordsCore):
    """A WordPiece vocabulary."""
    cdef const WordPiece* piece     # the words

    def __cinit__(self, image, dict special_tokens, bint normal=False):
        """Makes a core of an image; with `normal`, for text that the normalizer made."""
        cdef string_view view = borrow_bytes(image, &self.image)
        cdef WordPiece* made = new WordPiece(view, specials_of(special_tokens), normal)
        self.own(made)
        self.piece = made

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
        self.counter.reset(new CWordCounter(core.piece[0]))

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
