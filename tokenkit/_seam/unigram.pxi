# Unigram vocabularies; a part of _core.pyx.

def build_unigram_image(tokens, *, uint32_t unknown, bint byte_fallback, bytes charsmap not None,
                        steps, bint at_spaces, bytes sign not None, uint32_t lead, bint at_signs):
    """Builds a Unigram image from (bytes, score) pairs, by id, and what `unigram/image.hpp` says of
    the steps before the model: triples of a number and two bytes.

    Raises ValueError on unusable data.
    """
    cdef UnigramModel model
    cdef pair[string, double] item
    cdef UnigramStep step
    for token, score in tokens:
        if not isinstance(token, bytes):
            raise TypeError(f"tokens are bytes, got {type(token).__name__}: {token!r}")
        item.first = token
        item.second = score
        model.tokens.push_back(item)
    for kind, before, after in steps:
        step.kind = <StepKind><uint32_t>kind
        step.from_ = before
        step.to = after
        model.steps.push_back(step)
    model.unknown = unknown
    model.byte_fallback = byte_fallback
    model.charsmap = charsmap
    model.splits.at_spaces = at_spaces
    model.splits.sign = sign
    model.splits.lead = <UnigramLead>lead
    model.splits.at_signs = at_signs
    cdef vector[uint8_t] image
    with nogil:
        image = build_unigram_image_(model)
    return PyBytes_FromStringAndSize(<const char*>image.data(), image.size())


@cython.final
cdef class UnigramCore(WordsCore):
    """A Unigram vocabulary."""

    def __cinit__(self, image, dict special_tokens, bint normal=False, bint later=False):
        """Makes a core of an image; with `normal`, for text that the normalizer made, with `later`
        for sections that do not begin a text."""
        cdef UnigramGiven given
        given.normal = normal
        given.later = later
        cdef string_view view = borrow_bytes(image, &self.image)
        self.own(new Unigram(view, specials_of(special_tokens), given))
