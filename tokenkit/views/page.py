"""One self-contained HTML page that shows tokens: nothing is loaded from anywhere.

The page is `page.html`, beside this file, with the style (`page.css`), the script (`rows.js`, then
`page.js`), figures and data filled in. Texts are JSON in which every character is escaped that
HTML, JavaScript or a reader of the source could mistake. The page's own policy lets only its one
script run, which it names by a hash.

>>> import tokenkit
>>> from tokenkit.views import Part
>>> enc = tokenkit.get_encoding("o200k_base")
>>> html = html_page([Part("hello </script>")], [enc], title="Hello")
>>> html.count("</script>"), "hello \\\\u003c/script\\\\u003e" in html
(2, True)
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from tokenkit._visible import HIDDEN, escaped
from tokenkit.costs import Cost
from tokenkit.encodings import Encoding
from tokenkit.views.figures import Figures, WindowUse, text_figures
from tokenkit.views.html_parts import (
    box,
    card,
    character_data,
    escaped_text,
    filled,
    policy_hash,
    read_source,
)
from tokenkit.views.parts import Part

__all__ = ["html_page"]

# `<` cannot end a script; the others would be taken for line ends, or not be seen in the source.
_UNSAFE = re.compile(f"[<>&]|{HIDDEN.pattern}")
MOST_ENCODINGS = 2
LEAST_SHARE = 0.004  # of the bar: a thinner stretch would not be seen; drawn over the next


def html_page(
    parts: Sequence[Part],
    encodings: Sequence[Encoding],
    *,
    title: str,
    subtitle: str = "",
    use: WindowUse | None = None,
    price: Cost | None = None,
) -> str:
    """Write a page that shows parts in the colours of their tokens, for one encoding or two.

    `use` adds the bar of a model's window and the cost, `price` what all chunks cost together.
    The result is a str that can be written as UTF-8; lone surrogates are escaped. Raises ValueError
    unless there are one or two encodings.

    >>> import tokenkit
    >>> html = html_page(
    ...     [Part("hello world")], [tokenkit.get_encoding("o200k_base")], title="Hello"
    ... )
    >>> html.startswith("<!doctype html>")
    True
    """
    if not 1 <= len(encodings) <= MOST_ENCODINGS:
        raise ValueError(
            f"expected one encoding or two for a page, got {len(encodings)}; write a page for each"
        )
    style = read_source("page.css")
    # In a function, so that a notebook may hold two pages in one document.
    script = f"(() => {{\n{read_source('rows.js')}{read_source('page.js')}}})();\n"
    shown = [part.text for part in parts if part.status != "dropped"]
    counted = [text_figures(shown, encoding) for encoding in encodings]
    chat = any(part.status in ("kept", "shortened", "dropped") for part in parts)
    label = "Counts of the texts that stay" if chat else "Counts"
    cards = [_sizes_card(label, counted[0]), _tokens_card(counted, encodings)]
    if chunks := [part for part in parts if part.status == "chunk"]:
        cards.insert(1, _chunks_card(chunks, encodings[0], price))
    if use is not None:
        cards.append(_window_card(use))
    values = {
        "title": escaped_text(title),
        "heading": escaped_text(title),
        "subtitle": escaped_text(subtitle),
        "classes": "two" if len(encodings) > 1 else "one",
        "cards": "\n".join(cards),
        "data": _json(_data(parts, encodings)),
        "script": script,
        "script_hash": policy_hash(script),
        "style": style,
        "style_hash": policy_hash(style),
    }
    return filled("page.html", values)


def _json(data: dict[str, Any]) -> str:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return escaped(text, _UNSAFE)


def _data(parts: Sequence[Part], encodings: Sequence[Encoding]) -> dict[str, Any]:
    return {
        "encodings": [encoding.name for encoding in encodings],
        **character_data(),
        "parts": [
            {
                "title": part.title,
                "status": part.status,
                "tokens": part.tokens,
                "limit": part.limit,
                "repeated": _utf16_length(part.text[: part.repeated]),
                "notes": part.notes,
                "text": part.text,
                "raw": [_view(part.text, encoding) for encoding in encodings],
            }
            for part in parts
        ],
    }


def _utf16_length(text: str) -> int:
    """Measure text as JavaScript does, in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _view(text: str, encoding: Encoding) -> dict[str, list[int]]:
    """Encode a text for the page's script (`readView` in rows.js).

    `steps` says how many UTF-16 code units further each token ends, as ~n if it shares a character
    with the one before; `sizes` are the bytes of the tokens that share one.
    """
    ids = encoding.encode_ordinary(text)
    spans = encoding.token_spans(text, unit="utf16").tolist()
    byte_sizes = [end - start for start, end in encoding.token_spans(text, unit="byte").tolist()]
    steps: list[int] = []
    sizes: list[int] = []
    done = 0
    for index, (start, end) in enumerate(spans):
        if start >= done:
            steps.append(end - done)
        else:
            if steps[-1] >= 0:
                sizes.append(byte_sizes[index - 1])
            sizes.append(byte_sizes[index])
            steps.append(~(end - done))
        done = end
    return {"ids": ids, "steps": steps, "sizes": sizes}


def _sizes_card(label: str, figures: Figures) -> str:
    sizes = {
        "characters": figures.characters,
        "bytes": figures.bytes,
        "words": figures.words,
        "lines": figures.lines,
    }
    rows = "".join(f"<div><dt>{name}</dt><dd>{n:,}</dd></div>" for name, n in sizes.items())
    big = f'<p class="big" id="tokens">{figures.tokens:,} <small>tokens</small></p>'
    return card(label, big, f'<dl class="sizes">{rows}</dl>')


def _chunks_card(chunks: Sequence[Part], encoding: Encoding, price: Cost | None) -> str:
    """Show how many chunks there are, their limit, their price, and what they repeat."""
    counts = [encoding.count(part.text) if part.tokens is None else part.tokens for part in chunks]
    repeated = sum(encoding.count(part.text[: part.repeated]) for part in chunks)
    rows = {"smallest": f"{min(counts):,} tokens", "largest": f"{max(counts):,} tokens"}
    limits = {part.limit for part in chunks if part.limit is not None}
    if limits:
        rows["limit"] = f"{max(limits):,} tokens"
    rows["all together"] = f"{sum(counts):,} tokens"
    rows["repeated from the chunk before"] = f"{repeated:,} tokens"
    if price is not None:
        rows["price"] = str(price) if price.partial else f"{price.total:f} USD"
    lines = "".join(
        f"<div><dt>{name}</dt><dd>{escaped_text(row)}</dd></div>" for name, row in rows.items()
    )
    big = f'<p class="big">{len(chunks):,} <small>chunk{"s" * (len(chunks) != 1)}</small></p>'
    return card("Chunks", big, f'<dl class="sizes" id="chunks">{lines}</dl>')


def _tokens_card(counted: Sequence[Figures], encodings: Sequence[Encoding]) -> str:
    first = counted[0]
    most = max(first.rule_tokens, *(figures.tokens for figures in counted)) or 1
    rows = [
        _bar_row(escaped_text(encoding.name), figures.tokens, most, "f-prompt")
        for figures, encoding in zip(counted, encodings, strict=True)
    ]
    rows.append(_bar_row("4 characters each", first.rule_tokens, most, "f-rule"))
    ratio = first.characters_per_token
    big = "–" if ratio is None else f"{ratio:.2f}"
    return card(
        "Characters per token",
        f'<p class="big">{big} <small>with {escaped_text(encodings[0].name)}</small></p>',
        f'<table class="compare">{"".join(rows)}</table>',
        f'<p class="quiet">{_rule_words(first.rule_error)}</p>',
    )


def _rule_words(error: float | None) -> str:
    rule = "The rule of 4 characters per token"
    if error is None:
        return "No text, no tokens."
    if abs(error) < 0.005:
        return f"{rule} is right here."
    return f"{rule} would say {abs(error):.0%} too {'many' if error > 0 else 'few'} here."


def _bar_row(label: str, tokens: int, most: int, style: str) -> str:
    bar = f'<svg class="bar" aria-hidden="true">{box(0, tokens / most, style)}</svg>'
    return f'<tr><th scope="row">{label}</th><td>{bar}</td><td class="n">{tokens:,}</td></tr>'


def _window_card(use: WindowUse) -> str:
    over = max(0, -use.free)
    if over:
        room = f'<span class="over">{over:,} tokens over</span>'
    else:
        room = f"{use.free:,} <small>tokens left</small>"
    price = str(use.cost) if use.usd is None else f"{use.usd:f} USD"
    with_reply = f" with a reply of {use.reserved:,} tokens" if use.reserved else " for the prompt"
    limit = f"limit of the prompt: {use.limit:,} ({use.limit_name.replace('_', ' ')})"
    return card(
        f"{escaped_text(use.model)}: {use.window:,} tokens",
        f'<p class="big">{room}</p>',
        _window_bar(use, over),
        f'<p class="quiet" id="cost">{escaped_text(price)}{with_reply} · {limit}</p>',
    )


def _window_bar(use: WindowUse, over: int) -> str:
    """Draw how the window is filled, and list what each stretch of it means."""
    whole = max(use.window, use.prompt)
    stretches = [
        ("prompt", use.prompt - over, "f-prompt"),
        ("over the limit", over, "f-over"),
        ("left for the prompt", max(0, use.free), "f-free"),
        ("reserved for the reply", min(use.reserved, whole - use.prompt), "f-reserved"),
        ("out of reach of prompt and reply, by their limits", use.beyond, "f-beyond"),
    ]
    boxes, legend, spoken, at = [], [], [], 0
    for label, tokens, style in stretches:
        if tokens <= 0:
            continue
        boxes.append(box(at / whole, max(tokens / whole, LEAST_SHARE), style))
        at += tokens
        key = f'<svg aria-hidden="true">{box(0, 1, style)}</svg>'
        legend.append(f"<li>{key}{label} <b>{tokens:,}</b></li>")
        spoken.append(f"{label} {tokens:,}")
    bar = "".join(reversed(boxes))  # so that a thin stretch is drawn over the next one
    return (
        f'<svg class="bar window" role="img" aria-label="{", ".join(spoken)}">{bar}</svg>'
        f'<ul class="legend">{"".join(legend)}</ul>'
    )
