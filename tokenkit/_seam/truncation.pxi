# Truncation: settings in, slices out; a part of _core.pyx.

@cython.final
cdef class TruncateSettings:
    """How texts are truncated; the fields are those of Truncation (`truncate.hpp`)."""
    cdef readonly size_t max_tokens
    cdef readonly size_t room
    cdef readonly int keep
    cdef readonly str marker
    cdef readonly bint clusters
    cdef Truncation how
    cdef Borrowed held

    def __cinit__(self, size_t max_tokens, size_t room, int keep, str marker not None,
                  bint clusters):
        if not 0 <= keep <= 2:
            raise ValueError(f"keep must be 0, 1 or 2, got {keep}")
        self.max_tokens, self.room, self.keep = max_tokens, room, keep
        self.marker, self.clusters = marker, clusters
        self.how.max_tokens = max_tokens
        self.how.room = room
        self.how.keep = <Keep>keep
        self.how.marker = borrow(marker, &self.held)
        self.how.clusters = clusters


cdef object truncated_str(const Encoder& encoder, object text, TruncateSettings settings):
    # The text, truncated; itself if all of it fits. None if it has surrogates, which may form pairs
    # where its slices meet.
    cdef Borrowed held
    cdef string_view view
    cdef optional[Slices] slices
    cdef size_t head = 0
    cdef size_t tail = 0
    if not borrow_str(text, &view, &held):
        return None
    with nogil:
        slices = truncate_(encoder, view, settings.how)
        if slices.has_value():
            head = count_chars(string_view(view.data(), slices.value().head))
            tail = count_chars(string_view(view.data() + slices.value().tail,
                                           view.size() - slices.value().tail))
    if not slices.has_value():
        return text
    return text[:head] + settings.marker + text[len(text) - tail:]
