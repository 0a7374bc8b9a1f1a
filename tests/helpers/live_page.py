"""The live page in a browser, as its tests use it: texts to enter, and what it shows."""

from __future__ import annotations

import random
from typing import Any

SAMPLE = "The quick brown fox.\n\tnaïve 漢 👩 مرحبا بالعالم end\n"
ATTACKS = [
    "</script><script>document.title='attacked'</script>",
    "</template></textarea><img src=x onerror=\"document.title='attacked'\">",
    "'\"><svg onload=\"document.title='attacked'\">",
    "<!--<script>\u2028document.title='attacked'//\u2029",
    "a\u202eb\u2066c\u2069 \x00 \x1b[31m \u200b",
]
# Enters each text, and gives the totals that the page then shows.
COUNT_ALL = """async (texts) => {
  const counts = [];
  for (const text of texts) {
    box.value = text;
    box.dispatchEvent(new Event("input"));
    while (app.dataset.busy !== "0") await new Promise((go) => setTimeout(go));
    counts.push(Number(total.dataset.tokens));
  }
  return counts;
}"""


def settled(tab: Any) -> Any:
    """Wait until the page shows all that it was asked for; give it back."""
    tab.wait_for_selector('#app[data-ready][data-busy="0"]', state="attached")
    return tab


def enter(tab: Any, text: str) -> None:
    tab.fill("#box", text)
    settled(tab)


def total(tab: Any) -> int:
    return int(tab.get_attribute("#total", "data-tokens"))


def shown(tab: Any) -> list[str]:
    texts: list[str] = tab.eval_on_selector_all(
        "#stage .t:not(.n)", "all => all.map(one => one.textContent)"
    )
    return texts


def some_texts(number: int) -> list[str]:
    words = [
        "hello",
        " world",
        "\n",
        "  ",
        "naïve",
        "漢字",
        "👩‍👩‍👧",
        "مرحبا",
        "<|endoftext|>",
        "0x1F",
        "{",
        "don't",
    ]
    draw = random.Random(20)
    return ["".join(draw.choices(words, k=draw.randrange(1, 60))) for _ in range(number)]


def counts_of(tab: Any, texts: list[str]) -> list[int]:
    """The totals that the page shows after each of the texts was typed."""
    counts: list[int] = tab.evaluate(COUNT_ALL, texts)
    return counts


def drop(tab: Any, name: str, text: str) -> None:
    files = tab.evaluate_handle(
        """([name, text]) => {
          const all = new DataTransfer();
          all.items.add(new File([text], name));
          return all;
        }""",
        [name, text],
    )
    tab.dispatch_event("#app", "drop", {"dataTransfer": files})
    tab.wait_for_function(
        "name => `${document.querySelector('#source').textContent}${box.value}`.includes(name)",
        arg=name.replace("\u202e", "[RLO]"),
    )
    settled(tab)
