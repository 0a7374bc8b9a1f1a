# Digests by which texts are known again; a part of _core.pyx.


def cache_bytes():
    """The bytes that TOKENKIT_CACHE_MB allows a table; 16 MB if it is not set."""
    return cache_bytes_()


def text_digest(text, bytes key):
    """A keyed digest, of 16 bytes, of the characters of a str."""
    return str_digest(text, digest_key(key))


def text_digests(texts, bytes key):
    """The digest of each str."""
    cdef DigestKey words = digest_key(key)
    return [str_digest(text, words) for text in texts]


def value_of_text(dict values, text, bytes key):
    """The value in a dict by digests, None if it has none for this str."""
    return values.get(str_digest(text, digest_key(key)))


def count_pairs(rows, str kind, str text, dict bases, dict values, bytes key):
    """Counts rows that are dicts of two items: row[kind] is a str in `bases`, row[text] a str.

    Returns the count of each row, bases[kind] + the value of its text as of value_of_text; the
    texts that have none, of which the base alone is counted, and their indexes; and the indexes of
    rows of another form, which count 0.
    """
    cdef DigestKey words = digest_key(key)
    cdef list counts = [], texts = [], unknown = [], others = []
    cdef Py_ssize_t index = 0
    cdef object name, content, value
    for row in rows:
        base = None
        if type(row) is dict and len(<dict>row) == 2:
            name, content = (<dict>row).get(kind), (<dict>row).get(text)
            if PyUnicode_CheckExact(name) and PyUnicode_CheckExact(content):
                base = bases.get(name)
        if base is None:
            counts.append(0)
            others.append(index)
        else:
            value = values.get(str_digest(content, words))
            if value is None:
                texts.append(content)
                unknown.append(index)
                value = 0
            counts.append(<Py_ssize_t>base + <Py_ssize_t>value)
        index += 1
    return counts, texts, unknown, others


cdef DigestKey digest_key(bytes key) except *:
    cdef DigestKey words
    if key is None or len(key) != sizeof(words):
        raise ValueError(f"expected a key of {sizeof(words)} bytes, got {key!r}")
    memcpy(&words, PyBytes_AS_STRING(key), sizeof(words))
    return words


cdef bytes str_digest(object text, DigestKey key):
    if not PyUnicode_Check(text):
        raise TypeError(f"expected str, got {type(text).__name__}")
    cdef size_t size = PyUnicode_GET_LENGTH(text)
    cdef int width = PyUnicode_KIND(text)
    if width == 0:  # the old kind that is not ready (before CPython 3.12)
        text = PyUnicode_AsEncodedString(text, "utf-32", "surrogatepass")
        return bytes_digest(PyBytes_AS_STRING(text), PyBytes_GET_SIZE(text), 0, key)
    return bytes_digest(PyUnicode_DATA(text), size * width, width, key)


cdef bytes bytes_digest(const void* data, size_t size, int width, DigestKey key):
    # Equal texts have one width, so texts of two widths need two keys: their bytes may be equal.
    cdef Digest found
    key.high ^= width
    if size < SHORT_TO_DIGEST:
        found = digest(data, size, key)
    else:
        with nogil:
            found = digest(data, size, key)
    return PyBytes_FromStringAndSize(<const char*>&found, 16)


def content_sum(data):
    """A sum of 64 bits over a buffer, by which damage is seen; not safe against an adversary."""
    cdef Borrowed held
    cdef string_view view = borrow_bytes(data, &held)
    cdef uint64_t found
    with nogil:
        found = hash_bytes(<const uint8_t*>view.data(), view.size())
    return found
