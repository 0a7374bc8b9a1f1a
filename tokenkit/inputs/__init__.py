"""Where text comes from: files, folders, rows of data files, request files."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.inputs.batch_files import (
        RequestCounter as RequestCounter,
        count_requests as count_requests,
        read_requests as read_requests,
    )
    from tokenkit.inputs.batch_report import (
        Problem as Problem,
        RequestReport as RequestReport,
        RequestTotal as RequestTotal,
    )
    from tokenkit.inputs.chats import count_chats as count_chats
    from tokenkit.inputs.column_counter import OnInvalid as OnInvalid
    from tokenkit.inputs.column_sources import column_spread as column_spread
    from tokenkit.inputs.datasets import (
        FilePart as FilePart,
        data_files as data_files,
        file_identity as file_identity,
        file_parts as file_parts,
        id_type_of as id_type_of,
        size_of as size_of,
    )
    from tokenkit.inputs.decoding import (
        Decoding as Decoding,
        OnError as OnError,
        check_decoding as check_decoding,
    )
    from tokenkit.inputs.distribution import (
        INVALID as INVALID,
        MISSING as MISSING,
        Distribution as Distribution,
        checked_bins as checked_bins,
    )
    from tokenkit.inputs.files import (
        FileCount as FileCount,
        count_files as count_files,
        read_text as read_text,
        read_text_within as read_text_within,
        text_parts as text_parts,
    )
    from tokenkit.inputs.find import find_files as find_files
    from tokenkit.inputs.json_text import json_values as json_values, text_blocks as text_blocks
    from tokenkit.inputs.limits import (
        MOST_MB as MOST_MB,
        check_json_memory as check_json_memory,
        lines_within as lines_within,
        memory_of as memory_of,
        most_bytes as most_bytes,
    )
    from tokenkit.inputs.part_counts import count_parts as count_parts, readers_for as readers_for
    from tokenkit.inputs.readers import (
        READERS as READERS,
        DataKind as DataKind,
        RowOptions as RowOptions,
        RowTexts as RowTexts,
    )
    from tokenkit.inputs.remote import (
        is_uri as is_uri,
        pyarrow_module as pyarrow_module,
        shown_uri as shown_uri,
    )
    from tokenkit.inputs.rows import (
        DATA_ENDINGS as DATA_ENDINGS,
        RowBatch as RowBatch,
        count_rows as count_rows,
        data_kind as data_kind,
        python_texts as python_texts,
        read_rows as read_rows,
        row_options as row_options,
        row_strings as row_strings,
    )
    from tokenkit.inputs.sources import STDIN as STDIN, opened as opened
    from tokenkit.inputs.workers import side_by_side as side_by_side
else:
    from tokenkit._face import lazy_face

    __all__, __getattr__, __dir__ = lazy_face(
        __name__,
        {
            "batch_files": "RequestCounter count_requests read_requests",
            "batch_report": "Problem RequestReport RequestTotal",
            "chats": "count_chats",
            "datasets": "data_files",
            "distribution": "Distribution INVALID MISSING",
            "files": "FileCount count_files read_text",
            "find": "find_files",
            "rows": "RowBatch count_rows data_kind",
            "sources": "STDIN",
        },
        internal={
            "column_counter": "OnInvalid",
            "column_sources": "column_spread",
            "datasets": "FilePart file_identity file_parts id_type_of size_of",
            "decoding": "Decoding OnError check_decoding",
            "distribution": "checked_bins",
            "files": "read_text_within text_parts",
            "json_text": "json_values text_blocks",
            "limits": "MOST_MB check_json_memory lines_within memory_of most_bytes",
            "part_counts": "count_parts readers_for",
            "readers": "READERS DataKind RowOptions RowTexts",
            "remote": "is_uri pyarrow_module shown_uri",
            "rows": "DATA_ENDINGS python_texts read_rows row_options row_strings",
            "workers": "side_by_side",
            "sources": "opened",
        },
    )
