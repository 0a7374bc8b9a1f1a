"""The bundled encodings: loaded once, found by name."""

from __future__ import annotations

import threading

import tokenkit
from tokenkit import Encoding


def test_two_names_for_one_id() -> None:
    enc = tokenkit.get_encoding("o200k_harmony")
    for name in ("<|endofprompt|>", "<|reserved_200018|>"):
        assert enc.encode(name, allowed_special="all") == [200018]
    assert enc.decode([200018]) == "<|endofprompt|>"


def test_get_encoding_is_one_object_for_all_threads() -> None:
    encodings: list[Encoding] = []
    threads = [
        threading.Thread(target=lambda: encodings.append(tokenkit.get_encoding("p50k_edit")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, encodings))) == 1
