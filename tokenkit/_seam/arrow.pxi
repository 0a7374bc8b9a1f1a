# Arrow: texts in, columns and streams of them out; a part of _core.pyx.

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


cdef void drop_stream(object capsule) noexcept:
    cdef ArrowArrayStream* stream = (
        <ArrowArrayStream*>PyCapsule_GetPointer(capsule, "arrow_array_stream"))
    if stream.release != NULL:
        stream.release(stream)
    free(stream)


ctypedef fused CStruct:
    ArrowSchema
    ArrowArray
    ArrowArrayStream


cdef CStruct* new_struct(CStruct* kind) except NULL:
    # A struct that is still to be filled.
    cdef CStruct* out = <CStruct*>calloc(1, sizeof(CStruct))
    if out == NULL:
        raise MemoryError()
    return out


@cython.final
cdef class ArrowTexts:
    """The texts of an Arrow column, to be read once: `exported` is what its `__arrow_c_array__()`
    or `__arrow_c_stream__()` gave, and is used up. Rows that are not UTF-8 are an error, or null
    with `null_invalid`. Raises TypeError if it holds no texts."""
    cdef unique_ptr[ValidTexts] texts

    def __cinit__(self, exported, bint null_invalid=False):
        cdef ArrowSchema* schema
        cdef ArrowArray* array
        cdef ArrowArrayStream* stream
        if isinstance(exported, tuple) and len(exported) == 2:
            schema = <ArrowSchema*>of_capsule(exported[0], "arrow_schema")
            array = <ArrowArray*>of_capsule(exported[1], "arrow_array")
            with nogil:
                self.texts.reset(new ValidTexts(schema, array, null_invalid))
        else:
            stream = <ArrowArrayStream*>of_capsule(exported, "arrow_array_stream")
            with nogil:
                self.texts.reset(new ValidTexts(stream, null_invalid))

    def __dealloc__(self):
        # A producer may wait for a thread of its own that needs the GIL.
        with nogil:
            self.texts.reset()

    @property
    def large(self):
        """Whether the offsets of its type have 64 bits."""
        return self.texts.get().large()

    @property
    def invalid_count(self):
        """The number of rows that were read and made null, as they are not UTF-8."""
        return self.texts.get().invalid_count()

    def next_rows(self):
        """The next rows as a list of bytes and None; an empty list at the end."""
        cdef ArrowRows rows
        cdef int64_t i
        with nogil:
            self.texts.get().next(rows, False, 1)
        return [
            None if i < 0 else PyBytes_FromStringAndSize(rows.texts[i].data(), rows.texts[i].size())
            for i in rows.text_of
        ]


@cython.final
cdef class _Batches:
    # What a stream gives, and what its last error was.
    cdef ArrowColumn schema
    cdef object columns
    cdef bytes message

    cdef int failed(self, error) noexcept:
        self.message = (str(error) or type(error).__name__).encode("utf-8", "replace")
        if isinstance(error, MemoryError):
            return ENOMEM
        if isinstance(error, NotImplementedError):
            return ENOSYS
        return EINVAL if isinstance(error, (ValueError, TypeError)) else EIO


cdef int schema_of_stream(ArrowArrayStream* stream, ArrowSchema* out) noexcept with gil:
    cdef _Batches batches = <_Batches>stream.private_data
    try:
        export_schema(batches.schema.column.get()[0], out)
    except BaseException as error:
        return batches.failed(error)
    return 0


cdef int next_of_stream(ArrowArrayStream* stream, ArrowArray* out) noexcept with gil:
    cdef _Batches batches = <_Batches>stream.private_data
    cdef ArrowColumn column
    try:
        column = next(batches.columns, None)
        if column is None:
            memset(out, 0, sizeof(ArrowArray))
        else:
            export_array(column.column, out)
    except BaseException as error:
        return batches.failed(error)
    return 0


cdef const char* error_of_stream(ArrowArrayStream* stream) noexcept with gil:
    cdef _Batches batches = <_Batches>stream.private_data
    if batches.message is None:
        return NULL
    return PyBytes_AS_STRING(batches.message)


cdef void release_stream(ArrowArrayStream* stream) noexcept nogil:
    stream.release = NULL
    if Py_IsInitialized():  # a consumer may release it when Python has ended
        with gil:
            Py_DECREF(<object>stream.private_data)


def stream_capsule(ArrowColumn schema not None, columns):
    """A stream for `__arrow_c_stream__`: of what the iterator `columns` gives, when it is asked.

    All must be ArrowColumns of the type of `schema`. An exception of the iterator becomes the
    stream's error: EINVAL for ValueError and TypeError, ENOMEM for MemoryError, else EIO, with the
    exception's text. The consumer may ask on any thread, without the GIL.
    """
    cdef _Batches batches = _Batches.__new__(_Batches)
    batches.schema = schema
    batches.columns = iter(columns)
    cdef ArrowArrayStream* stream = new_struct(<ArrowArrayStream*>NULL)
    capsule = PyCapsule_New(stream, "arrow_array_stream", drop_stream)
    Py_INCREF(batches)
    stream.private_data = <void*>batches
    stream.get_schema = schema_of_stream
    stream.get_next = next_of_stream
    stream.get_last_error = error_of_stream
    stream.release = release_stream
    return capsule
