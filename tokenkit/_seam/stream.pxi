# A text that comes in parts; a part of _core.pyx.

cdef class PartCounter:
    # What takes str and UTF-8 bytes that are split anywhere, and gives valid UTF-8 to a subclass.
    cdef Py_ssize_t taken  # bytes of the parts so far, for the offset in an error
    cdef StateLock lock   # parts are taken without the GIL, one at a time
    cdef object pending   # a lone surrogate, or the first bytes of a character, that may be joined
    cdef object kind      # str or bytes once the first part came

    def __cinit__(self):
        self.lock = StateLock()

    cdef int feed(self, string_view part) except -1:
        raise NotImplementedError

    cdef size_t sum_with(self, string_view more) except? 0:
        raise NotImplementedError

    def update(self, part):
        """Takes the next part."""
        with self.lock:
            self.take(part)

    cdef int take(self, object part) except -1:
        cdef Borrowed held
        cdef string_view view
        cdef Py_ssize_t tail
        kind = str if isinstance(part, str) else bytes
        if self.kind is not None and self.kind is not kind:
            raise TypeError(
                f"this counter has been given {self.kind.__name__}; it cannot take "
                f"{type(part).__name__} as well")
        if kind is bytes:
            check_text(part)
            if self.pending:
                part = self.pending + bytes(part)
            data = memoryview(part).cast("B")
            tail = incomplete_tail(borrow_bytes(data, &held))
            rest = bytes(data[len(data) - tail:])
            part = data[:len(data) - tail]
        else:
            if self.pending:
                part = self.pending + part
            rest = ""
            if part and "\ud800" <= part[-1] <= "\udbff":
                rest = part[-1]
                part = part[:-1]
        try:
            view = borrow(part, &held)
        except _InvalidUtf8 as error:
            # Say where in the stream it is, not where in this part.
            raise _InvalidUtf8(self.taken + error.args[0]) from None
        self.feed(view)
        self.taken += view.size()
        self.kind = kind
        self.pending = rest
        return 0

    @property
    def total(self):
        """The count of all parts joined. The first bytes of a character are not counted before
        the character is whole; a high surrogate at the end counts as U+FFFD."""
        cdef string_view more
        with self.lock:
            if self.kind is str and self.pending:
                more = string_view("\xef\xbf\xbd", 3)
            return self.sum_with(more)

    cdef void copy_state(self, PartCounter out) noexcept:
        out.taken = self.taken
        out.pending = self.pending
        out.kind = self.kind


@cython.final
cdef class StreamCounter(PartCounter):
    """Counts a text that comes in parts, str or UTF-8 bytes, split anywhere."""
    cdef Core core
    cdef unique_ptr[CStreamCounter] counter

    def __cinit__(self, Core core not None):
        self.core = core
        self.counter.reset(new CStreamCounter(core.encoder.get()[0]))

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
        cdef StreamCounter out = StreamCounter.__new__(StreamCounter, self.core)
        with self.lock:
            out.counter.reset(new CStreamCounter(self.counter.get()[0]))
            self.copy_state(out)
        return out
