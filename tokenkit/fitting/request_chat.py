"""The chat of a request: its messages as they are read, and the request with fewer of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tokenkit.chat import CHATS
from tokenkit.fitting.preflight_result import Preflight
from tokenkit.shapes import APIS, read_request

__all__ = ["CHAT_KEYS", "RequestChat"]

# Where the chat of a request is, by API.
CHAT_KEYS = {
    "chat.completions": "messages",
    "messages": "messages",
    "responses": "input",
    "generate_content": "contents",
}


class RequestChat:
    """The messages of a checked request to one of the APIs in CHAT_KEYS, and its tools.

    Those of `system` and `instructions`, which have keys of their own, are the first messages.
    """

    def __init__(self, check: Preflight) -> None:
        self._body, self._key = check.sent.body, CHAT_KEYS[check.api]
        book = read_request(APIS[check.api], self._body)
        self.messages, _ = CHATS[check.api](book)
        self.tools: Any = book.fields.get("tools")
        given: Any = self._body.get(self._key)
        self._many = isinstance(given, (list, tuple))
        items: list[Any] = list(given) if self._many else [] if given is None else [given]
        self._ahead = len(self.messages) - len(items)
        read = self.messages[self._ahead :]
        self._own_of = {id(one): item for one, item in zip(read, items, strict=True)}

    def request_with(self, messages: Iterable[Any]) -> dict[str, Any]:
        """Return the request with these of its messages; what was not changed is as it was given.

        The first messages that have keys of their own must be among them.
        """
        if not self._many:
            return dict(self._body)
        kept = list(messages)[self._ahead :]
        return {**self._body, self._key: [self._own_of.get(id(one), one) for one in kept]}
