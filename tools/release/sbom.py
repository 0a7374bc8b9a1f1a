"""The bill of materials of a wheel: whose data and code is in it, from where, with hashes.

setup.py calls `bill` for every wheel and puts the result where PEP 770 has it, into the folder
`sboms` of the wheel's metadata. It is CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/). The
hashes are those of the files as they are packed, so the two cannot differ.

    python tools/release/sbom.py    # print the bill of this checkout
"""

from __future__ import annotations

import json
import re
import sys
from datetime import datetime, timezone
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

ROOT = Path(__file__).resolve().parents[2]
FILE_NAME = "tokenkit-bpe.cdx.json"
DATA = "tokenkit/data"
TIKTOKEN = "https://github.com/openai/tiktoken"
# Where tiktoken 0.14.0 loads its vocabularies from: tiktoken_ext/openai_public.py.
VOCABULARIES = "https://openaipublic.blob.core.windows.net/encodings"
# The file that gemma.tkp is packed from, in llama-cpp-python 0.3.36's source distribution.
GEMMA = (
    "https://github.com/ggml-org/llama.cpp/blob/master/models/ggml-vocab-gemma-4.gguf",
    "58b1ba0b57f3b4d7c468ba4ffd91ad85190346a3d7ad7e71d1cabaae8a14bb65",
)
UNICODE = "https://www.unicode.org/Public"
# SPDX expressions, as each package states its licence.
LICENSES = {
    "Cython": "Apache-2.0",
    "libstdc++": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "numpy": "BSD-3-Clause",
    "regex": "Apache-2.0 AND CNRI-Python",
}

Component = dict[str, Any]


def bill(root: Path, cython: str, moment: int | None = None) -> dict[str, Any]:
    """Return the bill of a wheel that is built from the checkout or sdist in `root` with this
    version of Cython. `moment` is the time of the build in seconds since 1970; without it the bill
    has no time.

    Raises ValueError if a vocabulary has no recorded source, or the other way round.
    """
    parts = [
        *vocabularies(root),
        gemma(root),
        registry(root),
        *tables(root),
        tiktoken(root),
        *code(root, cython),
    ]
    release = read_version(root)
    product = {
        **component("library", "tokenkit-bpe", "MIT AND Apache-2.0", version=release),
        "purl": f"pkg:pypi/tokenkit-bpe@{release}",
    }
    metadata: dict[str, Any] = {"lifecycles": [{"phase": "build"}], "component": product}
    if moment is not None:
        metadata["timestamp"] = datetime.fromtimestamp(moment, timezone.utc).isoformat()
    named = [part["bom-ref"] for part in parts]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, json.dumps([product, parts]))}",
        "version": 1,
        "metadata": metadata,
        "components": parts,
        "dependencies": [{"ref": product["bom-ref"], "dependsOn": named}],
    }


def component(kind: str, name: str, license: str, **more: Any) -> Component:
    """Return what every component has; `license` is an SPDX expression."""
    reference = f"{name}@{more['version']}" if "version" in more else name
    return {
        "type": kind,
        "bom-ref": reference,
        "name": name,
        "licenses": [{"expression": license}],
        **more,
    }


def file_parts(root: Path, path: str) -> Component:
    """Return the hash and the place of a file that is packed as it is."""
    digest = sha256((root / path).read_bytes()).hexdigest()
    return {
        "hashes": [{"alg": "SHA-256", "content": digest}],
        "properties": [{"name": "tokenkit:file", "value": path}],
    }


def vocabularies(root: Path) -> list[Component]:
    """Return each packed vocabulary, with the address and the hash of what it was packed from."""
    lines = (root / DATA / "SHA256SUMS").read_text("ascii").splitlines()
    sums = {name.removesuffix(".tiktoken"): digest for digest, name in map(str.split, lines)}
    packed = sorted(path.stem for path in (root / DATA).glob("*.tkv"))
    if packed != sorted(sums):
        raise ValueError(f"expected a source in SHA256SUMS for {packed}, got {sorted(sums)}")
    return [
        {
            **component("data", name, "MIT", supplier={"name": "OpenAI"}),
            **file_parts(root, f"{DATA}/{name}.tkv"),
            "externalReferences": [
                {
                    "type": "source-distribution",
                    "url": f"{VOCABULARIES}/{name}.tiktoken",
                    "comment": "The packed file holds the tokens and ranks of this one.",
                    "hashes": [{"alg": "SHA-256", "content": sums[name]}],
                }
            ],
        }
        for name in packed
    ]


def gemma(root: Path) -> Component:
    """Return the packed vocabulary of Gemma 4, with the hash of what it was packed from."""
    url, digest = GEMMA
    return {
        **component("data", "gemma", "Apache-2.0", supplier={"name": "Google"}),
        **file_parts(root, f"{DATA}/gemma.tkp"),
        "externalReferences": [
            {
                "type": "source-distribution",
                "url": url,
                "comment": "The packed file holds the tokens and the order of merges of this one.",
                "hashes": [{"alg": "SHA-256", "content": digest}],
            }
        ],
    }


def registry(root: Path) -> Component:
    """Return the registry of models, with the day of its last review."""
    path = f"{DATA}/models.json"
    day = json.loads((root / path).read_text("utf-8"))["verified_on"]
    said = {"description": "Limits and prices of models; the file names the source of each number."}
    return {
        **component("data", "models.json", "MIT", version=day, **said),
        **file_parts(root, path),
    }


def tables(root: Path) -> list[Component]:
    """Return the versions of the Unicode Character Database that the core's tables are made of."""
    tables = (root / "csrc/text/unicode_tables.inc").read_text("utf-8")
    releases = sorted(set(re.findall(r"\b1\d\.0\.0\b", tables.partition("\n\n")[0])))
    if not releases:
        raise ValueError("expected versions of Unicode at the top of unicode_tables.inc, got none")
    return [
        component(
            "data",
            "Unicode Character Database",
            "Unicode-3.0",
            version=release,
            supplier={"name": "Unicode, Inc."},
            externalReferences=[{"type": "website", "url": f"{UNICODE}/{release}/ucd/"}],
        )
        for release in releases
    ]


def tiktoken(root: Path) -> Component:
    """Return what was taken from tiktoken; its code is not in the wheel."""
    (release,) = re.findall(r'"tiktoken==([\d.]+)"', requirements(root, "test"))
    return component(
        "data",
        "tiktoken",
        "MIT",
        version=release,
        supplier={"name": "OpenAI"},
        description="The patterns, the special tokens and the table of model names.",
        externalReferences=[{"type": "vcs", "url": TIKTOKEN}],
    )


def code(root: Path, cython: str) -> list[Component]:
    """Return Cython and libstdc++, whose code is in the extension module, and the packages that a
    wheel needs; those are not in it, so they have a requirement and no version."""
    purl = f"pkg:pypi/cython@{cython}"
    found = [component("library", "Cython", LICENSES["Cython"], version=cython, purl=purl)]
    linked = "In the extension module of a wheel for Linux, as the compiler of the build has it."
    found.append(component("library", "libstdc++", LICENSES["libstdc++"], description=linked))
    for requirement in re.findall(r'"([^"]+)"', requirements(root, "dependencies")):
        name = re.split(r"[<>=!~; \[]", requirement)[0]
        found.append(
            component(
                "library",
                name,
                LICENSES[name],
                purl=f"pkg:pypi/{name}",
                properties=[{"name": "tokenkit:requirement", "value": requirement}],
            )
        )
    return found


def requirements(root: Path, key: str) -> str:
    """Return the list of this name in pyproject.toml. The build has no reader of TOML on 3.10."""
    text = (root / "pyproject.toml").read_text("utf-8")
    (found,) = re.findall(rf"^{key} = \[(.*?)\]$", text, re.MULTILINE | re.DOTALL)
    return str(found)


def read_version(root: Path) -> str:
    """Return the version of tokenkit."""
    text = (root / "tokenkit/_version.py").read_text("utf-8")
    (found,) = re.findall(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    return str(found)


def written(root: Path, cython: str, moment: int | None = None) -> str:
    """Return the bill as the text of a file."""
    return json.dumps(bill(root, cython, moment), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(written(ROOT, version("Cython")))
