"""requirements.lock, read: which versions a Python gets, as plain text and as what `pip install --require-hashes` takes.

The lock gives each Python the newest JAX that it can have, so one package may stand there several times with markers. Which
of them counts is asked of the course's Python, never of the one that runs this: notebooks must be the same whoever builds them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from packaging.markers import Marker

from autograder.course import Course

LOCK = "requirements.lock"
_NAME = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)")


@dataclass(frozen=True)
class Pin:
    """One entry: its lines without comments, and the packages that brought it in ("via")."""

    name: str
    version: str
    marker: str
    lines: tuple[str, ...]
    wanted_by: tuple[str, ...]

    def holds_for(self, python: str) -> bool:
        """Whether a Linux machine with that Python takes this entry: a release ("3.11.2"), or a series ("3.12")."""
        series, release = ".".join(python.split(".")[:2]), python
        if python == series:  # its newest: a lock tells releases of one series apart only to spare the oldest ones
            release = f"{series}.99"
        where = {"python_version": series, "python_full_version": release, "sys_platform": "linux",
                 "platform_system": "Linux", "os_name": "posix"}  # fmt: skip
        return not self.marker or Marker(self.marker).evaluate(where)


def lock_file(root: Path) -> Path | None:
    """The lock in the course's folder, else the one beside the engine; None where there is neither."""
    places = (root / LOCK, Path(__file__).resolve().parents[1] / LOCK)
    return next((p for p in places if p.is_file()), None)


def read_pins(lock: Path) -> tuple[Pin, ...]:
    """All entries of a lock, in its order."""
    return _pins(lock.read_text(encoding="utf-8"))


def locked_version(root: Path, package: str, python: str) -> str:
    """The version of a package that the lock gives a Python, e.g. "0.10.2"; empty where there is no lock or no such entry."""
    lock = lock_file(root)
    if lock is None:
        return ""
    return next((p.version for p in read_pins(lock) if p.name == package and p.holds_for(python)), "")


def graded_with(course: Course) -> dict[str, str]:
    """"python" and "jax" -> the version that submissions of a course are graded with; without "jax" where no lock says it."""
    jax = locked_version(course.root, "jax", course.python)
    return {"python": course.python, **({"jax": jax} if jax else {})}


@lru_cache(maxsize=4)
def _pins(text: str) -> tuple[Pin, ...]:
    blocks: list[list[str]] = []
    for line in text.splitlines():
        if _NAME.match(line):
            blocks.append([])
        if blocks and line.strip():
            blocks[-1].append(line)
    return tuple(_pin(block) for block in blocks)


def _pin(block: Iterable[str]) -> Pin:
    block = list(block)
    match = _NAME.match(block[0])
    assert match is not None
    marker = block[0].partition(";")[2].strip().removesuffix("\\").strip()
    lines = [line for line in block if not line.lstrip().startswith("#")]
    notes = " ".join(line.lstrip(" #") for line in block if line.lstrip().startswith("#"))
    wanted_by = tuple(re.findall(r"[A-Za-z0-9._-]+", notes.removeprefix("via").lower()))
    return Pin(match[1].lower(), match[2], marker, tuple(lines), wanted_by)
