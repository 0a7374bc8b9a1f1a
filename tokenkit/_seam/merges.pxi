# Merges written with the texts of tokens; a part of _core.pyx.

cdef extern from "bpe/merge_names.hpp" namespace "tokenkit" nogil:
    cppclass TokenText:
        string_view characters
        uint8_t width
    bint ids_of_merges_ "tokenkit::ids_of_merges"(
        const vector[TokenText]&, const vector[uint32_t]&, const vector[TokenText]&, uint32_t*
    ) except +raise_py_error


cdef int read_texts(object texts, vector[TokenText]* out) except -1:
    # Views of the characters of str: they live as long as these.
    cdef TokenText item
    for text in texts:
        if not PyUnicode_Check(text):
            raise TypeError(f"expected str, got {type(text).__name__}: {text!r}")
        item.width = PyUnicode_KIND(text)
        item.characters = string_view(
            <const char*>PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text) * item.width
        )
        out.push_back(item)
    return 0


def ids_of_merges(list parts, dict vocab, ids):
    """Writes the ids of merges' parts, two for each merge, into `ids`, a buffer as long as `parts`.

    Returns False if a part is empty or not in `vocab`, or if two joined are not in it; `ids` mean
    nothing then. Neither the list nor the dict may change meanwhile.
    """
    cdef vector[TokenText] names, wanted
    cdef vector[uint32_t] numbers
    cdef bint found
    cdef Py_ssize_t room
    shown = PyMemoryView_FromObject(ids)
    cdef void* places = numbers_in(shown, b"IL", sizeof(uint32_t), True, &room)
    if len(parts) % 2 != 0 or room != len(parts):
        raise ValueError("expected two parts for each merge, and a place for each part")
    if len(parts) == 0:
        return True
    names.reserve(len(vocab))
    wanted.reserve(len(parts))
    numbers.reserve(len(vocab))
    read_texts(vocab, &names)
    for number in vocab.values():
        numbers.push_back(as_id(number))
    read_texts(parts, &wanted)
    with nogil:
        found = ids_of_merges_(names, numbers, wanted, <uint32_t*>places)
    return found
