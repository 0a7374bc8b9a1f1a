"""Lines of batch results that hold a failure instead of usage."""

from __future__ import annotations

from typing import Any

import pytest

from tokenkit.shapes.reading import read_usage


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            {
                "custom_id": "b",
                "response": {
                    "status_code": 400,
                    "body": {"error": {"code": "context_length_exceeded", "message": "too long"}},
                },
                "error": None,
            },
            "the request failed (context_length_exceeded: too long)",
        ),
        (
            {"custom_id": "c", "response": None, "error": {"code": "batch_expired"}},
            "the request failed (batch_expired)",
        ),
        ({"custom_id": "d", "result": {"type": "expired"}}, "the request was expired"),
        (
            {
                "custom_id": "e",
                "result": {
                    "type": "errored",
                    "error": {
                        "type": "error",
                        "error": {"type": "invalid_request", "message": "x"},
                    },
                },
            },
            "the request was errored (invalid_request: x)",
        ),
        ({"key": "f", "error": {"code": 3, "message": "bad"}}, "the request failed (3: bad)"),
        (
            {"custom_id": "g", "response": {"status_code": 400, "body": {"id": "r"}}},
            "the request failed with status 400",
        ),
    ],
)
def test_failed_lines_of_a_batch_say_so(line: Any, told: str) -> None:
    with pytest.raises(ValueError, match="no usage: the request") as caught:
        read_usage(line)
    assert told in str(caught.value)
