"""Tokens, chunks and fits to look at, in a terminal or on a page."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.views.corpus_report import (
        report_of as report_of,
        token_report as token_report,
    )
    from tokenkit.views.figures import (
        Figures as Figures,
        WindowUse as WindowUse,
        text_figures as text_figures,
        window_use as window_use,
    )
    from tokenkit.views.inline import Shown as Shown, show as show
    from tokenkit.views.live.app import live_app as live_app
    from tokenkit.views.live.core_files import core_paths as core_paths
    from tokenkit.views.live.page import live_file as live_file
    from tokenkit.views.page import html_page as html_page
    from tokenkit.views.parts import (
        Part as Part,
        chunk_parts as chunk_parts,
        fit_parts as fit_parts,
    )
    from tokenkit.views.report_html import report_page as report_page
    from tokenkit.views.report_result import TokenReport as TokenReport
    from tokenkit.views.tokens import (
        HIDDEN as HIDDEN,
        Segment as Segment,
        Token as Token,
        hidden_name as hidden_name,
        segments as segments,
        visible as visible,
    )
else:
    from tokenkit._face import lazy_face

    __all__, __getattr__, __dir__ = lazy_face(
        __name__,
        {
            "corpus_report": "token_report",
            "figures": "Figures WindowUse text_figures window_use",
            "inline": "Shown show",
            "page": "html_page",
            "parts": "Part chunk_parts fit_parts",
            "report_html": "report_page",
            "report_result": "TokenReport",
            "tokens": "Segment Token hidden_name segments visible",
        },
        internal={
            "corpus_report": "report_of",
            "live.app": "live_app",
            "live.core_files": "core_paths",
            "live.page": "live_file",
            "tokens": "HIDDEN",
        },
    )
