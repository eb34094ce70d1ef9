"""The part of requirements.lock that a package's container installs: what grading runs on, nothing of notebooks' tools or tests.

The lock says of each package which others brought it in ("via"); what the roots below need is read from that, so that a
container has the very versions, with the same hashes, that the class is graded with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import CourseError

LOCK = "requirements.lock"
# What the engine and the suites import, and what notebooks may (`autograder.sandbox.jail.parent` imports it beforehand).
ROOTS = (
    "ipython", "jax", "jaxlib", "jaxtyping", "jinja2", "matplotlib", "ml-dtypes", "msgpack", "networkx", "numpy", "optax",
    "pytest", "scikit-learn", "scipy",
)  # fmt: skip
_NAME = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==")


@dataclass(frozen=True)
class _Pin:
    name: str
    lines: tuple[str, ...]
    wanted_by: tuple[str, ...]


def runtime_requirements(root: Path) -> str:
    """The lock's entries for grading, with their hashes.

    Args:
        root: the course's folder; without a lock there, the one beside the engine counts.

    Raises:
        CourseError: there is none, or it lacks one of the roots.
    """
    places = (root / LOCK, Path(__file__).resolve().parents[2] / LOCK)
    lock = next((p for p in places if p.is_file()), None)
    if lock is None:
        raise CourseError(f"{places[0]} is missing: it says which versions the package installs. Restore it, or run: make lock")
    pins = {pin.name: pin for pin in _pins(lock.read_text(encoding="utf-8"))}
    missing = [name for name in ROOTS if name not in pins]
    if missing:
        raise CourseError(f"{lock} has no {', '.join(missing)}. Run: make lock")
    return "\n".join(line for name in sorted(_needed(pins)) for line in pins[name].lines) + "\n"


def _needed(pins: dict[str, _Pin]) -> set[str]:
    needed: set[str] = set()
    waiting = set(ROOTS)
    while waiting:
        needed |= waiting
        waiting = {p.name for p in pins.values() if p.name not in needed and needed & set(p.wanted_by)}
    return needed


def _pins(text: str) -> list[_Pin]:
    blocks: list[list[str]] = []
    for line in text.splitlines():
        if _NAME.match(line):
            blocks.append([])
        if blocks and line.strip():
            blocks[-1].append(line)
    return [_pin(block) for block in blocks]


def _pin(block: list[str]) -> _Pin:
    match = _NAME.match(block[0])
    assert match is not None
    lines = [line for line in block if not line.lstrip().startswith("#")]
    notes = " ".join(line.lstrip(" #") for line in block if line.lstrip().startswith("#"))
    return _Pin(match[1].lower(), tuple(lines), tuple(re.findall(r"[A-Za-z0-9._-]+", notes.removeprefix("via").lower())))
