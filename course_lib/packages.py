"""PUBLIC: the packages that a student's notebook needs, and what to do where one is missing."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Mapping

from course_lib.messages import CheckFailed
from course_lib.precision import ask_for_float32

# Import name -> what pip is asked for. requirements-student.txt is made from this; no compiler is needed for any of them on
# Linux, Windows (x86-64) and macOS (Apple silicon).
PACKAGES = {
    "jax": "jax>=0.10",  # `series` narrows it to the one that submissions are graded with
    "jaxtyping": "jaxtyping>=0.3",
    "matplotlib": "matplotlib>=3.9",
    "networkx": "networkx>=3.3",
    "numpy": "numpy>=2.1",
    "optax": "optax>=0.2.4",
    "scipy": "scipy>=1.15",
    "sklearn": "scikit-learn>=1.6",
}


class PackagesMissing(CheckFailed):
    """This Python lacks packages that the notebook needs; the message says how to get them."""

    headline = "Packages are missing."


def series(package: str, version: str) -> str:
    """What pip is asked for to get a release like `version`: series("jax", "0.10.2") is "jax>=0.10,<0.11"."""
    major, minor = version.split(".")[:2]
    return f"{package}>={major}.{minor},<{major}.{int(minor) + 1}"


def wanted(graded_with: Mapping[str, str]) -> dict[str, str]:
    """`PACKAGES`, with the JAX that submissions are graded with ("jax" in `graded_with`) where that is known."""
    jax = graded_with.get("jax", "")
    return PACKAGES | ({"jax": series("jax", jax)} if jax else {})


def require(graded_with: Mapping[str, str]) -> None:
    """Make sure that all packages are there; in Colab, install what is missing (a minute, once per session). On a GPU or TPU,
    ask for full precision.

    Args:
        graded_with: versions that submissions are graded with.

    Raises:
        PackagesMissing: some are missing and are not installed by themselves, because this is somebody's own computer.
    """
    _install_missing(graded_with)
    ask_for_float32()


def _install_missing(graded_with: Mapping[str, str]) -> None:
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if not missing:
        return
    names = [PACKAGES[name].partition(">")[0] for name in missing]
    if in_colab():
        # Versions are left to Colab: its JAX is the one that fits its processors.
        print(f"Installing {', '.join(names)} ...")
        command = [sys.executable, "-m", "pip", "install", "-q", *names]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        importlib.invalidate_caches()
        if done.returncode == 0:
            return
        raise PackagesMissing(f"pip could not install {', '.join(names)}:\n{done.stderr.strip()[-1000:]}")
    lines = {**dict(zip(missing, names, strict=True)), **({"jax": f'"{wanted(graded_with)["jax"]}"'} if "jax" in missing else {})}
    raise PackagesMissing(
        f"This notebook's Python ({sys.executable}) lacks {', '.join(names)}. Run this in a new cell, restart the kernel and "
        f"begin again from the top:\n    %pip install {' '.join(lines.values())}"
    )


def in_colab() -> bool:
    """Whether this kernel is one of Google Colab's."""
    try:
        return importlib.util.find_spec("google.colab") is not None
    except (ImportError, ValueError):  # no package `google` at all, or a broken one
        return False
