"""Tokens, chunks and fits to look at, in a terminal or on a page."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.views.page import html_page as html_page
    from tokenkit.views.tokens import (
        HIDDEN as HIDDEN,
        Figures as Figures,
        Part as Part,
        Segment as Segment,
        Token as Token,
        WindowUse as WindowUse,
        chunk_parts as chunk_parts,
        figures as figures,
        fit_parts as fit_parts,
        hidden_name as hidden_name,
        segments as segments,
        visible as visible,
        window_use as window_use,
    )
else:
    from tokenkit._face import lazy_face

    __all__, __getattr__, __dir__ = lazy_face(
        __name__,
        {
            "page": "html_page",
            "tokens": (
                "Figures Part Segment Token WindowUse chunk_parts figures fit_parts hidden_name "
                "segments visible window_use"
            ),
        },
        internal={
            "tokens": "HIDDEN",
        },
    )
