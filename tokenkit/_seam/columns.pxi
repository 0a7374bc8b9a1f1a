# Columns as results; a part of _core.pyx.

# Types of columns are written as in Arrow's C data interface: "l" for int64, "i" for int32, "I" for
# uint32, "b" for bool, "u" for string, "U" for large_string. A list or a struct is a tuple, with
# its fields as tuples (name, type): ("+l", (("item", "I"),)), ("+s", (("index", "i"), ...)).

@cython.final
cdef class ArrowColumn:
    """A column as an Arrow array that shares its memory, None being null.

    One of int64 shows its integers through the buffer protocol (format "q"), nulls as 0.
    """
    cdef SharedColumn column
    cdef Py_ssize_t size
    cdef Py_ssize_t stride

    def __cinit__(self, type, values):
        """Makes a column of a type (see above) from a list of Python values."""
        self.hold(column_of(type, "", list(values)))

    cdef void hold(self, SharedColumn column) noexcept:
        self.column = column
        self.size = column.get().size()
        self.stride = sizeof(int64_t)

    def __len__(self):
        return self.size

    def __getbuffer__(self, Py_buffer* view, int flags):
        if self.column.get().format != b"l":
            raise BufferError("expected a column of int64")
        fill(view, flags, self, <void*>self.column.get().values[int64_t](), "q", sizeof(int64_t),
             1, &self.size, &self.stride)

    @property
    def type(self):
        """The type, as the constructor takes it."""
        return type_of(self.column.get())

    @property
    def null_count(self):
        """The number of nulls."""
        return self.column.get().nulls.null_count()

    def item(self, Py_ssize_t row):
        """The value of a row, None if it is null. Raises IndexError outside the column."""
        if not 0 <= row < self.size:
            raise IndexError(f"no row {row}: there are {self.size}")
        return item_of(self.column.get(), row)

    def tolist(self):
        """The values as a list; a struct is a dict."""
        cdef Py_ssize_t row
        return [item_of(self.column.get(), row) for row in range(self.size)]

    def schema(self):
        """A schema for `__arrow_c_schema__`."""
        cdef ArrowSchema* schema = new_struct(<ArrowSchema*>NULL)
        capsule = PyCapsule_New(schema, "arrow_schema", drop_schema)
        export_schema(self.column.get()[0], schema)
        return capsule

    def capsules(self):
        """A schema and an array for `__arrow_c_array__`."""
        cdef ArrowArray* array = new_struct(<ArrowArray*>NULL)
        capsule = PyCapsule_New(array, "arrow_array", drop_array)
        export_array(self.column, array)
        return self.schema(), capsule


cdef ArrowColumn shared_column(SharedColumn column):
    cdef ArrowColumn out = ArrowColumn.__new__(ArrowColumn, "l", ())
    out.hold(column)
    return out


cdef object type_of(const CArrowColumn* column):
    cdef str format = column.format.decode()
    if not format.startswith("+"):
        return format
    cdef size_t i
    return format, tuple([
        (column.children[i].get().name.decode(), type_of(column.children[i].get()))
        for i in range(column.children.size())
    ])


cdef object item_of(const CArrowColumn* column, Py_ssize_t row):
    cdef char kind = column.format[0]
    cdef string_view text
    if not column.is_valid(row):
        return None
    if kind == b"l":
        return column.values[int64_t]()[row]
    if kind == b"i":
        return column.values[int32_t]()[row]
    if kind == b"I":
        return column.values[uint32_t]()[row]
    if kind == b"b":
        return <bint>column.bit(row)
    if kind == b"u" or kind == b"U":
        text = column.text(row)
        return PyUnicode_DecodeUTF8(text.data(), text.size(), NULL)
    if column.format == b"+s":
        return struct_of(column, row)
    if column.format == b"+l" or column.format == b"+L":
        return list_of(column, row)
    raise TypeError(f"values of the Arrow type {column.format.decode()!r} cannot be listed here: "
                    "read the column with an Arrow library, such as pyarrow")


cdef dict struct_of(const CArrowColumn* column, Py_ssize_t row):
    cdef size_t i
    return {
        column.children[i].get().name.decode(): item_of(column.children[i].get(), row)
        for i in range(column.children.size())
    }


cdef list list_of(const CArrowColumn* column, Py_ssize_t row):
    cdef const CArrowColumn* items = column.children[0].get()
    cdef size_t start = column.offset(row)
    cdef size_t end = column.offset(row + 1)
    cdef size_t i
    if items.format == b"I" and items.nulls.null_count() == 0:
        return id_list(items.values[uint32_t]() + start, end - start)
    return [item_of(items, i) for i in range(start, end)]


ctypedef fused Number:
    int32_t
    uint32_t
    int64_t


cdef SharedColumn numbers_of(ArrowNumbers[Number]* out, bytes name, list values) except *:
    for value in values:
        if value is None:
            out.push_null()
        else:
            out.push(<Number>value)
    return out.finish(name)


ctypedef fused Offset:
    int32_t
    int64_t


cdef SharedColumn texts_of(ArrowStrings[Offset]* out, bytes name, list values) except *:
    cdef Borrowed held
    for value in values:
        if value is None:
            out.push_null()
        else:
            out.push(borrow(value, &held))
    return out.finish(name)


cdef SharedColumn lists_of(
    ArrowOffsets[Offset]* out, bytes name, tuple item, list values
) except *:
    cdef list items = []
    for value in values:
        if value is None:
            out.push_null()
        else:
            out.push(len(value))
            items += value
    return out.finish_list(column_of(item[1], item[0], items), name)


cdef SharedColumn column_of(object type, str name_, list values) except *:
    # See "Types of columns" above. Raises TypeError or OverflowError for a value of another type.
    cdef ArrowNumbers[int64_t] int64
    cdef ArrowNumbers[int32_t] int32
    cdef ArrowNumbers[uint32_t] uint32
    cdef ArrowBools bools
    cdef ArrowStrings[int32_t] strings
    cdef ArrowStrings[int64_t] large_strings
    cdef ArrowOffsets[int32_t] lists
    cdef ArrowOffsets[int64_t] large_lists
    cdef vector[SharedColumn] fields
    cdef bytes name = name_.encode()
    if type == "l":
        return numbers_of(&int64, name, values)
    if type == "i":
        return numbers_of(&int32, name, values)
    if type == "I":
        return numbers_of(&uint32, name, values)
    if type == "b":
        for value in values:
            if value is None:
                bools.push_null()
            else:
                bools.push(value)
        return bools.finish(name)
    if type == "u":
        return texts_of(&strings, name, values)
    if type == "U":
        return texts_of(&large_strings, name, values)
    if type[0] == "+l":
        return lists_of(&lists, name, type[1][0], values)
    if type[0] == "+L":
        return lists_of(&large_lists, name, type[1][0], values)
    if type[0] == "+s":
        for field, of_field in type[1]:
            fields.push_back(column_of(of_field, field, [value[field] for value in values]))
        return make_struct(fields, len(values), name)
    raise ValueError(f"no columns of the type {type!r} can be made")


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
    shown = PyMemoryView_FromObject(integers)
    cdef Py_ssize_t n
    cdef const int64_t* view = int64_of(shown, &n)
    cdef vector[int64_t] values
    values.assign(view, view + n)
    return owned_int64(shared_vector(values), n, 1)


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
    cdef vector[shared_ptr[const void]] ids_data, offsets_data
    ids_data.push_back(<shared_ptr[const void]>values.memory)
    offsets_data.push_back(<shared_ptr[const void]>ends.memory)
    cdef ArrowNulls none_of_ids, none_of_lists
    none_of_ids.push_valid(values.size)
    none_of_lists.push_valid(ends.shape[0] - 1)
    cdef vector[SharedColumn] items
    items.push_back(make_column(b"I", b"item", none_of_ids, ids_data, vector[SharedColumn]()))
    return shared_column(
        make_column(b"+L", b"", none_of_lists, offsets_data, items)).capsules()
