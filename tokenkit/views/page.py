"""One self-contained HTML page that shows tokens: nothing is loaded from anywhere.

The page is `page.html`, beside this file, with figures and data filled in. Texts go into it as
JSON in which every character that HTML, JavaScript or a reader of the source could mistake is
escaped, and the page's own policy lets nothing but its one script run, which is named by its hash.

>>> import tokenkit
>>> from tokenkit.views import Part
>>> enc = tokenkit.get_encoding("o200k_base")
>>> html = html_page([Part("hello </script>")], [enc], title="Hello")
>>> html.count("</script>"), "hello \\\\u003c/script\\\\u003e" in html
(2, True)
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from typing import Any

from tokenkit.encodings import Encoding
from tokenkit.views.tokens import HIDDEN, HIDDEN_NAMES, Figures, Part, WindowUse, figures, visible

__all__ = ["html_page"]

# `<` cannot end a script; the others would be taken for line ends, or not be seen in the source.
_UNSAFE = re.compile(f"[<>&]|{HIDDEN.pattern}")
_PLACE = re.compile(r"\{\{(\w+)\}\}")
MOST_ENCODINGS = 2
LEAST_SHARE = 0.004  # a stretch of the bar that would be too thin to be seen; drawn over the next


def html_page(
    parts: Sequence[Part],
    encodings: Sequence[Encoding],
    *,
    title: str,
    subtitle: str = "",
    use: WindowUse | None = None,
) -> str:
    """A page that shows the parts in the colours of their tokens, for one encoding or two.

    `use` adds the bar of a model's window and the cost. The result is a str that can be written
    as UTF-8. Raises ValueError unless there are one or two encodings.
    """
    if not 1 <= len(encodings) <= MOST_ENCODINGS:
        raise ValueError(f"a page shows one encoding or two, not {len(encodings)}")
    template = files("tokenkit.views").joinpath("page.html").read_text("utf-8")
    shown = [part.text for part in parts if part.status != "dropped"]
    counted = [figures(shown, encoding) for encoding in encodings]
    chat = any(part.status in ("kept", "shortened", "dropped") for part in parts)
    label = "Counts of the texts that stay" if chat else "Counts"
    cards = [_sizes_card(label, counted[0]), _tokens_card(counted, encodings)]
    if use is not None:
        cards.append(_window_card(use))
    values = {
        "title": _text(title),
        "heading": _text(title),
        "subtitle": _text(subtitle),
        "classes": "two" if len(encodings) > 1 else "one",
        "cards": "\n".join(cards),
        "data": _json(_data(parts, encodings)),
        "script_hash": _hash(template, "script"),
        "style_hash": _hash(template, "style"),
    }
    # In one pass, so that a text that holds the name of a place is left alone.
    return _PLACE.sub(lambda place: values[place[1]], template)


def _hash(template: str, tag: str) -> str:
    """The name that a content security policy knows the page's script or style by."""
    start = template.index(f"<{tag}>") + len(tag) + 2
    content = template[start : template.index(f"</{tag}>", start)]
    digest = hashlib.sha256(content.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _text(text: str) -> str:
    """Text for HTML, with what could not be seen made visible."""
    return escape(visible(text))


def _json(data: dict[str, Any]) -> str:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return _UNSAFE.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def _data(parts: Sequence[Part], encodings: Sequence[Encoding]) -> dict[str, Any]:
    return {
        "encodings": [encoding.name for encoding in encodings],
        "hidden": _javascript_class(),
        "names": {str(code): name for code, name in HIDDEN_NAMES.items()},
        "parts": [
            {
                "title": part.title,
                "status": part.status,
                "tokens": part.tokens,
                "limit": part.limit,
                "repeated": _units(part.text[: part.repeated]),
                "notes": part.notes,
                "text": part.text,
                "views": [_view(part.text, encoding) for encoding in encodings],
            }
            for part in parts
        ],
    }


def _units(text: str) -> int:
    """The length of text in JavaScript."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _javascript_class() -> str:
    """`HIDDEN` for a JavaScript pattern with the flag u."""
    inner = HIDDEN.pattern[1:-1]
    return "[" + re.sub(r"[^-]", lambda one: f"\\u{{{ord(one[0]):x}}}", inner) + "]"


def _view(text: str, encoding: Encoding) -> dict[str, list[int]]:
    """Tokens for the page: `steps` tells how many UTF-16 units further each token ends, as ~n if
    it shares a character with the one before; `sizes` are the bytes of tokens that share one."""
    ids = encoding.encode_ordinary(text)
    spans = encoding.token_spans(text, unit="utf16").tolist()
    places = encoding.token_spans(text, unit="byte").tolist()
    steps: list[int] = []
    sizes: list[int] = []
    done = 0
    for index, (start, end) in enumerate(spans):
        if start >= done:
            steps.append(end - done)
        else:
            if steps[-1] >= 0:
                sizes.append(places[index - 1][1] - places[index - 1][0])
            sizes.append(places[index][1] - places[index][0])
            steps.append(~(end - done))
        done = end
    return {"ids": ids, "steps": steps, "sizes": sizes}


def _card(title: str, *lines: str) -> str:
    return f'<section class="card"><h2>{title}</h2>{"".join(lines)}</section>'


def _sizes_card(label: str, found: Figures) -> str:
    sizes = {
        "characters": found.characters,
        "bytes": found.bytes,
        "words": found.words,
        "lines": found.lines,
    }
    rows = "".join(f"<div><dt>{name}</dt><dd>{n:,}</dd></div>" for name, n in sizes.items())
    big = f'<p class="big" id="tokens">{found.tokens:,} <small>tokens</small></p>'
    return _card(label, big, f'<dl class="sizes">{rows}</dl>')


def _tokens_card(counted: Sequence[Figures], encodings: Sequence[Encoding]) -> str:
    rule = counted[0].rule_tokens
    most = max([rule, *(found.tokens for found in counted)], default=0) or 1
    rows = []
    for found, encoding in zip(counted, encodings, strict=True):
        rows.append(_bar_row(_text(encoding.name), found.tokens / most, "f-prompt", found.tokens))
    rows.append(_bar_row("4 characters each", rule / most, "f-rule", rule))
    first = counted[0]
    ratio = first.characters_per_token
    big = "–" if ratio is None else f"{ratio:.2f}"
    off = first.rule_error
    words = "The rule of 4 characters per token "
    if off is None:
        words = "No text, no tokens."
    elif abs(off) < 0.005:
        words += "is right here."
    else:
        words += f"would say {abs(off):.0%} too {'many' if off > 0 else 'few'} here."
    return _card(
        "Characters per token",
        f'<p class="big">{big} <small>with {_text(encodings[0].name)}</small></p>',
        f'<table class="compare">{"".join(rows)}</table>',
        f'<p class="quiet">{words}</p>',
    )


def _bar_row(label: str, share: float, style: str, tokens: int) -> str:
    bar = f'<svg class="bar" aria-hidden="true">{_box(0, share, style)}</svg>'
    return f'<tr><th scope="row">{label}</th><td>{bar}</td><td class="n">{tokens:,}</td></tr>'


def _box(start: float, share: float, style: str) -> str:
    return f'<rect x="{start:.3%}" width="{share:.3%}" height="100%" class="{style}"/>'


def _window_card(use: WindowUse) -> str:
    whole = max(use.window, use.prompt)
    over = max(0, -use.free)
    stretches = [
        ("prompt", use.prompt - over, "f-prompt"),
        ("over the limit", over, "f-over"),
        ("left for the prompt", max(0, use.free), "f-free"),
        ("reserved for the reply", min(use.reserved, whole - use.prompt), "f-reserved"),
        ("for neither", use.beyond, "f-beyond"),
    ]
    boxes, legend, at = [], [], 0
    for label, tokens, style in stretches:
        if tokens <= 0:
            continue
        boxes.append(_box(at / whole, max(tokens / whole, LEAST_SHARE), style))
        at += tokens
        key = f'<svg aria-hidden="true">{_box(0, 1, style)}</svg>'
        legend.append(f"<li>{key}{label} <b>{tokens:,}</b></li>")
    spoken = ", ".join(f"{label} {tokens:,}" for label, tokens, _ in stretches if tokens > 0)
    left = (
        f'<span class="over">{over:,} tokens over</span>'
        if over
        else f"{use.free:,} <small>tokens left</small>"
    )
    price = str(use.cost) if use.usd is None else f"{use.usd:f} USD"
    with_reply = f" with a reply of {use.reserved:,} tokens" if use.reserved else " for the prompt"
    limit = f"limit of the prompt: {use.limit:,} ({use.limit_name.replace('_', ' ')})"
    bar = "".join(reversed(boxes))
    return _card(
        f"{_text(use.model)}: {use.window:,} tokens",
        f'<p class="big">{left}</p>',
        f'<svg class="bar window" role="img" aria-label="{spoken}">{bar}</svg>',
        f'<ul class="legend">{"".join(legend)}</ul>',
        f'<p class="quiet" id="cost">{escape(price)}{with_reply} · {limit}</p>',
    )
