"""What a package holds of a `Target`: plain data in a JSON file, so that its container needs neither the solution notebook nor
course.toml, and starts without what reads them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.errors import GraderFault
from autograder.grading.suite_file import Suite
from autograder.grading.target import Target
from autograder.model import SCHEMA_VERSION, Assignment, from_json
from autograder.sandbox.limits import Limits

# What JAX reserves beyond what it uses (thread stacks, pools), in MB of 2^20 bytes, with some room.
RESERVED_MB = 250
# Where things lie in the zip, which is extracted to /autograder/source.
TARGET, SUITE, SECRET, TRUSTED, LIBRARY = "target.json", "suite/suite.py", "secret", "trusted", "course_lib"


@dataclass(frozen=True)
class Prepared:
    """A `Target` without its paths and secret.

    Attributes:
        assignment, blocked_marking: as in `Target`.
        suite_sha256: of the suite's file, to notice a package that was put together by hand.
        limits: of one submission; `resident_mb` is set where it is known how much memory there is.
        signatures: (function, its parameters' names).
        demos: hashes of the released demonstrations.
        minutes: the container is ended after so many.
        memory_mb: and has so much memory, unless it says itself that it has less.
    """

    assignment: Assignment
    suite_sha256: str
    limits: Limits
    signatures: tuple[tuple[str, tuple[str, ...]], ...]
    demos: tuple[str, ...]
    blocked_marking: str
    minutes: int
    memory_mb: int
    schema: int = field(default=SCHEMA_VERSION)

    @classmethod
    def of(cls, target: Target, minutes: int, memory_mb: int) -> Prepared:
        """The part of `target` that a package holds."""
        return cls(
            target.assignment, target.suite.sha256, target.limits, tuple(sorted(target.signatures.items())),
            tuple(sorted(target.demos)), target.blocked_marking, minutes, memory_mb,
        )  # fmt: skip

    @classmethod
    def read(cls, source: Path) -> Prepared:
        """The one in an extracted package.

        Raises:
            GraderFault: it is damaged.
        """
        try:
            return from_json(cls, (source / TARGET).read_text())
        except (OSError, ValueError, TypeError) as e:
            raise GraderFault(f"{source / TARGET} cannot be read ({e}). Make the package again and upload it.") from None

    def target(self, source: Path, build: Path, epoch: str) -> Target:
        """Ready to grade against.

        Args:
            source: the extracted package.
            build: a folder of ours for stages and compiled programs.
            epoch: which hidden inputs to draw.

        Raises:
            GraderFault: suite or secret are missing, or not those of this package.
        """
        suite = Suite.read(source / SUITE)
        try:
            secret = bytes.fromhex((source / SECRET).read_text().strip())
        except (OSError, ValueError):
            secret = b""
        if suite.sha256 != self.suite_sha256 or not secret:
            raise GraderFault(f"{source} is not the package that was made. Make it again and upload it.")
        return Target(
            self.assignment, suite, self.limits, secret, epoch, dict(self.signatures), frozenset(self.demos),
            self.blocked_marking, build, source / LIBRARY,
        )  # fmt: skip

    def within(self, *, submission_seconds: float, resident_mb: int) -> Prepared:
        """The same with closer limits: those of the container, where they are the closer ones."""
        limits = replace(
            self.limits,
            submission_seconds=min(self.limits.submission_seconds, submission_seconds),
            resident_mb=resident_mb,
            # What is asked for at once is filled faster than anybody looks: the kernel refuses it.
            memory_mb=min(self.limits.memory_mb, resident_mb + RESERVED_MB),
        )
        return replace(self, limits=limits)
