#!/usr/bin/env python3
"""Write js/name_rules.js: the words and patterns by which names of models are read.

    python tools/gen_js_names.py            # write the file
    python tools/gen_js_names.py --check    # exit 1 if the file is not what would be written

They are those of tokenkit/shapes/names.py and tokenkit/models; `js/names.js` reads names with them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from table_files import write_or_check

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "js" / "name_rules.js"

sys.path.insert(0, str(ROOT))

from gen_js_data import written  # noqa: E402

from tokenkit.models import naming, registry  # noqa: E402
from tokenkit.shapes import names  # noqa: E402

PATTERNS = {
    "arn": names._ARN,
    "publisher": names._PUBLISHER,
    "prefix": names._PREFIX,
    "variant": names._VARIANT,
    "bedrockPlace": names._BEDROCK_PLACE,
    "bedrockRegion": names._BEDROCK_REGION,
    "bedrockVendor": names._BEDROCK_VENDOR,
    "bedrockVersion": names._BEDROCK_VERSION,
    "atVersion": names._AT_VERSION,
    "azureTuned": names._AZURE_TUNED,
    "swapped": names._SWAPPED,
    "dated": registry._DATED,
}
# What `str.strip` takes off.
BLANKS = [chr(code) for code in range(sys.maxunicode) if chr(code).isspace()]


def rules() -> dict[str, Any]:
    """Collect the words and patterns, each pattern as that of a whole name."""
    return {
        "vendors": names._VENDORS,
        "hosts": names._HOSTS,
        "apis": list(names._APIS),
        "azureRegions": list(names._AZURE_REGIONS),
        "ownHosts": naming._OWN_HOSTS,
        "blanks": "".join(BLANKS),
        "patterns": {name: f"^(?:{pattern.pattern})$" for name, pattern in PATTERNS.items()},
    }


def generate() -> str:
    """Write the whole file."""
    return f"// Made by tools/gen_js_names.py; do not edit.\n\n{written('NAME_RULES', rules())}"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return the exit status."""
    return write_or_check("gen_js_names", __doc__.splitlines()[0], OUTPUT, generate, arguments)


if __name__ == "__main__":
    sys.exit(main())
