"""Usage objects, messages, tools and models as other systems call them, read into ours."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.shapes.canonical import (
        QUANTITIES as QUANTITIES,
        Image as Image,
        Number as Number,
        Usage as Usage,
    )
    from tokenkit.shapes.usage import read_usage as read_usage
else:
    from tokenkit._face import lazy_face

    __all__, __getattr__, __dir__ = lazy_face(
        __name__,
        {
            "canonical": "Usage",
        },
        internal={
            "canonical": "Image Number QUANTITIES",
            "usage": "read_usage",
        },
    )
