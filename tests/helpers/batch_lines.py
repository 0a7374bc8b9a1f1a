"""Lines of files for the Batch API."""

from __future__ import annotations

import json
from typing import Any

CHAT = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi there"}]
SMALL = "text-embedding-3-small"


def line(number: int, url: str, body: dict[str, Any], **more: Any) -> bytes:
    record = {"custom_id": f"r{number}", "method": "POST", "url": f"/v1/{url}", "body": body}
    return json.dumps({**record, **more}).encode() + b"\n"
