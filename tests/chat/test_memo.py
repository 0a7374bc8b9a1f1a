"""The memo of token counts: a slow twin says what it holds, and it never gives a wrong count."""

from __future__ import annotations

import gc
import os
import sys
import threading
from typing import Any

import pytest
from hypothesis import given, strategies as st

import tokenkit
from tokenkit._core import cache_bytes, text_digest, text_digests, value_of_text
from tokenkit.chat import request
from tokenkit.chat.counting import count_messages
from tokenkit.chat.memo import Memo, TextCounts, counts_for, joined


class SlowMemo:
    """The expected content of a memo, as a list from the oldest to the newest."""

    def __init__(self, max_entries: int) -> None:
        self.max_entries = max_entries
        self.keys: list[int] = []

    def keep(self, keys: list[int]) -> None:
        for key in keys:
            if key not in self.keys:
                self.keys.append(key)
        while len(self.keys) > self.max_entries:
            self.keys = self.keys[len(self.keys) - self.max_entries // 2 :]


@given(st.integers(1, 12), st.lists(st.lists(st.integers(0, 30), max_size=12), max_size=12))
def test_memo_holds_what_its_slow_twin_holds(max_entries: int, batches: list[list[int]]) -> None:
    memo: Memo[int, int] = Memo(max_entries)
    slow = SlowMemo(max_entries)
    for batch in batches:
        before = dict(memo.known)
        reader = memo.known
        memo.keep((key, key * 10) for key in batch)
        slow.keep(batch)
        assert list(memo.known.items()) == [(key, key * 10) for key in slow.keys]
        assert len(memo.known) <= max_entries
        assert reader.items() >= before.items(), "a dict that readers hold lost entries"


TEXTS = st.lists(st.text(max_size=4), max_size=8)


@given(st.integers(0, 6), st.lists(TEXTS, max_size=6))
def test_counts_are_those_of_the_encoding(max_entries: int, batches: list[list[str]]) -> None:
    """In a memo that forgets all the time, by each of its ways to count."""
    encoding = counts_for("o200k_base").encoding
    counts = TextCounts(encoding, max_entries)
    for texts in batches:
        expected = [encoding.count(text) for text in texts]
        assert counts.count_all(texts) == expected
        assert [counts.count(text) for text in texts] == expected
        assert all(
            value_of_text(counts.known, t, counts.key) in (None, n)
            for t, n in zip(texts, expected, strict=True)
        )
        made = "".join(reversed(texts))
        assert counts.count_made(reverse_all, *texts) == encoding.count(made)
        assert len(counts.known) <= max_entries


def reverse_all(*texts: str) -> str:
    return "".join(reversed(texts))


@given(st.lists(st.text(max_size=3), max_size=4), st.lists(st.text(max_size=3), max_size=4))
def test_texts_are_joined_unmistakably(some: list[str], others: list[str]) -> None:
    assert (joined(*some) == joined(*others)) == (some == others)


@given(st.text(max_size=40), st.text(max_size=40), st.binary(min_size=16, max_size=16))
def test_digests_are_of_the_characters(one: str, two: str, key: bytes) -> None:
    """Whatever the width in which Python keeps them, and with a key of their own."""
    assert text_digests([one, two], key) == [text_digest(one, key), text_digest(two, key)]
    assert (text_digest(one, key) == text_digest(two, key)) == (one == two)
    assert text_digest((one + "\U0001f30a")[:-1], key) == text_digest(one, key)
    assert text_digest(one, key[:-1] + bytes([key[-1] ^ 1])) != text_digest(one, key)


def test_widths_never_meet() -> None:
    """Strings whose bytes in memory are equal, though their characters are not."""
    key = bytes(range(16))
    latin, wide, widest = "\xe9\x61\x01\x00", "\u61e9\x01", "\U000161e9"
    assert len({text_digest(text, key) for text in (latin, wide, widest)}) == 3
    assert len({text_digest("\0" * length, key) for length in range(3_000)}) == 3_000
    for wrong in (b"", b"short", b"x" * 17):
        with pytest.raises(ValueError, match="expected a key of 16 bytes"):
            text_digest("a", wrong)
    with pytest.raises(TypeError, match="expected str, got bytes"):
        text_digests(["a", b"a"], key)  # type: ignore[list-item]


def test_known_texts_are_not_counted_again() -> None:
    class Counting:
        calls = 0

        def count(self, text: str) -> int:
            self.calls += 1
            return len(text)

    encoding = Counting()
    counts = TextCounts(encoding)
    assert [counts.count("a"), counts.count("a"), counts.count("bb")] == [1, 1, 2]
    assert encoding.calls == 2
    assert value_of_text(counts.known, "bb", counts.key) == 2
    assert value_of_text(counts.known, "ccc", counts.key) is None
    made = [counts.count_made(reverse_all, "ab", "c") for _ in range(2)]
    assert made == [3, 3]
    assert counts.count_made(reverse_all, "a", "bc") == 3
    assert encoding.calls == 4
    counts.keep([])
    assert len(counts.known) == 4


def test_no_text_stays() -> None:
    """Neither a chat that was counted and fitted, nor what was made of it, is kept anywhere."""
    mark = "hidden"
    arguments = '{"path": "' + mark * 40 + '"}'
    calls = [{"id": i, "function": {"name": "read", "arguments": arguments}} for i in "ab"]
    texts = [f"{mark} question", f"{mark} words " * 2_000, f"{mark} again " * 40, arguments]
    before = [sys.getrefcount(text) for text in texts]
    chat: list[dict[str, Any]] = [
        {"role": "user", "content": texts[0]},
        {"role": "assistant", "tool_calls": calls},
        *({"role": "tool", "tool_call_id": i, "content": texts[1]} for i in "ab"),
        {"role": "user", "content": texts[2]},
    ]
    fitted = tokenkit.fit(chat, "gpt-4", max_output=6_000)
    assert fitted.truncated
    assert tokenkit.fit(chat, "gpt-4", max_output=6_000) == fitted
    tokenkit.estimate_tokens(texts[0], "claude-sonnet-5")
    del chat, fitted
    gc.collect()
    assert [sys.getrefcount(text) for text in texts] == before
    memos = [memo for memo in gc.get_objects() if isinstance(memo, Memo)]
    assert len(memos) >= 2
    assert not any(mark in repr(list(memo.known.items())) for memo in memos)


def test_memory_is_bounded_by_the_setting() -> None:
    """The size of the tables, as Python counts it, when they are full and when they are renewed."""
    memo: Memo[bytes, int] = Memo()
    assert memo.max_entries == cache_bytes() // 256
    full = {os.urandom(16): 1_000 + number for number in range(memo.max_entries)}
    per_entry = sys.getsizeof(b"x" * 16) + sys.getsizeof(1_000)
    size = sys.getsizeof(full) + len(full) * per_entry
    assert size + sys.getsizeof(dict(list(full.items())[len(full) // 2 :])) <= cache_bytes()


def test_a_chat_larger_than_the_memo(monkeypatch: pytest.MonkeyPatch) -> None:
    own = {
        name: TextCounts(counts_for(name).encoding, max_entries=8)
        for name in ("o200k_base", "o200k_harmony")
    }
    monkeypatch.setattr(request, "counts_for", own.__getitem__)
    messages = [{"role": "user", "content": f"message {number} of many"} for number in range(40)]
    for model, name in (("gpt-4o", "o200k_base"), ("gpt-oss-20b", "o200k_harmony")):
        size = counts_for(name).encoding.count
        priming = 3 if model == "gpt-4o" else 2
        counted = count_messages(messages, model).tokens
        assert counted == priming + sum(4 + size(str(m["content"])) for m in messages)
        assert len(own[name].known) <= 8


def test_threads_share_a_memo() -> None:
    memo: Memo[int, int] = Memo(max_entries=50)
    wrong: list[Any] = []

    def work(start: int) -> None:
        for key in range(start, start + 2_000):
            memo.keep([(key % 97, key % 97)])
            value = memo.known.get(key % 89)
            if value is not None and value != key % 89:
                wrong.append((key, value))

    threads = [threading.Thread(target=work, args=(100 * i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(memo.known) <= 50
