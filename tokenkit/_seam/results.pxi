# Results out; a part of _core.pyx.

@cython.final
cdef class IdBuffer:
    """Token ids, shown as read-only uint32 (format "I") through the buffer protocol."""
    cdef shared_ptr[uint32_t] memory
    cdef uint32_t* data
    cdef Py_ssize_t size
    cdef Py_ssize_t stride

    def __cinit__(self):
        self.stride = sizeof(uint32_t)

    def __len__(self):
        return self.size

    def __getbuffer__(self, Py_buffer* view, int flags):
        fill(view, flags, self, self.data, "I", sizeof(uint32_t), 1, &self.size, &self.stride)

    def tolist(self):
        """The ids as a list of int."""
        return id_list(self.data, self.size)


@cython.final
cdef class Int64Buffer:
    """Integers, shown as read-only int64 (format "q"), flat or in rows of two."""
    cdef shared_ptr[int64_t] memory
    cdef int64_t* data
    cdef Py_ssize_t[2] shape
    cdef Py_ssize_t[2] strides
    cdef int ndim

    def __cinit__(self):
        self.ndim = 1
        self.strides[0] = sizeof(int64_t)

    def __len__(self):
        return self.shape[0]

    def __getbuffer__(self, Py_buffer* view, int flags):
        fill(view, flags, self, self.data, "q", sizeof(int64_t), self.ndim, self.shape,
             self.strides)

    def tolist(self):
        """The integers as a list of int, or of (start, end) tuples."""
        cdef Py_ssize_t i
        if self.ndim == 2:
            return [(self.data[2 * i], self.data[2 * i + 1]) for i in range(self.shape[0])]
        return [self.data[i] for i in range(self.shape[0])]


cdef int fill(Py_buffer* view, int flags, object owner, void* data, const char* format,
              Py_ssize_t itemsize, int ndim, Py_ssize_t* shape, Py_ssize_t* strides) except -1:
    if flags & PyBUF_WRITABLE:
        raise BufferError("the buffer is read-only")
    cdef Py_ssize_t items = 1
    cdef int i
    for i in range(ndim):
        items *= shape[i]
    view.buf = data
    view.len = items * itemsize
    view.itemsize = itemsize
    view.readonly = 1
    view.format = <char*>format if flags & PyBUF_FORMAT else NULL
    view.ndim = ndim
    view.shape = shape if flags & PyBUF_ND else NULL
    view.strides = strides if (flags & PyBUF_STRIDES) == PyBUF_STRIDES else NULL
    view.suboffsets = NULL
    view.internal = NULL
    view.obj = owner
    return 0


cdef IdBuffer owned_ids(IdSink* sink):
    cdef IdBuffer ids = IdBuffer.__new__(IdBuffer)
    ids.size = sink.size()
    ids.memory = sink.release()
    ids.data = ids.memory.get()
    return ids


cdef Int64Buffer owned_int64(shared_ptr[int64_t] memory, Py_ssize_t rows, int columns):
    cdef Int64Buffer out = Int64Buffer.__new__(Int64Buffer)
    out.ndim = 1 if columns == 1 else 2
    out.shape[0] = rows
    out.shape[1] = columns
    out.strides[0] = sizeof(int64_t) * columns
    out.strides[1] = sizeof(int64_t)
    out.memory = memory
    out.data = memory.get()
    return out


cdef Int64Buffer new_int64(Py_ssize_t rows, int columns):
    cdef int64_t* data = <int64_t*>malloc(max(rows * columns, 1) * sizeof(int64_t))
    if data == NULL:
        raise MemoryError()
    return owned_int64(shared_malloc(data), rows, columns)


cdef list id_list(const uint32_t* ids, Py_ssize_t n):
    cdef list out = PyList_New(n)
    cdef Py_ssize_t i
    cdef object item
    for i in range(n):
        item = PyLong_FromUnsignedLong(ids[i])
        Py_INCREF(item)
        PyList_SET_ITEM(out, i, item)
    return out


cdef extern from *:
    """
    // Fills a list of ids with int objects that are made once and kept. Making an int takes several
    // times as long as counting one more reference, and freeing such a list is faster, too. The
    // objects lie scattered, hence the prefetch. Returns -1 with an exception set.
    static int fill_ids(PyObject* list, const uint32_t* ids, Py_ssize_t n, PyObject** known,
                        uint32_t known_size) {
      for (Py_ssize_t i = 0; i < n; ++i) {
        if (i + 8 < n && ids[i + 8] < known_size) tokenkit::prefetch(known[ids[i + 8]]);
        PyObject* item;
        if (ids[i] >= known_size) {
          item = PyLong_FromUnsignedLong(ids[i]);
          if (item == NULL) return -1;
        } else {
          item = known[ids[i]];
          if (item == NULL) {
            item = known[ids[i]] = PyLong_FromUnsignedLong(ids[i]);
            if (item == NULL) return -1;
          }
          Py_INCREF(item);
        }
        PyList_SET_ITEM(list, i, item);
      }
      return 0;
    }
    """
    int fill_ids(object out, const uint32_t* ids, Py_ssize_t n, PyObject** known,
                 uint32_t known_size) except -1


# Numbers in a buffer: not by Cython's typed memoryviews, which make loading this module slower by a
# tenth of a first count, as they import `collections.abc`.

cdef void* numbers_in(object shown, const char* kinds, Py_ssize_t size, bint writable,
                      Py_ssize_t* n) except? NULL:
    # The numbers of a memoryview, in one row; `kinds` are the formats of their type.
    cdef Py_buffer* buffer = PyMemoryView_GET_BUFFER(shown)
    cdef const char* format = b"B"
    if buffer.format != NULL:
        format = buffer.format
    if format[0] != 0 and strchr(b"@=<", format[0]) != NULL:
        format += 1
    if (buffer.ndim != 1 or not PyBuffer_IsContiguous(buffer, b"C") or buffer.itemsize != size
            or format[0] == 0 or strchr(kinds, format[0]) == NULL or format[1] != 0):
        raise ValueError(f"expected numbers of {size} bytes one after the other, of the format "
                         f"{kinds.decode()[0]}, got a buffer of the format {shown.format}")
    if writable and buffer.readonly:
        raise BufferError("expected a buffer that can be written to")
    n[0] = buffer.shape[0] if buffer.shape != NULL else buffer.len // size
    return buffer.buf


cdef const uint32_t* uint32_of(object shown, Py_ssize_t* n) except? NULL:
    return <const uint32_t*>numbers_in(shown, b"IL", sizeof(uint32_t), False, n)


cdef const int64_t* int64_of(object shown, Py_ssize_t* n) except? NULL:
    return <const int64_t*>numbers_in(shown, b"ql", sizeof(int64_t), False, n)


cdef uint32_t as_id(object item) except? 0xFFFFFFFF:
    cdef object value = item if isinstance(item, int) else item.__index__()
    if value < 0 or value > 0xFFFFFFFF:
        raise OverflowError(f"{value} is not a token id: ids are from 0 to 2**32 - 1")
    return <uint32_t>value


cdef int ids_in(object ids, vector[uint32_t]* out) except -1:
    # Ids from a uint32 buffer or from any other sequence of integers.
    if PyObject_CheckBuffer(ids):
        try:
            read_numbers(ids, out)
            return 0
        except (ValueError, BufferError, TypeError):
            pass
    if isinstance(ids, str) or not PySequence_Check(ids):
        raise TypeError(f"expected a sequence of token ids, got {type(ids).__name__}")
    for item in ids:
        if not isinstance(item, int) and not hasattr(type(item), "__index__"):
            raise TypeError(f"token ids are integers, got {type(item).__name__}")
        out.push_back(as_id(item))
    return 0
