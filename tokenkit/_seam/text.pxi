# Text in; a part of _core.pyx.

cdef extern from *:
    """
    #include <memory>
    #include "base/memory.hpp"

    // Keeps alive what a borrowed text lies in: a Python object or memory made for it. Lives and
    // dies with the GIL held, but for one case: a daemon thread that comes back from a call while
    // the interpreter ends is unwound without it, and then leaves the object as it is.
    class Borrowed {
     public:
      Borrowed() = default;
      Borrowed(Borrowed&& other) noexcept
          : owner_(std::exchange(other.owner_, nullptr)), made_(std::move(other.made_)) {}
      ~Borrowed() {
        if (owner_ != nullptr && PyGILState_Check()) Py_DECREF(owner_);
      }
      void keep_object(PyObject* owner) {
        Py_INCREF(owner);
        Py_XSETREF(owner_, owner);
      }
      void keep_memory(tokenkit::Memory& memory) {
        made_ = std::make_unique<tokenkit::Memory>();
        made_->swap(memory);
      }

     private:
      PyObject* owner_ = nullptr;
      std::unique_ptr<tokenkit::Memory> made_;
    };
    """
    cdef cppclass Borrowed:
        Borrowed()
        void keep_object(object)
        void keep_memory(Memory&) except +raise_py_error


cdef str repaired(object text):
    # Joins valid surrogate pairs and makes U+FFFD of lone surrogates, which UTF-8 cannot hold.
    # Not text.encode(), as a subclass of str may have its own.
    return PyUnicode_AsEncodedString(text, "utf-16", "surrogatepass").decode("utf-16", "replace")


class _InvalidUtf8(ValueError):
    # Keeps the offset at hand for those who know where the bytes come from.
    def __str__(self):
        return f"invalid UTF-8 at byte {self.args[0]}"


cdef string_view borrow(object text, Borrowed* held) except *:
    # The text as valid UTF-8, alive as long as `held`.
    cdef string_view view = borrow_unchecked(text, held)
    if not PyUnicode_Check(text):
        check_utf8(view)
    return view


cdef int check_utf8(string_view view) except -1:
    cdef size_t bad
    with nogil:
        bad = first_invalid(view)
    if bad != <size_t>-1:
        raise _InvalidUtf8(bad)
    return 0


cdef string_view borrow_unchecked(object text, Borrowed* held) except *:
    # The bytes of a buffer may be anything.
    cdef string_view view
    if PyUnicode_Check(text):
        if not borrow_str(text, &view, held):
            borrow_str(repaired(text), &view, held)
        return view
    if PyBytes_CheckExact(text):
        held.keep_object(text)
        return string_view(PyBytes_AS_STRING(text), PyBytes_GET_SIZE(text))
    if not PyObject_CheckBuffer(text):
        raise TypeError(
            f"expected str, or bytes or a buffer that holds UTF-8, got {type(text).__name__}")
    shown = PyMemoryView_FromObject(text)
    cdef Py_buffer* buffer = PyMemoryView_GET_BUFFER(shown)
    if not isinstance(text, bytes) and not holds_bytes(buffer):
        raise TypeError(
            "expected str, or bytes or a buffer that holds UTF-8, got a buffer that does not hold "
            f"bytes one after the other: {type(text).__name__}")
    if not buffer.readonly:
        return copied(buffer, held)
    held.keep_object(shown)
    return string_view(<const char*>buffer.buf, buffer.len)


cdef bint borrow_str(object text, string_view* view, Borrowed* held) except *:
    # False for a str with surrogates, which UTF-8 cannot hold.
    cdef Py_ssize_t size = 0
    cdef const char* data
    if make_utf8(text, view, held):
        return True
    try:
        data = PyUnicode_AsUTF8AndSize(text, &size)
    except UnicodeEncodeError:
        return False
    held.keep_object(text)
    view[0] = string_view(data, size)
    return True


cdef string_view copied(Py_buffer* buffer, Borrowed* held) except *:
    # The bytes of a buffer that another thread may change while they are scanned.
    cdef Memory memory
    cdef size_t size = buffer.len
    memory.grow(size)
    if size != 0:
        memcpy(memory.data(), buffer.buf, size)
    cdef string_view view = string_view(<const char*>memory.data(), size)
    held.keep_memory(memory)
    return view


cdef string_view borrow_bytes(object data, Borrowed* held) except *:
    # The memory of any contiguous buffer.
    shown = PyMemoryView_FromObject(data)
    cdef Py_buffer* buffer = PyMemoryView_GET_BUFFER(shown)
    if not PyBuffer_IsContiguous(buffer, b"C"):
        raise BufferError(f"expected bytes one after the other, got {type(data).__name__}")
    held.keep_object(shown)
    return string_view(<const char*>buffer.buf, buffer.len)


cdef inline int view_of(object text, string_view* view, Borrowed* held) except -1:
    # As borrow(), for an argument of a call: a short str of ASCII needs nothing to keep it alive.
    view[0] = ascii_view(text) if is_short_ascii(text) else borrow(text, held)
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


cdef size_t size_in_utf8(const void* data, size_t length, int kind) noexcept nogil:
    if kind == 1:
        return utf8_size(<const uint8_t*>data, length)
    if kind == 2:
        return utf8_size(<const uint16_t*>data, length)
    return utf8_size(<const uint32_t*>data, length)


cdef bint make_utf8(object text, string_view* view, Borrowed* held) except -1:
    # The UTF-8 of a str in memory of its own: faster than CPython's encoder, and not kept by the
    # str. False if that is not worth it, or cannot be, as there are surrogates.
    cdef int kind = long_str_width(text)
    if kind == 0:
        return False
    cdef size_t length = PyUnicode_GET_LENGTH(text)
    cdef const void* data = PyUnicode_DATA(text)
    cdef size_t size
    with nogil:
        size = size_in_utf8(data, length, kind)
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
    view[0] = string_view(<const char*>memory.data(), size)
    held.keep_memory(memory)
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
    cdef Borrowed held
    if not PyUnicode_Check(text):
        borrow_unchecked(text, &held)


def has_surrogates(text not None):
    """Whether a str cannot be written as UTF-8."""
    cdef int kind = long_str_width(text)
    if kind == 0:
        if str.isascii(text):
            return False
        try:
            str.encode(text)
        except UnicodeEncodeError:
            return True
        return False
    if kind == 1:
        return False
    cdef size_t length = PyUnicode_GET_LENGTH(text)
    cdef const void* data = PyUnicode_DATA(text)
    cdef bint has
    with nogil:
        has = size_in_utf8(data, length, kind) == kNoUtf8
    return has


def are_str(list texts):
    """Whether all items are str, and none of a subclass."""
    for text in texts:
        if not PyUnicode_CheckExact(text):
            return False
    return True


def are_texts(items):
    """Whether all items of a list or tuple are str or bytes, and not of a subclass of theirs."""
    for item in items:
        if not PyUnicode_CheckExact(item) and not PyBytes_CheckExact(item):
            return False
    return True


cdef class _Texts:
    # Borrowed UTF-8 of the items of a sequence.
    cdef tuple items  # what lies in their own memory
    cdef vector[string_view] views
    cdef vector[Borrowed] held

    def __cinit__(self, texts, size_t num_threads):
        if isinstance(texts, (str, bytes, bytearray, memoryview)):
            raise TypeError(f"texts: expected a sequence of texts, got one {type(texts).__name__}")
        try:
            iter(texts)
        except TypeError:
            kind = type(texts).__name__
            raise TypeError(f"texts: expected a sequence of texts, got {kind}") from None
        cdef Py_ssize_t index = 0
        cdef vector[string_view] unchecked
        cdef vector[Py_ssize_t] indices
        self.items = tuple(texts)
        self.views.reserve(len(self.items))
        for text in self.items:
            if PyUnicode_CheckExact(text) and PyUnicode_IS_COMPACT_ASCII(text):
                self.views.push_back(ascii_view(text))
                index += 1
                continue
            self.held.emplace_back()
            try:
                self.views.push_back(borrow_unchecked(text, &self.held.back()))
            except (TypeError, ValueError) as error:
                kind = TypeError if isinstance(error, TypeError) else ValueError
                raise kind(f"item {index}: {error}") from None
            if not PyUnicode_Check(text):
                unchecked.push_back(self.views.back())
                indices.push_back(index)
            index += 1
        cdef optional[InvalidText] bad
        if unchecked.size() != 0:
            with nogil:
                bad = first_invalid_text(unchecked, num_threads)
            if bad.has_value():
                raise ValueError(f"item {indices[bad.value().text]}: "
                                 f"{_InvalidUtf8(bad.value().byte)}")


cdef string_view borrow_pieces(
    object data, object ends, Borrowed* held, vector[size_t]* out
) except *:
    # The bytes that hold pieces which end at `ends`.
    shown = PyMemoryView_FromObject(ends)
    cdef string_view view = borrow_bytes(data, held)
    cdef Py_ssize_t i, n
    cdef const int64_t* offsets = int64_of(shown, &n)
    cdef int64_t last = 0
    out.resize(n)
    for i in range(n):
        if offsets[i] < last or <size_t>offsets[i] > view.size():
            raise ValueError(f"piece {i} ends at {offsets[i]}: ends must grow and stay in the data")
        last = offsets[i]
        out[0][i] = last
    return view
