"""Packs vocabularies into `tokenkit/data`, and checks that what is there is what it should be.

    python tools/pack_vocab.py FILE.tiktoken ...   # packs each as tokenkit/data/FILE.tkv
    python tools/pack_vocab.py --check

Packing records the SHA-256 of each source file in `tokenkit/data/SHA256SUMS`. The check needs no
source file: it writes each one again from its image, byte for byte, compares hashes, packs again,
and compares images.
"""

from __future__ import annotations

import argparse
import sys
from hashlib import sha256
from pathlib import Path

from tokenkit._core import FAMILY_CUSTOM, Core, build_image
from tokenkit._writing import WholeFile
from tokenkit.encodings.bundled import source_sha256
from tokenkit.load import load_tiktoken_bpe

DATA = Path(__file__).resolve().parents[1] / "tokenkit" / "data"


def read_sums(folder: Path) -> dict[str, str]:
    """The recorded hash of each source file, by its name."""
    path = folder / "SHA256SUMS"
    if not path.exists():
        return {}
    lines = path.read_text(encoding="ascii").splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def write_sums(folder: Path, sums: dict[str, str]) -> None:
    lines = [f"{digest}  {name}\n" for name, digest in sorted(sums.items())]
    with WholeFile(folder / "SHA256SUMS") as out:
        out.file.write("".join(lines).encode("ascii"))


def pack(source: Path, folder: Path) -> None:
    """Packs one `.tiktoken` file and records its hash."""
    ranks = load_tiktoken_bpe(str(source))
    with WholeFile(folder / f"{source.stem}.tkv") as out:
        out.file.write(build_image(sorted(ranks.items())))
    digest = sha256(source.read_bytes()).hexdigest()
    write_sums(folder, {**read_sums(folder), source.name: digest})


def problems(folder: Path) -> list[str]:
    """List what is wrong with the packed vocabularies in a folder."""
    found = []
    sums = read_sums(folder)
    images = {path.stem for path in folder.glob("*.tkv")}
    sources = {name.removesuffix(".tiktoken") for name in sums}
    found += [f"{name}: image or hash is missing" for name in sorted(images ^ sources)]
    for name in sorted(images & sources):
        image = (folder / f"{name}.tkv").read_bytes()
        try:
            core = Core(image, FAMILY_CUSTOM, {})
            core.verify()
        except ValueError as error:
            found.append(f"{name}: {error}; pack the source files again")
            continue
        if source_sha256(core) != sums[f"{name}.tiktoken"]:
            found.append(f"{name}: the image does not hold the tokens of the recorded source")
        if build_image(core.token_list()) != image:
            found.append(f"{name}: packing again gives another image; pack the source files again")
    return found


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("sources", nargs="*", type=Path, metavar="FILE.tiktoken")
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    parser.add_argument("--folder", type=Path, default=DATA, help="default: tokenkit/data")
    options = parser.parse_args(arguments)
    if options.check == bool(options.sources):
        parser.error("give files to pack, or --check")
    for source in options.sources:
        pack(source, options.folder)
    found = problems(options.folder)
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
