"""Frames of the live page while one types into 100 KB, beside a bare textarea.

`python -m benchmarks.keystrokes [--chromium PATH]` needs the extra `browser`. It types into the
middle of two texts of 100,000 characters, one with lines and one of a single line, and prints the
time from a key to the end of the frame that shows it, and how many frames came late.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path
from typing import Any

from tokenkit.views import live_file

SENTENCE = "The quick brown fox jumps over the lazy dog, and 漢字 too. "
TEXTS = {
    "lines of 500 characters": ((SENTENCE * 9 + "\n\n") * 200)[:100_000],
    "one line": (SENTENCE * 1_800)[:100_000],
}
BARE = """<!doctype html><style>textarea { width: 100%; font: .95rem/1.5 monospace }</style>
<textarea id="box" rows="7" spellcheck="false"></textarea>"""
KEYS = "typed into the middle of a long text, as people do, " * 2
LATE = 20  # milliseconds: a frame of 60 a second takes 16.7
WATCH = """() => {
  window.keys = [];
  window.frames60 = [];
  box.addEventListener("keydown", (event) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => keys.push(performance.now() - event.timeStamp);
    requestAnimationFrame(() => channel.port2.postMessage(0)); // which comes when it is painted
  });
  let last = performance.now();
  const frame = (now) => {
    frames60.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}"""


def measured(tab: Any, text: str, pause: int) -> str:
    """Type all keys into the middle of the text; give the times in words."""
    tab.wait_for_selector("#box")
    tab.evaluate(
        "text => { box.value = text; box.dispatchEvent(new Event('input', {bubbles: true})); }",
        text,
    )
    tab.wait_for_timeout(1_500)
    tab.focus("#box")
    tab.evaluate("place => box.setSelectionRange(place, place)", len(text) // 2)
    tab.wait_for_timeout(300)
    tab.evaluate(WATCH)
    for key in KEYS:
        tab.keyboard.press("Space" if key == " " else key)
        tab.wait_for_timeout(pause)
    keys, frames = tab.evaluate("[keys, frames60.slice(2)]")
    late = sum(time > LATE for time in frames) / len(frames)
    ends = statistics.quantiles(keys, n=20)
    return f"{statistics.median(keys):.1f} | {ends[-1]:.1f} | {late:.1%}"


def main() -> None:
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--chromium", default="/usr/bin/chromium", help="the browser's program")
    parser.add_argument("--pause", type=int, default=33, help="milliseconds between keys")
    parser.add_argument("--rounds", type=int, default=2, help="how often both pages are tried")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        pages = {"bare textarea": BARE, "live page": live_file([], "o200k_base")}
        browser = playwright.chromium.launch(executable_path=options.chromium)
        print(f"Chromium {browser.version}")
        print("| text | page | key to frame, ms | 95th percentile | late frames |")
        print("|---|---|---:|---:|---:|")
        for name, text in TEXTS.items():
            for page, html in list(pages.items()) * options.rounds:
                path = Path(folder, "page.html")
                path.write_text(html, "utf-8")
                tab = browser.new_page(viewport={"width": 1300, "height": 900})
                tab.goto(path.as_uri())
                print(f"| {name} | {page} | {measured(tab, text, options.pause)} |")
                tab.close()
        browser.close()


if __name__ == "__main__":
    main()
