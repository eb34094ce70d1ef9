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
_INNER = (
    "wire.py", "wire_decoder.py", "wire_encoder.py", "host.py", "shell.py", "absences.py", "stand_ins.py", "settings.py",
    "own_files.py", "without.py", "pristine.py",
    "jail/kernel.py", "jail/landlock.py", "jail/seccomp.py", "jail/tree.py", "jail/closed.py", "jail/launcher.py",
    "jail/parent.py", "jail/fork.py",
)  # fmt: skip
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
    digest = hashlib.sha256(str(sys.implementation.cache_tag).encode())  # it holds bytecode of one Python
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
    _open_to_jails(draft)
    try:
        draft.rename(lib)
    except OSError:  # another worker was first
        shutil.rmtree(draft, ignore_errors=True)


def _open_to_jails(folder: Path) -> None:
    """Jails may belong to another user: what was made under a strict umask is made readable. There is nothing private in it."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


def _fonts(build: Path) -> Path:
    fonts = build / "fonts"
    if not any(fonts.glob("fontlist*")):
        fonts.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "MPLCONFIGDIR": str(fonts), "MPLBACKEND": "Agg"}
        subprocess.run(
            [sys.executable, "-c", "import matplotlib.font_manager"], env=environment, check=False, capture_output=True
        )
        _open_to_jails(fonts)
    return fonts


# A submission compiles hundreds of programs and runs each for microseconds, so time goes where code is generated. Without
# optimisation of that code a right answer outside the cache costs half; long loops then take up to four times longer, which
# the labs' sizes never pay for. Its last bits may differ from the student's own machine, as they do between CPUs;
# accuracy does not (the same polynomials for exp, tanh and the like), and a fair suite does not look at last bits.
_XLA_FLAGS = (
    "--xla_backend_optimization_level=0",
    "--xla_cpu_use_fusion_emitters=false",
    "--xla_cpu_parallel_codegen_split_count=1",  # one part per program: small ones gain nothing by threads
)


def xla_flags(build: Path) -> str:
    """Flags that shorten compilation, those of them that this jaxlib knows; tried once per jaxlib."""
    wanted = hashlib.sha256(" ".join(_XLA_FLAGS).encode()).hexdigest()[:8]
    note = build / f"xla-flags-{machine_key()}-{wanted}"
    try:
        return note.read_text()
    except OSError:
        pass
    every = " ".join(_XLA_FLAGS)
    flags = every if _starts_with(every) else " ".join(f for f in _XLA_FLAGS if _starts_with(f))
    note.parent.mkdir(parents=True, exist_ok=True)
    draft = note.with_suffix(f".{os.getpid()}")
    draft.write_text(flags)
    draft.replace(note)
    return flags


def _starts_with(flags: str) -> bool:
    """Whether XLA starts with `flags`. An unknown one ends the process, hence the child."""
    environment = {**os.environ, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}
    program = [sys.executable, "-c", "import jax; jax.devices()"]
    return subprocess.run(program, env=environment, capture_output=True, check=False).returncode == 0


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
