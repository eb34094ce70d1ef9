"""The part of requirements.lock that a package's container installs: what grading runs on, nothing of notebooks' tools or tests.

The lock says of each package which others brought it in ("via"); what the roots below need is read from that, so that a
container has the very versions, with the same hashes, that the class is graded with.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.errors import CourseError
from autograder.lock import LOCK, Pin, lock_file, read_pins

# What the engine and the suites import, and what notebooks may (`autograder.sandbox.jail.parent` imports it beforehand).
ROOTS = (
    "ipython", "jax", "jaxlib", "jaxtyping", "jinja2", "matplotlib", "ml-dtypes", "msgpack", "networkx", "numpy", "optax",
    "pytest", "ruff", "scikit-learn", "scipy",
)  # fmt: skip


def runtime_requirements(root: Path) -> str:
    """The lock's entries for grading, with their hashes.

    Args:
        root: the course's folder; without a lock there, the one beside the engine counts.

    Raises:
        CourseError: there is none, or it lacks one of the roots.
    """
    lock = lock_file(root)
    if lock is None:
        raise CourseError(
            f"{root / LOCK} is missing: it says which versions the package installs. Restore it, or run: make lock"
        )
    pins = read_pins(lock)
    missing = [name for name in ROOTS if name not in {pin.name for pin in pins}]
    if missing:
        raise CourseError(f"{lock} has no {', '.join(missing)}. Run: make lock")
    needed = _needed(pins)
    return "\n".join(line for pin in sorted(pins, key=lambda p: p.name) if pin.name in needed for line in pin.lines) + "\n"


def _needed(pins: Sequence[Pin]) -> set[str]:
    needed: set[str] = set()
    waiting = set(ROOTS)
    while waiting:
        needed |= waiting
        waiting = {p.name for p in pins if p.name not in needed and needed & set(p.wanted_by)}
    return needed
