"""The warm parents of one worker process, and the compiled programs that they start with.

The compilation cache is filled by trusted code only (the solution and the right answers, run by `warm_cache`), and lies
read-only in every jail: an entry that a submission could swap would change other students' results.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder.errors import GraderFault
from autograder.grading.target import Target
from autograder.notebook.bans import machinery
from autograder.sandbox import stage
from autograder.sandbox.jail import tiers, tree
from autograder.sandbox.jail.tiers import Tier
from autograder.sandbox.process import Jail
from autograder.sandbox.warm_parent import WarmParent


class Engine:
    """Gives out jails. One per worker process; use as a context manager.

    Args:
        unsafe: go on where no isolation is possible (tier D), with the report stamped so.
        fill_cache: this engine runs trusted code only, and keeps what is compiled.
    """

    def __init__(self, unsafe: bool = False, fill_cache: bool = False):
        self.tier = _tier(unsafe)
        self._fill = fill_cache
        self._parents: dict[tuple, WarmParent] = {}

    def start(self, target: Target) -> None:
        """Begins what `fork` will need, without waiting: it imports its libraries while the caller does something else.

        What fails here fails again, and is told, when the first fork is asked for.
        """
        with contextlib.suppress(GraderFault):
            self._parent(target, wait=False)

    def fork(self, target: Target) -> Jail:
        """A new jail for a submission of `target`.

        Raises:
            GraderFault: the sandbox failed; tried twice.
        """
        for attempt in (1, 2):
            try:
                return self._parent(target).fork(target.limits)
            except GraderFault:
                if attempt == 2:
                    raise
                self._forget(target)
        raise AssertionError("unreachable")

    def guard(self, target: Target, file: Path | None = None) -> None:
        """Refuses to go on where student code could read the suite, or the submissions beside its own.

        Raises:
            GraderFault: one of them lies where every jail may read; the message says what to do.
        """
        for path in [target.suite.path, *([file] if file else [])]:
            what = f"{path.parent} holds what a student must not read, and "
            within = tree.holder_of(path, tree.readable_paths([]))
            if within:
                raise GraderFault(f"{what}lies in {within}, which student code may read. Move it elsewhere.")
            if self.tier.name == "B" and not self.tier.landlock and tree.open_to_others(path):
                raise GraderFault(f"{what}this kernel has no Landlock to close it. Run: chmod -R o= {path.parent}")

    def _parent(self, target: Target, wait: bool = True) -> WarmParent:
        key = self._key(target)
        if key not in self._parents:
            self.guard(target)
            ready = stage.prepare(target.build, target.course_lib)
            cache = cache_folder(target)
            usable = cache if self._fill or is_warm(target) else None
            bans = machinery({ban for question in target.assignment.questions for ban in question.bans})
            self._parents[key] = WarmParent(self.tier, ready, target.assignment.x64, usable, self._fill, bans, wait)
        return self._parents[key]

    def _key(self, target: Target) -> tuple:
        return target.assignment.x64, str(cache_folder(target))

    def _forget(self, target: Target) -> None:
        parent = self._parents.pop(self._key(target), None)
        if parent is not None:
            parent.close()

    def close(self) -> None:
        """Ends every warm parent."""
        while self._parents:
            self._parents.popitem()[1].close()

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_) -> None:
        self.close()


def _tier(unsafe: bool) -> Tier:
    tier = tiers.best()
    if tier.name == "D" and (not unsafe or sys.platform != "linux"):
        # The jail is made of Linux's calls: elsewhere there is nothing that could be run, safe or not.
        all_the_same = (
            " To grade all the same, with every report stamped as not isolated, add --unsafe-no-sandbox."
            if sys.platform == "linux" else ""
        )  # fmt: skip
        raise GraderFault(
            f"Submissions cannot be isolated on this machine ({tier.why}), so hidden tests are not run. To mend it: "
            f"{tier.remedy}.{all_the_same}"
        )
    return tier


# --------------------------------------------------------------------------------------------------------------- cache


# What entries depend on besides program and flags, set in sandbox/warm.py: entries of another kind must not be found.
_KEYS = "without paths, two threads"


def cache_folder(target: Target) -> Path:
    """Where compiled programs for an assignment lie, on this kind of machine."""
    name = f"{target.id.replace('/', '-')}{'-x64' if target.assignment.x64 else ''}"
    flags = hashlib.sha256(f"{_KEYS} {stage.xla_flags(target.build)}".encode()).hexdigest()[:4]
    return (target.build / "cache" / f"{stage.machine_key()}-{flags}" / name).resolve()


def _marker(target: Target) -> Path:
    return cache_folder(target).with_suffix(".warm.json")


def is_warm(target: Target) -> bool:
    """Whether the cache was filled for this assignment."""
    return _marker(target).is_file()


def mark_warm(target: Target, contents: str, without: Mapping[str, Sequence[str]]) -> None:
    """Notes what the cache was filled with, and which tests the solution passes without forbidden machinery."""
    marker = _marker(target)
    draft = marker.with_suffix(f".{os.getpid()}")
    folder = cache_folder(target)
    entries = sum(1 for _ in folder.iterdir()) if folder.is_dir() else 0
    draft.write_text(json.dumps({"contents": contents, "entries": entries, "without": without}))
    draft.replace(marker)


def warmed_with(target: Target) -> str:
    """What `mark_warm` noted; empty if it never did."""
    return str(_noted(target).get("contents", ""))


def passes_without(target: Target) -> dict[str, frozenset[str]]:
    """For each set of bans, the tests that the solution passes without the machinery; nothing if the cache was never filled."""
    return {bans: frozenset(tests) for bans, tests in _noted(target).get("without", {}).items()}


def _noted(target: Target) -> dict:
    try:
        noted = json.loads(_marker(target).read_text())
    except (OSError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}


def clear_cache(target: Target) -> None:
    """Forgets the compiled programs of an assignment."""
    _marker(target).unlink(missing_ok=True)
    shutil.rmtree(cache_folder(target), ignore_errors=True)
