"""The table of docs/tokenizers.md: which member of an encoding means what, by kind of tokenizer."""

from __future__ import annotations

import re

import pytest
from file_tokenizers import kind
from members_table import check, rows

import tokenkit

# Members that tell about an encoding, or only those of tiktoken's kind have.
OTHERS = {"enlist", "eot_token", "is_special_token", "n_vocab", "special_tokens_set"} | {
    "native",
    "overhead",
    "source",
    "notes",
}


def test_the_table_is_whole() -> None:
    members = {name for name in dir(tokenkit.Encoding) if not name.startswith("_")}
    assert rows().keys() == members - OTHERS
    for name, cells in rows().items():
        assert len(cells) == 4, name
        assert all(re.match("exact$|defined: |refused$", cell) for cell in cells), name


@pytest.mark.parametrize(
    ("column", "name"),
    [
        *((0, "plain"), (0, "nfc"), (1, "signs"), (1, "llama")),
        *((2, "words"), (2, "unigram")),
    ],
)
def test_members_do_as_the_table_says(column: int, name: str) -> None:
    check(kind(name), column)
