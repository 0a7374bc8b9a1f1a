"""Builds the extension module ``tokenkit._core``, and wheels that hold their bill of materials.

Everything else is in pyproject.toml.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

# Before what it imports, which such a machine may not have.
MACHINE = f"{sys.byteorder}-endian, {sys.maxsize.bit_length() + 1} bits"
if MACHINE != "little-endian, 64 bits":
    sys.exit(f"tokenkit: expected a Python for little-endian, 64 bits, got {MACHINE}")

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "tools"))  # an isolated build looks only at what it installed

from Cython import __version__ as CYTHON  # noqa: E402
from Cython.Build import cythonize  # noqa: E402
from release import sbom  # noqa: E402
from setuptools import Extension, setup  # noqa: E402
from setuptools.command.bdist_wheel import bdist_wheel  # noqa: E402
from setuptools.command.build_ext import build_ext  # noqa: E402
from setuptools.command.build_py import build_py  # noqa: E402
from setuptools.errors import CompileError, LinkError  # noqa: E402

# One folder per subject; what only checks the others or serves another host is not compiled into
# the module.
APART = {"tests", "fuzz", "wasm"}


def csrc_files(*endings: str) -> list[str]:
    """Return the files of the core with these endings."""
    paths = (path for path in Path("csrc").rglob("*") if path.suffix in endings)
    return sorted(path.as_posix() for path in paths if path.parts[1] not in APART)


SOURCES = csrc_files(".cpp")
HEADERS = csrc_files(".hpp", ".inc")

# The links on the project's page. They are those of the repository that builds the release, which
# names itself here; a build without the variable has none, rather than links that lead nowhere.
PAGE = os.environ.get("TOKENKIT_PROJECT_URL", "").rstrip("/")
LINKS = {
    "Repository": PAGE,
    "Documentation": f"{PAGE}/blob/main/docs/index.md",
    "Changelog": f"{PAGE}/blob/main/CHANGELOG.md",
    "Issues": f"{PAGE}/issues",
}

UNIX_FLAGS = ["-std=c++20", "-O3", "-fvisibility=hidden", "-g0"]
WASM_FLAGS = ["-msimd128", "-fwasm-exceptions"]  # for Pyodide: see docs/javascript.md
MSVC_FLAGS = ["/std:c++20", "/O2", "/EHsc", "/utf-8"]
# On Linux libstdc++ is linked in where the system has it as an archive: the module loads in less
# than half of the time, and where the library is missing or old. libgcc is not: threads that end
# with the process are unwound by the one that the system's C library finds.
LINUX_LIBRARIES = ["-static-libstdc++", "-Wl,--exclude-libs,ALL"]

# Only files with these endings are compiled for a newer x86-64 processor; the code chooses among
# them at run time, so that one wheel runs everywhere. On other processors they get no flags and
# must compile to nothing.
AVX2 = ["-mavx2", "-mbmi", "-mbmi2", "-mlzcnt", "-mpopcnt"]
AVX512 = [*AVX2, "-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl"]
AVX512 += ["-mavx512vbmi", "-mavx512vbmi2"]
SIMD_FLAGS = {"_avx2.cpp": (AVX2, ["/arch:AVX2"]), "_avx512.cpp": (AVX512, ["/arch:AVX512"])}


class BuildExt(build_ext):  # type: ignore[misc]  # setuptools carries no types
    """Compiles the sources in parallel, each with the flags that its name asks for.

    Objects stay in `build/`, also for an editable install, and serve the next build of the same
    Python if nothing that they are made from is newer. `build_ext --force` compiles all.
    """

    def finalize_options(self) -> None:
        super().finalize_options()
        self.build_temp = f"build/temp.{self.plat_name}-{sys.implementation.cache_tag}"

    def is_current(self, source: str, build_folder: str) -> bool:
        """Say whether the object of a source is there, and newer than all that it is made from."""
        path = Path(self.compiler.object_filenames([source], output_dir=build_folder)[0])
        inputs = (source, "setup.py", *HEADERS)
        made = path.stat().st_mtime if path.exists() and not self.force else 0
        return all(Path(name).stat().st_mtime < made for name in inputs)

    def simd_flags(self, source: str) -> list[str]:
        for ending, (unix, msvc) in SIMD_FLAGS.items():
            if not source.endswith(ending):
                continue
            if self.compiler.compiler_type == "msvc":
                return msvc if self.plat_name == "win-amd64" else []
            if sys.platform == "darwin":
                # One run of the compiler may serve arm64 and x86-64 together.
                return [word for flag in unix for word in ("-Xarch_x86_64", flag)]
            return unix if self.plat_name.endswith(("x86_64", "amd64")) else []
        return []

    def links(self, flags: list[str]) -> bool:
        """Say whether a program of C++ links with these flags here."""
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "trial.cpp")
            source.write_text("#include <string>\nint main() { std::string trial; }\n")
            program = str(Path(folder, "trial"))
            try:
                objects = self.compiler.compile([str(source)], output_dir=folder)
                self.compiler.link_executable(
                    objects, program, extra_postargs=flags, target_lang="c++"
                )
            except (CompileError, LinkError):
                return False
        return True

    def build_extension(self, ext: Extension) -> None:
        msvc = self.compiler.compiler_type == "msvc"
        ext.extra_compile_args = MSVC_FLAGS if msvc else UNIX_FLAGS
        if self.plat_name.startswith("emscripten"):
            ext.extra_compile_args = [*UNIX_FLAGS, *WASM_FLAGS]
            ext.extra_link_args = WASM_FLAGS
        elif sys.platform == "linux" and self.links(LINUX_LIBRARIES):
            ext.extra_link_args = LINUX_LIBRARIES
        if msvc and not self.compiler.initialized:
            self.compiler.initialize()  # not safe to do first on several threads
        compile_serially = self.compiler.compile

        def compile_in_parallel(
            sources: list[str],
            output_dir: str,
            extra_postargs: list[str] | None = None,
            **options: Any,
        ) -> list[str]:
            def compile_one(source: str) -> None:
                if not self.is_current(source, output_dir):
                    flags = [*(extra_postargs or []), *self.simd_flags(source)]
                    compile_serially([source], output_dir, extra_postargs=flags, **options)

            with ThreadPoolExecutor(os.cpu_count()) as pool:
                list(pool.map(compile_one, sources))
            objects: list[str] = self.compiler.object_filenames(sources, output_dir=output_dir)
            return objects

        self.compiler.compile = compile_in_parallel
        try:
            super().build_extension(ext)
        finally:
            self.compiler.compile = compile_serially


class BuildPy(build_py):  # type: ignore[misc]
    """Copies the WebAssembly core and its JavaScript face into the package, for the live page.

    A checkout, and so an editable install, reads them from the folder `js`.
    """

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        folder = Path(self.build_lib, "tokenkit", "views", "live", "core")
        folder.mkdir(parents=True, exist_ok=True)
        for path in (*sorted(Path("js").glob("*.js")), Path("js", "tokenkit.wasm")):
            shutil.copyfile(path, folder / path.name)


class BdistWheel(bdist_wheel):  # type: ignore[misc]
    """Writes the bill of materials beside the metadata, where PEP 770 has it."""

    def egg2dist(self, egginfo_path: str, distinfo_path: str) -> None:
        super().egg2dist(egginfo_path, distinfo_path)
        folder = Path(distinfo_path) / "sboms"
        folder.mkdir()
        moment = os.environ.get("SOURCE_DATE_EPOCH")
        text = sbom.written(ROOT, CYTHON, int(moment) if moment else None)
        (folder / sbom.FILE_NAME).write_text(text, encoding="utf-8", newline="\n")


setup(
    ext_modules=cythonize(
        Extension(
            "tokenkit._core",
            sources=["tokenkit/_core.pyx", *SOURCES],
            depends=HEADERS,
            include_dirs=["csrc"],
            language="c++",
        ),
        # Outside the package, so that no generated C++ can end up in an sdist or a wheel.
        build_dir="build/cython",
    ),
    cmdclass={"bdist_wheel": BdistWheel, "build_ext": BuildExt, "build_py": BuildPy},
    project_urls=LINKS if PAGE else {},
)
