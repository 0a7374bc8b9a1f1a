# Chunks: settings in, spans out; a part of _core.pyx.

@cython.final
cdef class ChunkSettings:
    """How texts are split into chunks; the fields are those of ChunkOptions (`chunk_types.hpp`)."""
    cdef readonly int strategy
    cdef readonly uint32_t limit
    cdef readonly uint32_t room
    cdef readonly uint32_t overlap
    cdef readonly uint32_t min_tokens
    cdef readonly double weight
    cdef readonly bint trim
    cdef readonly str prefix
    cdef readonly tuple separators
    cdef ChunkOptions options
    cdef Borrowed held
    cdef vector[string_view] own_separators

    def __cinit__(self, int strategy, uint32_t limit, uint32_t room, uint32_t overlap,
                  uint32_t min_tokens, double weight, bint trim, str prefix not None,
                  tuple separators not None):
        self.strategy, self.limit, self.room, self.overlap = strategy, limit, room, overlap
        self.min_tokens, self.weight, self.trim, self.prefix = min_tokens, weight, trim, prefix
        self.options.strategy = <ChunkStrategy>strategy
        self.options.limit = limit
        self.options.room = room
        self.options.overlap = overlap
        self.options.min_tokens = min_tokens
        self.options.weight = weight
        self.options.trim = trim
        self.options.prefix = borrow(prefix, &self.held)
        self.separators = separators
        fill_views(separators, self.own_separators)
        self.options.separators = &self.own_separators

    def __reduce__(self):
        return ChunkSettings, (self.strategy, self.limit, self.room, self.overlap,
                               self.min_tokens, self.weight, self.trim, self.prefix,
                               self.separators)


cdef int fill_views(tuple parts, vector[string_view]& views) except -1:
    # Views of bytes objects, which the caller keeps alive.
    cdef bytes part
    for part in parts:
        views.push_back(string_view(PyBytes_AS_STRING(part), PyBytes_GET_SIZE(part)))
    return 0


@cython.final
cdef class ChunkState:
    """Where the chunks of a text that comes in parts were left.

    The next part must begin `dropped` characters after the part that this state came from.
    `headings` is how many headings of that part stand before the chunk to come.
    """
    cdef Resume resume
    cdef readonly size_t dropped
    cdef readonly size_t headings


cdef ChunkState state_after(string_view text, const Resume& rest):
    # What `rest` says, in offsets of a text that begins at rest.context.
    cdef ChunkState out = ChunkState.__new__(ChunkState)
    out.resume = rest
    out.resume.start -= rest.context
    out.resume.cut -= rest.context
    out.resume.context = 0
    out.dropped = count_chars(string_view(text.data(), rest.context))
    out.headings = rest.headings
    return out


cdef list chunks_of_texts(
    const Encoder& encoder, object texts, list formats, ChunkSettings settings, size_t num_threads
):
    cdef _Texts all_texts = _Texts(texts, num_threads)
    cdef vector[ChunkOptions] options
    cdef vector[Chunks] chunks
    cdef ChunkOptions o = settings.options
    cdef size_t i
    for i in range(all_texts.views.size()):
        o.format = <ChunkFormat><int>formats[i]
        options.push_back(o)
    with nogil:
        chunk_batch_(encoder, all_texts.views, options, num_threads, chunks)
    return [chunk_tuples(all_texts.views[i], chunks[i]) for i in range(chunks.size())]


cdef tuple chunks_of_part(
    const Encoder& encoder, str text, int format, ChunkSettings settings, ChunkState state,
    bint more, size_t ahead,
):
    cdef _Texts texts = _Texts([text], 1)
    cdef vector[ChunkOptions] options
    cdef vector[Chunks] chunks
    cdef ChunkOptions o = settings.options
    o.format = <ChunkFormat>format
    o.more = more
    o.ahead = ahead
    if state is not None:
        o.resume = state.resume
        if o.resume.cut > texts.views[0].size():
            raise ValueError("the state is of another text: this one is too short for it")
    options.push_back(o)
    with nogil:
        chunk_batch_(encoder, texts.views, options, 1, chunks)
    return chunk_tuples(texts.views[0], chunks[0]), state_after(texts.views[0], chunks[0].rest)


cdef object chunk_tuples(string_view text, const Chunks& chunks):
    # Byte offsets become characters in one pass over the text.
    cdef size_t at = 0
    cdef size_t chars = 0
    cdef size_t i, start, size
    cdef const ChunkSpan* span
    cdef list spans = []
    cdef list headings = []
    cdef object failure = None
    for i in range(chunks.spans.size()):
        span = &chunks.spans[i]
        chars += count_chars(string_view(text.data() + at, span.start - at))
        at = span.start
        size = count_chars(string_view(text.data() + at, span.end - at))
        spans.append((chars, chars + size, span.tokens, span.overlap, <int>span.level,
                      span.headings))
    at = chars = 0
    for i in range(chunks.headings.size()):
        start = chunks.headings[i].start
        chars += count_chars(string_view(text.data() + at, start - at))
        at = start
        size = count_chars(string_view(text.data() + at, chunks.headings[i].end - at))
        headings.append((chunks.headings[i].depth, chars, chars + size))
    if chunks.failed_at != <size_t>-1:
        failure = (count_chars(string_view(text.data(), chunks.failed_at)), chunks.needed)
    return spans, headings, failure


def text_format(str text, int choice):
    """Returns the number of the format that a text is read in; see `detect.hpp`."""
    cdef Borrowed held
    return <int>format_of(borrow(text, &held), <FormatChoice>choice)


def text_borders(str text, int format, tuple separators not None=()):
    """Returns where a text may be split, see `borders.hpp`; offsets are in characters.

    Borders are tuples (offset, level, tenths of penalty), headings (offset, depth, start, end).
    """
    cdef _Texts texts = _Texts([text], 1)
    cdef string_view view = texts.views[0]
    cdef vector[Border] borders
    cdef vector[Heading] headings
    cdef vector[string_view] own_separators
    cdef LineState lines
    cdef size_t i
    cdef size_t at = 0
    cdef size_t chars = 0
    cdef list split_at = []
    fill_views(separators, own_separators)
    if view.size() >= 1 << 31:
        raise ValueError("the text is 2 GB or more")
    with nogil:
        find_borders_(view, <ChunkFormat>format, own_separators, 0, view.size(), lines, borders,
                      headings)
    for i in range(borders.size()):
        chars += count_chars(string_view(view.data() + at, borders[i].pos - at))
        at = borders[i].pos
        split_at.append((chars, <int>borders[i].level, borders[i].penalty))
    return split_at, [
        (count_chars(string_view(view.data(), headings[i].pos)), headings[i].depth,
         count_chars(string_view(view.data(), headings[i].start)),
         count_chars(string_view(view.data(), headings[i].end)))
        for i in range(headings.size())
    ]


def cluster_ends(str text):
    """Returns where the grapheme clusters of a text end, in characters; see `grapheme.hpp`."""
    cdef Borrowed held
    cdef string_view view = borrow(text, &held)
    cdef size_t at = 0
    cdef size_t end = 0
    cdef size_t chars = 0
    cdef list ends = []
    while at < view.size():
        end = next_grapheme(view, at)
        chars += count_chars(string_view(view.data() + at, end - at))
        ends.append(chars)
        at = end
    return ends


def cluster_border(str text, size_t offset, bint after):
    """Returns the last border of clusters up to an offset, or the first from there on.

    Offsets are in characters; the text holds no surrogates.
    """
    cdef Borrowed held, held_head
    cdef string_view view = borrow(text, &held)
    cdef size_t pos = borrow(text[:offset], &held_head).size()
    with nogil:
        pos = ceil_grapheme(view, pos) if after else floor_grapheme(view, pos)
    return count_chars(string_view(view.data(), pos))
