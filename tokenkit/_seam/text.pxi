# Text in; a part of _core.pyx.

cdef struct Borrowed:
    # UTF-8 of a Python object, and what must be given back when it is no longer read.
    const char* data
    Py_ssize_t size
    PyObject* owner
    Memory* made
    bint has_buffer
    Py_buffer buffer


cdef str repaired(object text):
    # Joins valid surrogate pairs and makes U+FFFD of lone surrogates, which UTF-8 cannot hold.
    # Not text.encode(), as a subclass of str may have its own.
    return PyUnicode_AsEncodedString(text, "utf-16", "surrogatepass").decode("utf-16", "replace")


class _InvalidUtf8(ValueError):
    # Keeps the offset at hand for those who know where the bytes come from.
    def __str__(self):
        return f"invalid UTF-8 at byte {self.args[0]}"


cdef int borrow(object text, Borrowed* b) except -1:
    # The text as valid UTF-8.
    borrow_unchecked(text, b)
    if not b.has_buffer:
        return 0
    cdef size_t bad
    with nogil:
        bad = first_invalid(string_view(b.data, b.size))
    if bad != <size_t>-1:
        give_back(b)
        raise _InvalidUtf8(bad)
    return 0


cdef int borrow_unchecked(object text, Borrowed* b) except -1:
    # The bytes of a buffer may be anything.
    b.owner = NULL
    b.made = NULL
    b.has_buffer = False
    if PyUnicode_Check(text):
        if make_utf8(text, b):
            return 0
        try:
            b.data = PyUnicode_AsUTF8AndSize(text, &b.size)
        except UnicodeEncodeError:
            text = repaired(text)
            b.data = PyUnicode_AsUTF8AndSize(text, &b.size)
        Py_INCREF(text)
        b.owner = <PyObject*>text
        return 0
    if not PyObject_CheckBuffer(text):
        raise TypeError(
            f"expected str, or bytes or a buffer that holds UTF-8, got {type(text).__name__}")
    PyObject_GetBuffer(text, &b.buffer, PyBUF_STRIDES | PyBUF_FORMAT)
    b.has_buffer = True
    if not isinstance(text, bytes) and not holds_bytes(&b.buffer):
        give_back(b)
        raise TypeError(
            "expected str, or bytes or a buffer that holds UTF-8, got a buffer that does not hold "
            f"bytes one after the other: {type(text).__name__}")
    b.data = <const char*>b.buffer.buf
    b.size = b.buffer.len
    return 0


cdef inline bint is_short_ascii(object text) noexcept:
    return (PyUnicode_CheckExact(text) and PyUnicode_IS_COMPACT_ASCII(text)
            and PyUnicode_GET_LENGTH(text) < SHORT)


cdef inline string_view ascii_view(object text) noexcept:
    return string_view(<const char*>PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text))


cdef inline int long_str_width(object text) noexcept:
    # The bytes of each character of a str that is worth transcoding; 0 for short ones, those that
    # are UTF-8 as they are, and the old kind that is not ready (before CPython 3.12).
    if (not PyUnicode_Check(text) or PyUnicode_IS_COMPACT_ASCII(text)
            or PyUnicode_GET_LENGTH(text) < SHORT):
        return 0
    return PyUnicode_KIND(text)


cdef bint make_utf8(object text, Borrowed* b) except -1:
    # The UTF-8 of a str in memory of its own: faster than CPython's encoder, and not kept by the
    # str. False if that is not worth it, or cannot be, as there are surrogates.
    cdef int kind = long_str_width(text)
    if kind == 0:
        return False
    cdef size_t length = PyUnicode_GET_LENGTH(text)
    cdef const void* data = PyUnicode_DATA(text)
    cdef size_t size = kNoUtf8
    with nogil:
        if kind == 1:
            size = utf8_size(<const uint8_t*>data, length)
        elif kind == 2:
            size = utf8_size(<const uint16_t*>data, length)
        else:
            size = utf8_size(<const uint32_t*>data, length)
    if size == kNoUtf8:
        return False
    cdef Memory memory
    with nogil:
        memory.grow(size + kTranscodeSlack)
        if kind == 1:
            to_utf8(<const uint8_t*>data, length, <uint8_t*>memory.data())
        elif kind == 2:
            to_utf8(<const uint16_t*>data, length, <uint8_t*>memory.data())
        else:
            to_utf8(<const uint32_t*>data, length, <uint8_t*>memory.data())
    b.made = new Memory()
    b.made.swap(memory)
    b.data = <const char*>b.made.data()
    b.size = size
    return True


cdef bint holds_bytes(Py_buffer* buffer) noexcept:
    # Not numbers, pointers or NumPy's strings, whose memory would be read as some text.
    if buffer.ndim == 0 or buffer.itemsize != 1 or not PyBuffer_IsContiguous(buffer, b"C"):
        return False
    # The format may begin with a sign for the byte order.
    cdef size_t length = 1 if buffer.format == NULL else strlen(buffer.format)
    return buffer.format == NULL or (
        length != 0 and strchr("Bbcs", buffer.format[length - 1]) != NULL)


def check_text(text):
    """Raises TypeError unless `text` is str or holds bytes."""
    cdef Borrowed b
    if not PyUnicode_Check(text):
        borrow_unchecked(text, &b)
        give_back(&b)


cdef void give_back(Borrowed* b) noexcept:
    if b.has_buffer:
        PyBuffer_Release(&b.buffer)
        b.has_buffer = False
    Py_XDECREF(b.owner)
    b.owner = NULL
    del b.made
    b.made = NULL


cdef class _Texts:
    # Borrowed UTF-8 of the items of a sequence.
    cdef vector[string_view] views
    cdef vector[PyObject*] owners    # of strings
    cdef vector[Memory*] made        # for strings
    cdef vector[Py_buffer] buffers   # of the others

    def __cinit__(self, texts, size_t num_threads):
        if isinstance(texts, (str, bytes, bytearray, memoryview)):
            raise TypeError(f"expected a sequence of texts, got one {type(texts).__name__}")
        cdef Borrowed b
        cdef Py_ssize_t index = 0
        cdef vector[string_view] unchecked
        cdef vector[Py_ssize_t] places
        for text in texts:
            try:
                borrow_unchecked(text, &b)
            except TypeError as error:
                raise TypeError(f"item {index}: {error}") from None
            except ValueError as error:
                raise ValueError(f"item {index}: {error}") from None
            self.views.push_back(string_view(b.data, b.size))
            if b.has_buffer:
                self.buffers.push_back(b.buffer)
                unchecked.push_back(self.views.back())
                places.push_back(index)
            elif b.made != NULL:
                self.made.push_back(b.made)
            else:
                self.owners.push_back(b.owner)
            index += 1
        cdef optional[InvalidText] bad
        if unchecked.size() != 0:
            with nogil:
                bad = first_invalid_text(unchecked, num_threads)
            if bad.has_value():
                raise ValueError(f"item {places[bad.value().text]}: "
                                 f"{_InvalidUtf8(bad.value().byte)}")

    def __dealloc__(self):
        cdef size_t i
        for i in range(self.owners.size()):
            Py_XDECREF(self.owners[i])
        for i in range(self.made.size()):
            del self.made[i]
        for i in range(self.buffers.size()):
            PyBuffer_Release(&self.buffers[i])
