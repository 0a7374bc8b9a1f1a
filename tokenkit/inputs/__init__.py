"""Where text comes from: files, folders, rows of data files, request files."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.inputs.batch_files import (
        Problem as Problem,
        RequestCounter as RequestCounter,
        RequestReport as RequestReport,
        RequestTotal as RequestTotal,
        count_requests as count_requests,
        read_requests as read_requests,
    )
    from tokenkit.inputs.big_texts import Interrupted as Interrupted
    from tokenkit.inputs.files import (
        FileCount as FileCount,
        count_files as count_files,
        find_files as find_files,
        read_text as read_text,
    )
    from tokenkit.inputs.rows import (
        DATA_ENDINGS as DATA_ENDINGS,
        MISSING as MISSING,
        Distribution as Distribution,
        RowBatch as RowBatch,
        count_rows as count_rows,
        data_kind as data_kind,
    )
    from tokenkit.inputs.sources import (
        STDIN as STDIN,
        InputError as InputError,
        MissingPackage as MissingPackage,
        opened as opened,
        pyarrow_module as pyarrow_module,
    )
else:
    from tokenkit._face import lazy_face

    __all__, __getattr__, __dir__ = lazy_face(
        __name__,
        {
            "batch_files": (
                "Problem RequestCounter RequestReport RequestTotal count_requests read_requests"
            ),
            "big_texts": "Interrupted",
            "files": "FileCount count_files find_files read_text",
            "rows": "Distribution MISSING RowBatch count_rows data_kind",
            "sources": "InputError MissingPackage STDIN",
        },
        internal={
            "rows": "DATA_ENDINGS",
            "sources": "opened pyarrow_module",
        },
    )
