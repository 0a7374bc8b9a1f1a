"""Text to ids and back: encodings, the bundled ones, and which model uses which."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.encodings.arrow import (
        ArrowArray as ArrowArray,
        ArrowColumn as ArrowColumn,
        ArrowCounts as ArrowCounts,
        Errors as Errors,
        arrow_ids as arrow_ids,
        arrow_texts as arrow_texts,
    )
    from tokenkit.encodings.bundled import (
        bundled_image as bundled_image,
        get_encoding as get_encoding,
        list_encoding_names as list_encoding_names,
        overhead_of as overhead_of,
        verify as verify,
    )
    from tokenkit.encodings.by_model import (
        MODEL_PREFIX_TO_ENCODING as MODEL_PREFIX_TO_ENCODING,
        MODEL_TO_ENCODING as MODEL_TO_ENCODING,
        encoding_for_model as encoding_for_model,
        encoding_name_for_model as encoding_name_for_model,
    )
    from tokenkit.encodings.cache.cached_files import (
        CachedTokenizer as CachedTokenizer,
        cached_tokenizers as cached_tokenizers,
        check_cached as check_cached,
        clear_cache as clear_cache,
    )
    from tokenkit.encodings.cache.image_cache import cache_folder as cache_folder
    from tokenkit.encodings.encoding import Encoding as Encoding
    from tokenkit.encodings.formats.faults import Fault as Fault
    from tokenkit.encodings.formats.tiktoken_lines import read_ranks as read_ranks
    from tokenkit.encodings.known import ENCODINGS as ENCODINGS
    from tokenkit.encodings.loading import load_encoding as load_encoding
    from tokenkit.encodings.named import (
        encoding_names as encoding_names,
        named_encoding as named_encoding,
    )
    from tokenkit.encodings.ragged import Ragged as Ragged
    from tokenkit.encodings.stream import TokenCounter as TokenCounter
    from tokenkit.encodings.text import (
        SourceOffsets as SourceOffsets,
        repaired as repaired,
    )
    from tokenkit.encodings.verbs import (
        count as count,
        encoding_of as encoding_of,
        truncate as truncate,
    )
else:
    from tokenkit._face import lazy_face

    __all__, __getattr__, __dir__ = lazy_face(
        __name__,
        {
            "arrow": "ArrowColumn ArrowCounts",
            "bundled": "get_encoding list_encoding_names verify",
            "by_model": (
                "MODEL_PREFIX_TO_ENCODING MODEL_TO_ENCODING encoding_for_model "
                "encoding_name_for_model"
            ),
            "encoding": "Encoding",
            "known": "ENCODINGS",
            "loading": "load_encoding",
            "ragged": "Ragged",
            "stream": "TokenCounter",
            "verbs": "count truncate",
        },
        internal={
            "arrow": "ArrowArray Errors arrow_ids arrow_texts",
            "bundled": "bundled_image overhead_of",
            "formats.faults": "Fault",
            "formats.tiktoken_lines": "read_ranks",
            "cache.cached_files": "CachedTokenizer cached_tokenizers check_cached clear_cache",
            "cache.image_cache": "cache_folder",
            "named": "encoding_names named_encoding",
            "text": "SourceOffsets repaired",
            "verbs": "encoding_of",
        },
    )
