"""The live page: its HTML with style, script, models and settings filled in.

>>> page, policy = live_page([])
>>> page.count("<textarea"), "unsafe-inline" in policy
(2, False)
"""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tokenkit._version import __version__
from tokenkit._visible import HIDDEN, escaped
from tokenkit.encodings import bundled_image
from tokenkit.models import RETIREMENT_NOTICE_DAYS, get_model
from tokenkit.views.html_parts import character_data, filled, policy_hash, read_source
from tokenkit.views.live.answers import usable_encodings
from tokenkit.views.live.core_files import core_bytes, read_with_core
from tokenkit.views.live.model_facts import model_facts, prefix_facts
from tokenkit.views.live.script import joined_script

__all__ = ["live_file", "live_page"]

# `<` cannot end a script; the others would be taken for line ends, or not be seen in the source.
UNSAFE = re.compile(f"[<>&]|{HIDDEN.pattern}")


def live_page(files: Sequence[str], *, model: str | None = None) -> tuple[str, str]:
    """Write the page for a server, and the policy that its answer must carry.

    `files` are the names of the texts that the server gives; `model` is the one to begin with.
    Raises UnknownModelError.
    """
    data = page_data(usable_encodings(), model=model)
    data["files"] = [{"name": name} for name in files]
    return filled_page(joined_script("home_server.js", read_with_core), data, "connect-src 'self'")


def live_file(texts: Sequence[tuple[str, str]], encoding: str, *, model: str | None = None) -> str:
    """Write the page as one file that needs no server: the core and a vocabulary are in it.

    `texts` are (name, text) to show. Other encodings that share the vocabulary of `encoding` are
    there, too. Raises UnknownModelError, and UnknownEncodingError for an encoding that is not one
    of tiktoken's.

    >>> page = live_file([("a.txt", "hello world")], "o200k_base")
    >>> 5_000_000 < len(page) < 8_000_000, "<link" in page
    (True, True)
    """
    image, sharing = bundled_image(encoding)
    data = page_data(sharing, model=model)
    data["files"] = [{"name": name, "text": text} for name, text in texts]
    held = {"core": core_bytes(), "vocabulary": image}
    extra = "".join(
        f'\n<script id="{name}" type="application/octet-stream">{_packed(content)}</script>'
        for name, content in held.items()
    )
    script = joined_script("home_core.js", read_with_core)
    page, _ = filled_page(script, data, "connect-src 'none'", extra)
    return page


def _packed(content: bytes) -> str:
    return base64.b64encode(gzip.compress(content, mtime=0)).decode()


def page_data(encodings: Sequence[str], *, model: str | None = None) -> dict[str, Any]:
    """Collect what the page's script knows from the beginning."""
    today = datetime.now().date()
    if model is not None:
        get_model(model)  # which raises for a name that means none
    return {
        "version": __version__,
        "day": today.isoformat(),
        "notice": RETIREMENT_NOTICE_DAYS,
        "encodings": list(encodings),
        "model": model,
        "models": model_facts(today),
        "prefixes": prefix_facts(today),
        **character_data(),
    }


def filled_page(
    script: str, data: Mapping[str, Any], sources: str, extra: str = ""
) -> tuple[str, str]:
    """Fill the page's file, and write its policy: nothing runs but this script and style.

    `sources` are directives of the policy besides; `extra` is HTML beside the data.
    """
    style = read_source("page.css") + read_source("live/live.css")
    policy = (
        f"default-src 'none'; script-src '{policy_hash(script)}'{_wasm(extra)}; "
        f"style-src '{policy_hash(style)}'; img-src data:; {sources}; "
        "base-uri 'none'; form-action 'none'"
    )
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    values = {
        "policy": policy,
        "style": style,
        "data": escaped(text, UNSAFE),
        "extra": extra,
        "script": script,
    }
    return filled("live/live.html", values), f"{policy}; frame-ancestors 'none'"


def _wasm(extra: str) -> str:
    return " 'wasm-unsafe-eval'" if extra else ""
