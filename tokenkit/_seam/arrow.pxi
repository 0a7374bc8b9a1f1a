# Arrow; a part of _core.pyx.

cdef void* of_capsule(object capsule, const char* name) except NULL:
    if not PyCapsule_IsValid(capsule, name):
        raise TypeError(f"expected an Arrow capsule ({name.decode()!r}), got {capsule!r}")
    return PyCapsule_GetPointer(capsule, name)


cdef void drop_schema(object capsule) noexcept:
    cdef ArrowSchema* schema = <ArrowSchema*>PyCapsule_GetPointer(capsule, "arrow_schema")
    if schema.release != NULL:
        schema.release(schema)
    free(schema)


cdef void drop_array(object capsule) noexcept:
    cdef ArrowArray* array = <ArrowArray*>PyCapsule_GetPointer(capsule, "arrow_array")
    if array.release != NULL:
        array.release(array)
    free(array)


cdef tuple empty_capsules(ArrowSchema** schema, ArrowArray** array):
    # Capsules around structs that are still to be filled.
    schema[0] = <ArrowSchema*>calloc(1, sizeof(ArrowSchema))
    array[0] = <ArrowArray*>calloc(1, sizeof(ArrowArray))
    if schema[0] == NULL or array[0] == NULL:
        free(schema[0])
        free(array[0])
        raise MemoryError()
    return (PyCapsule_New(schema[0], "arrow_schema", drop_schema),
            PyCapsule_New(array[0], "arrow_array", drop_array))


@cython.final
cdef class ArrowTexts:
    """The texts of an Arrow column, to be read once: `exported` is what its `__arrow_c_array__()`
    or `__arrow_c_stream__()` gave, and is used up. Raises TypeError if it holds no texts."""
    cdef unique_ptr[CArrowTexts] texts

    def __cinit__(self, exported):
        cdef ArrowSchema* schema
        cdef ArrowArray* array
        cdef ArrowArrayStream* stream
        if isinstance(exported, tuple) and len(exported) == 2:
            schema = <ArrowSchema*>of_capsule(exported[0], "arrow_schema")
            array = <ArrowArray*>of_capsule(exported[1], "arrow_array")
            with nogil:
                self.texts.reset(new CArrowTexts(schema, array))
        else:
            stream = <ArrowArrayStream*>of_capsule(exported, "arrow_array_stream")
            with nogil:
                self.texts.reset(new CArrowTexts(stream))

    def __dealloc__(self):
        # A producer may wait for a thread of its own that needs the GIL.
        with nogil:
            self.texts.reset()

    def next_rows(self):
        """The next rows as a list of bytes and None; an empty list at the end."""
        cdef ArrowRows rows
        cdef int64_t i
        with nogil:
            self.texts.get().next(rows, False)
        return [
            None if i < 0 else PyBytes_FromStringAndSize(rows.texts[i].data(), rows.texts[i].size())
            for i in rows.text_of
        ]


@cython.final
cdef class ArrowInt64:
    """Integers, None being null, as an Arrow array that shares its memory; they show through the
    buffer protocol as read-only int64 (format "q"), nulls as 0."""
    cdef shared_ptr[CArrowInt64] column
    cdef Py_ssize_t size
    cdef Py_ssize_t stride

    def __cinit__(self, values=()):
        self.column = make_shared[CArrowInt64]()
        self.stride = sizeof(int64_t)
        for value in values:
            if value is None:
                self.column.get().push_null()
            else:
                self.column.get().push(value)
        self.size = self.column.get().values.size()

    def __len__(self):
        return self.size

    def __getbuffer__(self, Py_buffer* view, int flags):
        fill(view, flags, self, self.column.get().values.data(), "q", sizeof(int64_t), 1,
             &self.size, &self.stride)

    @property
    def null_count(self):
        """The number of nulls."""
        return self.column.get().null_count

    def item(self, Py_ssize_t row):
        """The integer of a row, None if it is null. Raises IndexError outside the array."""
        if not 0 <= row < self.size:
            raise IndexError(f"no row {row}: there are {self.size}")
        return self.column.get().values[row] if self.column.get().is_valid(row) else None

    def tolist(self):
        """The integers as a list of int and None."""
        cdef Py_ssize_t row
        return [self.item(row) for row in range(self.size)]

    def capsules(self):
        """A schema and an array for `__arrow_c_array__`."""
        cdef ArrowSchema* schema
        cdef ArrowArray* array
        capsules = empty_capsules(&schema, &array)
        export_int64(<shared_ptr[const CArrowInt64]>self.column, schema, array)
        return capsules


cdef IdBuffer as_id_buffer(object ids):
    # The same object, or a copy of another buffer.
    if isinstance(ids, IdBuffer):
        return ids
    cdef vector[uint32_t] values
    cdef IdSink sink
    ids_in(ids, &values)
    sink.append(values.data(), values.size())
    return owned_ids(&sink)


cdef Int64Buffer as_int64_buffer(object integers):
    if isinstance(integers, Int64Buffer):
        return integers
    cdef const int64_t[::1] view = integers
    cdef vector[int64_t] values
    cdef Py_ssize_t i
    for i in range(view.shape[0]):
        values.push_back(view[i])
    return owned_int64(shared_vector(values), view.shape[0], 1)


def list_capsules(ids, offsets):
    """Lists of ids for `__arrow_c_array__`: list i is ids[offsets[i]:offsets[i + 1]].

    The memory of an IdBuffer and an Int64Buffer is shared, that of other buffers copied. Raises
    ValueError if the offsets do not grow from 0 on, or end outside the ids.
    """
    cdef IdBuffer values = as_id_buffer(ids)
    cdef Int64Buffer ends = as_int64_buffer(offsets)
    cdef Py_ssize_t i
    cdef int64_t last = 0
    if ends.ndim != 1 or ends.shape[0] == 0:
        raise ValueError("there must be one offset more than there are lists")
    for i in range(ends.shape[0]):
        if not last <= ends.data[i] <= values.size:
            raise ValueError(f"offset {i} is {ends.data[i]}: offsets must grow and stay in the "
                             f"{values.size} ids")
        last = ends.data[i]
    cdef ArrowSchema* schema
    cdef ArrowArray* array
    capsules = empty_capsules(&schema, &array)
    export_lists(<shared_ptr[const uint32_t]>values.memory, values.size,
                 <shared_ptr[const int64_t]>ends.memory, ends.shape[0] - 1, schema, array)
    return capsules
