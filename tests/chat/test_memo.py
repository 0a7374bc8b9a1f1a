"""The memo of token counts: a slow twin says what it holds, and it never gives a wrong count."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from hypothesis import given, strategies as st

from tokenkit.chat import request
from tokenkit.chat.counting import count_messages
from tokenkit.chat.memo import Memo, TextCounts, TextMemo, counts_for


class SlowMemo:
    """The expected content of a memo, as a list from the oldest to the newest."""

    def __init__(self, max_entries: int, max_chars: int) -> None:
        self.max_entries, self.max_chars = max_entries, max_chars
        self.entries: list[tuple[int, int]] = []  # key, characters

    def keep(self, items: list[tuple[int, int]]) -> None:
        for key, size in items:
            if key not in [known for known, _ in self.entries]:
                self.entries.append((key, size))
        if len(self.entries) > self.max_entries or self.chars() > self.max_chars:
            while len(self.entries) > self.max_entries // 2 or self.chars() > self.max_chars // 2:
                del self.entries[0]

    def chars(self) -> int:
        return sum(size for _, size in self.entries)


ITEMS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 12)), max_size=12)


@given(st.integers(1, 12), st.integers(1, 40), st.lists(ITEMS, max_size=12))
def test_memo_holds_what_its_slow_twin_holds(
    max_entries: int, max_chars: int, batches: list[list[tuple[int, int]]]
) -> None:
    memo: Memo[int, int] = Memo(max_entries, max_chars)
    slow = SlowMemo(max_entries, max_chars)
    for batch in batches:
        before = dict(memo.known)
        reader = memo.known
        memo.keep((key, key * 10, size) for key, size in batch)
        slow.keep(batch)
        assert list(memo.known.items()) == [(key, key * 10) for key, _ in slow.entries]
        assert len(memo.known) <= max_entries
        assert reader.items() >= before.items(), "a dict that readers hold lost entries"


def test_text_counts_are_right_and_bounded() -> None:
    encoding = counts_for("o200k_base").encoding
    counts = TextCounts(encoding, max_entries=10, max_chars=200)
    texts = [f"text number {number}" for number in range(50)]
    assert [counts.count(text) for text in texts] == [encoding.count(text) for text in texts]
    assert len(counts.known) <= 10
    assert texts[-1] in counts.known
    assert texts[0] not in counts.known
    more = [f"another {number}" for number in range(50)]
    counts.learn(more)
    assert list(counts.known) == more[-5:]  # the newest half
    long = "word " * 1_000  # alone over the limit of characters
    assert counts.count(long) == counts.count(long) == encoding.count(long)
    assert not counts.known


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
    upper = TextMemo(lambda text: f"{text}{encoding.count(text)}")
    assert [upper("abc"), upper("abc")] == ["abc3", "abc3"]
    assert encoding.calls == 3


def test_a_chat_larger_than_the_memo(monkeypatch: pytest.MonkeyPatch) -> None:
    own = {
        name: TextCounts(counts_for(name).encoding, max_entries=8, max_chars=100)
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
            memo.keep([(key % 97, key % 97, 1)])
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
