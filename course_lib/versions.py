"""PUBLIC: the versions that submissions are graded with, beside those of this kernel: what the set-up cell says about them."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from collections.abc import Mapping

from course_lib.newer_names import release
from course_lib.packages import PACKAGES, in_colab, series


def here() -> dict[str, str]:
    """Versions of this kernel: "python" and each of the notebooks' packages that is installed."""
    found = {"python": platform.python_version()}
    for requirement in PACKAGES.values():
        name = requirement.partition(">")[0]
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def tell(graded_with: Mapping[str, str]) -> None:
    """Print a line each where this kernel's Python or JAX is of another series than the one that grades."""
    for line in differences(graded_with, here()):
        print(line)


def differences(graded_with: Mapping[str, str], own: Mapping[str, str]) -> list[str]:
    """A line each for Python and JAX of another series.

    Args:
        graded_with: "python" and "jax" -> version, as the notebook carries them.
        own: the same of this kernel.
    """
    lines = []
    grades, runs = graded_with.get("python", ""), own.get("python", "")
    if grades and runs and release(grades) != release(runs):
        newer = release(runs) > release(grades)
        rest = "What only a newer Python knows fails there: grader.submit() looks for it." if newer else "Most code runs on both."
        lines.append(f"This kernel runs Python {_short(runs)}; submissions are graded with Python {grades}. {rest}")
    grades, runs = graded_with.get("jax", ""), own.get("jax", "")
    if grades and runs and release(grades) != release(runs):
        if release(runs) > release(grades):
            rest = "Functions that are new since then fail there: grader.submit() looks for them."
        else:
            rest = f"Newer, so: %pip install {series('jax', grades)!r}" if _may_have(graded_with) else "Most code runs on both."
        lines.append(f"This kernel has JAX {runs}; submissions are graded with JAX {grades}. {rest}")
    return lines


def _may_have(graded_with: Mapping[str, str]) -> bool:
    """Whether this Python may install the JAX that grades: not an older Python, and not Colab, where JAX fits its processors."""
    return sys.version_info[:2] >= release(graded_with.get("python", "")) and not in_colab()


def _short(version: str) -> str:
    return ".".join(version.split(".")[:2])
