"""Results in a notebook that was run by a kernel, as a page shows it (`pytest -m browser`)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import tokenkit

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
CELLS = [
    "import tokenkit\ntokenkit.show('naïve 漢 <script>x()</script> 👩 مرحبا', 'gpt-5.4')",
    "chat = [{'role': 'user', 'content': '<b>Hi</b>'}]\ntokenkit.show(chat, 'gpt-5.4')",
    "tokenkit.count_messages(chat, 'gpt-5.4')",
    "tokenkit.fit(chat, 'gpt-5.4')",
    "tokenkit.preflight(model='gpt-5.4', messages=chat)",
    "tokenkit.cost('gpt-5.4', input_tokens=1000, output_tokens=500)",
    "tokenkit.show(tokenkit.chunk('One. Two. Three. ' * 9, 'gpt-5.4', max_tokens=20, overlap=5))",
]


@pytest.fixture(scope="module")
def notebook() -> Any:
    """A notebook with these cells, run."""
    from nbclient import NotebookClient
    from nbformat import v4

    made = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in CELLS])
    folders = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, folders))
    NotebookClient(made, timeout=120, kernel_name="python3").execute()
    return made


@pytest.mark.parametrize("trusted", [True, False])
def test_notebooks_draw_results(notebook: Any, trusted: bool, browser: Any, tmp_path: Path) -> None:
    """The same with all scripts and styles taken out, as in a notebook that is not trusted."""
    from nbconvert import HTMLExporter

    outputs = [cell.outputs[0].data for cell in notebook.cells]
    assert all({"text/html", "text/plain"} <= set(data) for data in outputs)
    page, _ = HTMLExporter(sanitize_html=not trusted).from_notebook_node(notebook)
    (tmp_path / "notebook.html").write_text(page, "utf-8")
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 1000, "height": 1600}
    )
    tab = context.new_page()
    tab.goto((tmp_path / "notebook.html").as_uri())
    text = tab.inner_text("body")
    count = tokenkit.count("naïve 漢 <script>x()</script> 👩 مرحبا", "gpt-5.4")
    check = tokenkit.preflight(model="gpt-5.4", messages=[{"role": "user", "content": "<b>Hi</b>"}])
    for words in (f"{count} tokens", "<b>Hi</b>", "tokens: fits", "0.01 USD"):
        assert words in text
    assert "style=" not in text  # nothing was taken for text that is HTML
    for line in check.report().split("\n"):
        assert line in text
    colours = (
        tab.eval_on_selector_all(
            "span[title]", "all => all.map((one) => getComputedStyle(one).backgroundColor)"
        )
        if trusted
        else ["rgb(253, 230, 191)"]
    )
    assert "rgb(253, 230, 191)" in colours
    tab.screenshot(path=tmp_path / "notebook.png", full_page=True)
    assert (tmp_path / "notebook.png").stat().st_size > 20_000
    context.close()
