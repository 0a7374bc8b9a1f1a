"""The last column of the table of docs/tokenizers.md: members of what runs on `tokenizers`."""

from __future__ import annotations

import pytest
from file_tokenizers import kind
from members_table import check

pytestmark = pytest.mark.open


def test_members_do_as_the_table_says() -> None:
    enc = kind("on tokenizers")
    assert not enc.native
    check(enc, 3)
