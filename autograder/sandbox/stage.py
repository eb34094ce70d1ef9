"""What a jail may import of ours, copied out of the tree that also holds solutions: course_lib and the sandbox's inner half.

A stage is a folder named by the hash of its contents, made once and then only read.
"""

from __future__ import annotations

import compileall
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

_SANDBOX = Path(__file__).parent
_INNER = ("wire.py", "host.py", "jail/kernel.py", "jail/landlock.py", "jail/seccomp.py", "jail/tree.py",
          "jail/launcher.py", "jail/parent.py", "jail/fork.py")  # fmt: skip
_PACKAGES = ("autograder", "autograder/sandbox", "autograder/sandbox/jail")


@dataclass(frozen=True)
class Stage:
    """Folders that jails read: `lib` on the import path, `fonts` a ready font list for matplotlib; and XLA's flags."""

    lib: Path
    fonts: Path
    xla_flags: str = ""


def prepare(build: Path, course_lib: Path) -> Stage:
    """Makes the stage below `build` if it is not there yet.

    Args:
        build: a folder of ours that may be deleted at any time.
        course_lib: the package as it lies in the repository.
    """
    # A jail in tier A runs as another user than root and reaches the stage by its own path only.
    build = build.resolve()
    sources = [*((f"autograder/sandbox/{n}", _SANDBOX / n) for n in _INNER), *_package_files(course_lib)]
    digest = hashlib.sha256()
    for name, path in sources:
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    lib = build / "stage" / digest.hexdigest()[:16]
    if not lib.is_dir():
        _make(lib, sources)
    return Stage(lib, _fonts(build), xla_flags(build))


def _package_files(package: Path) -> list[tuple[str, Path]]:
    files = sorted(p for p in package.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    return [(str(Path(package.name) / p.relative_to(package)), p) for p in files]


def _make(lib: Path, sources: list[tuple[str, Path]]) -> None:
    lib.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=lib.parent, prefix=".draft-"))
    for package in _PACKAGES:
        (draft / package).mkdir(parents=True, exist_ok=True)
        (draft / package / "__init__.py").write_text("")
    for name, path in sources:
        target = draft / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    compileall.compile_dir(draft, quiet=2, stripdir=str(draft))
    draft.chmod(0o755)
    try:
        draft.rename(lib)
    except OSError:  # another worker was first
        shutil.rmtree(draft, ignore_errors=True)


def _fonts(build: Path) -> Path:
    fonts = build / "fonts"
    if not any(fonts.glob("fontlist*")):
        fonts.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "MPLCONFIGDIR": str(fonts), "MPLBACKEND": "Agg"}
        subprocess.run(
            [sys.executable, "-c", "import matplotlib.font_manager"], env=environment, check=False, capture_output=True
        )
    return fonts


_XLA_FLAG = "--xla_cpu_use_fusion_emitters=false"


def xla_flags(build: Path) -> str:
    """Flags that shorten compilation with the same results, tried once per jaxlib.

    An unknown flag aborts the process, so it is tried in a child.
    """
    note = build / f"xla-flags-{machine_key()}"
    try:
        return note.read_text()
    except OSError:
        pass
    environment = {**os.environ, "XLA_FLAGS": _XLA_FLAG, "JAX_PLATFORMS": "cpu"}
    program = [sys.executable, "-c", "import jax; jax.devices()"]
    tried = subprocess.run(program, env=environment, capture_output=True, check=False)
    flags = _XLA_FLAG if tried.returncode == 0 else ""
    note.parent.mkdir(parents=True, exist_ok=True)
    draft = note.with_suffix(f".{os.getpid()}")
    draft.write_text(flags)
    draft.replace(note)
    return flags


def machine_key() -> str:
    """Names what compiled programs depend on: jaxlib and this CPU. Programs of another machine are never loaded."""
    import jaxlib

    try:
        with open("/proc/cpuinfo") as f:
            flags = next((line for line in f if line.startswith(("flags", "Features"))), "")
    except OSError:
        flags = platform.processor()
    digest = hashlib.sha256(flags.encode()).hexdigest()[:8]
    return f"jaxlib-{jaxlib.__version__}-{platform.machine()}-{digest}"
