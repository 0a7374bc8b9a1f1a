# Short texts, without a Python function around them; a part of _core.pyx.

# A short text is scanned in less time than Python takes to call a function. Each function below
# makes a method of an encoding from a slow one: the new method answers itself what is short and
# asked in the usual way, and calls the slow one for all else, errors included. So the slow method
# says what the method means; it stays at hand as `__wrapped__`, and tests compare the two.

cdef extern from *:
    """
    // Writes the ids of a short text, and says how many they are: at most one for each byte, and
    // one for a space before the text. Nothing here calls Python, so the GIL guards the sink, whose
    // memory serves the next call. The ids are copied, as to make a list of them may run code that
    // comes here again.
    static size_t encode_short(const tokenkit::Encoder& encoder, std::string_view text,
                               uint32_t* ids) {
      static tokenkit::IdSink& sink = *new tokenkit::IdSink;  // until the process ends
      sink.clear();
      encoder.encode(text, nullptr, sink);
      memcpy(ids, sink.data(), sink.size() * sizeof(uint32_t));
      return sink.size();
    }
    """
    size_t encode_short(const Encoder&, string_view, uint32_t*) except +raise_py_error

cdef extern from "Python.h":
    const char* utf8_or_null "PyUnicode_AsUTF8AndSize"(object text, Py_ssize_t* size)


cdef inline bint short_view(object text, string_view* view) noexcept:
    # The UTF-8 of a str if that is less than SHORT bytes, and lives as long as the str. False for
    # all else, and for what UTF-8 cannot hold.
    cdef Py_ssize_t size
    cdef const char* data
    if is_short_ascii(text):
        view[0] = ascii_view(text)
        return True
    if not PyUnicode_CheckExact(text) or PyUnicode_GET_LENGTH(text) >= SHORT:
        return False
    data = utf8_or_null(text, &size)
    if data == NULL:
        PyErr_Clear()
        return False
    view[0] = string_view(data, size)
    return size < SHORT


cdef class ShortTexts:
    """The base of encodings: holds the core that short texts go to without a detour."""
    cdef Core core          # None: the slow methods answer everything
    cdef SpecialSet every   # all of its special tokens

    def _send_short(self, Core core):
        """Sends short texts to a core; None sends them nowhere, as at first."""
        self.core = core
        self.every = None
        if core is not None:
            self.every = SpecialSet.__new__(SpecialSet)
            self.every.bits.assign(core.encoder.get().specials().tokens().size(), True)

    cdef inline bint holds_special(self, string_view text) except -1:
        return self.core.encoder.get().specials().find(text, 0, self.every.bits).found()


cdef inline bint is_empty_tuple(object value) noexcept:
    return PyTuple_CheckExact(value) and PyTuple_GET_SIZE(value) == 0


cdef object like(object quick, object slow):
    # As functools.wraps, which is not imported for this alone.
    for name in ("__module__", "__name__", "__qualname__", "__doc__", "__annotations__"):
        setattr(quick, name, getattr(slow, name))
    quick.__wrapped__ = slow
    return quick


def quick_count(slow):
    """Makes `count` quick for short str."""
    def count(ShortTexts self, text, *, allowed_special=()):
        cdef string_view view
        if (self.core is not None and is_empty_tuple(allowed_special)
                and short_view(text, &view)):
            return self.core.encoder.get().count(view, NULL)
        return slow(self, text, allowed_special=allowed_special)

    return like(count, slow)


def quick_within(slow):
    """Makes `within` quick for short str and a limit that is an int."""
    def within(ShortTexts self, text, limit):
        cdef string_view view
        cdef int64_t most = -1
        cdef int overflow = 0
        if self.core is not None and PyLong_CheckExact(limit) and short_view(text, &view):
            most = PyLong_AsLongLongAndOverflow(limit, &overflow)
            if overflow == 0 and most >= 0:
                return self.core.within_short(view, most)
        return slow(self, text, limit)

    return like(within, slow)


def quick_encode_ordinary(slow):
    """Makes `encode_ordinary` quick for short str."""
    def encode_ordinary(ShortTexts self, text):
        cdef string_view view
        cdef uint32_t[SHORT] ids
        if self.core is not None and short_view(text, &view):
            return self.core.id_list(ids, encode_short(self.core.encoder.get()[0], view, ids))
        return slow(self, text)

    return like(encode_ordinary, slow)


cdef inline bint encode_as_usual(
    ShortTexts self, object text, object allowed, object disallowed, object nothing,
    uint32_t* ids, size_t* n
) except -1:
    # The ids of a short str in which no special token is allowed, and none is or none is refused.
    cdef string_view view
    if self.core is None or allowed is not nothing or not short_view(text, &view):
        return False
    if not is_empty_tuple(disallowed) and (disallowed is not ALL or self.holds_special(view)):
        return False
    n[0] = encode_short(self.core.encoder.get()[0], view, ids)
    return True


cdef object ALL = "all"


def quick_encode(slow):
    """Makes `encode` quick for short str that hold no special token."""
    cdef object nothing = slow.__kwdefaults__["allowed_special"]

    def encode(ShortTexts self, text, *, allowed_special=nothing, disallowed_special="all"):
        cdef uint32_t[SHORT] ids
        cdef size_t n = 0
        if encode_as_usual(self, text, allowed_special, disallowed_special, nothing, ids, &n):
            return self.core.id_list(ids, n)
        return slow(self, text, allowed_special=allowed_special,
                    disallowed_special=disallowed_special)

    return like(encode, slow)


def quick_encode_to_numpy(slow):
    """Makes `encode_to_numpy` quick for short str that hold no special token."""
    cdef object nothing = slow.__kwdefaults__["allowed_special"]
    cdef object frombuffer = None
    cdef object uint32 = None

    def encode_to_numpy(ShortTexts self, text, *, allowed_special=nothing,
                        disallowed_special="all"):
        nonlocal frombuffer, uint32
        cdef uint32_t[SHORT] ids
        cdef size_t n = 0
        if encode_as_usual(self, text, allowed_special, disallowed_special, nothing, ids, &n):
            if frombuffer is None:
                import numpy
                uint32 = numpy.dtype(numpy.uint32)
                frombuffer = numpy.frombuffer
            return frombuffer(PyBytes_FromStringAndSize(<const char*>ids, n * 4), uint32)
        return slow(self, text, allowed_special=allowed_special,
                    disallowed_special=disallowed_special)

    return like(encode_to_numpy, slow)


def quick_named_count(list asked, dict encodings):
    """Makes the verb `count` quick where a model's name was asked for before.

    `asked[0]` has the names of encodings by those of models, `encodings` what they name.
    """
    def quick(slow):
        def count(text, model=None, *, encoding=None):
            if encoding is None and PyUnicode_CheckExact(model):
                named = encodings.get((<dict>asked[0]).get(model))
                if named is not None:
                    return named.count(text)
            return slow(text, model, encoding=encoding)

        return like(count, slow)

    return quick
