# Columns of chunks; a part of _core.pyx.

@cython.final
cdef class ArrowIds:
    """The ids of the rows of a column, to be read once: `exported` is as for ArrowTexts. Raises
    TypeError for types that have no values of one size, nor strings or binary."""
    cdef unique_ptr[CArrowTexts] values

    def __cinit__(self, exported):
        cdef ArrowSchema* schema
        cdef ArrowArray* array
        cdef ArrowArrayStream* stream
        if isinstance(exported, tuple) and len(exported) == 2:
            schema = <ArrowSchema*>of_capsule(exported[0], "arrow_schema")
            array = <ArrowArray*>of_capsule(exported[1], "arrow_array")
            with nogil:
                self.values.reset(new CArrowTexts(schema, array, ArrowTypes.kValues))
        else:
            stream = <ArrowArrayStream*>of_capsule(exported, "arrow_array_stream")
            with nogil:
                self.values.reset(new CArrowTexts(stream, ArrowTypes.kValues))

    def __dealloc__(self):
        with nogil:  # as ArrowTexts
            self.values.reset()


@cython.final
cdef class ArrowChunkRows:
    """Texts on their way to chunks, and chunks to columns; see `chunk_rows.hpp`.

    Uses up `texts` and `ids`. With `lists` there is a row of chunks for each row.
    """
    cdef ArrowTexts texts
    cdef ArrowIds ids
    cdef object held  # what `chunking` borrows
    cdef unique_ptr[CArrowChunkRows] rows
    cdef unique_ptr[ArrowChunking] chunking

    def __cinit__(self, ArrowTexts texts not None, ArrowIds ids, bint lists):
        cdef CArrowTexts* values = NULL
        cdef ChunkLayout layout = ChunkLayout.kTable
        self.texts, self.ids = texts, ids
        if ids is not None:
            values = ids.values.get()
        if lists:
            layout = ChunkLayout.kLists
        self.rows.reset(new CArrowChunkRows(texts.texts.get()[0], values, layout))

    def __dealloc__(self):
        self.chunking.reset()
        self.rows.reset()

    @property
    def first_row(self):
        """The number in the column of the first of the rows at hand."""
        return self.rows.get().first_row()

    @property
    def invalid_count(self):
        """The number of rows that were read and made null, as they are not UTF-8."""
        return self.texts.invalid_count

    @property
    def has_batch(self):
        """Whether there are chunks that need not wait for more rows."""
        return self.rows.get().has_batch()

    @property
    def overlong(self):
        """The character that is more than a chunk, if that ended the batches of `chunk_arrow`:
        (row, offset in characters, tokens needed); else None."""
        cdef optional[OverlongCharacter] at
        if self.chunking.get() != NULL:
            at = self.chunking.get().overlong()
        if not at.has_value():
            return None
        return at.value().row, at.value().offset, at.value().needed

    def next_rows(self):
        """More rows as a list of bytes and None; None at the end."""
        cdef cbool more
        cdef size_t i
        cdef const string_view* text
        cdef list out = []
        with nogil:
            more = self.rows.get().next(1)
        if not more:
            return None
        for i in range(self.rows.get().size()):
            text = self.rows.get().text(i)
            out.append(None if text == NULL
                       else PyBytes_FromStringAndSize(text.data(), text.size()))
        return out

    def push(self, size_t row, int32_t index, int64_t start, int64_t end, int32_t tokens,
             str text not None, tuple headings not None):
        """Adds a chunk of one of the rows at hand. Returns the batch that was full before it."""
        cdef Borrowed held
        cdef vector[string] words
        cdef PlacedChunk chunk
        cdef SharedColumn full
        for heading in headings:
            words.push_back(heading.encode())
        chunk.index, chunk.start, chunk.end, chunk.tokens = index, start, end, tokens
        chunk.words = borrow(text, &held)
        chunk.headings = &words
        if self.rows.get().is_full(chunk):
            full = self.rows.get().take()
        self.rows.get().push(row, chunk)
        return shared_column(full) if full else None

    def close(self, size_t row):
        """Says that one of the rows at hand has no more chunks."""
        self.rows.get().close(row)

    def take(self):
        """Returns what was pushed since the last batch, as an ArrowColumn; maybe nothing."""
        return shared_column(self.rows.get().take())


cdef object chunk_column(
    object core, const Encoder& encoder, ArrowChunkRows rows, ChunkSettings settings, int choice,
    size_t num_threads,
):
    cdef SharedColumn batch
    if rows.chunking.get() == NULL:
        rows.held = (core, settings)
        rows.chunking.reset(new ArrowChunking(
            encoder, settings.options, <FormatChoice>choice, num_threads, rows.rows.get()[0]))
    with nogil:
        batch = rows.chunking.get().next()
    return shared_column(batch) if batch else None
