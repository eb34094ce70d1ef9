"""Bounds on what untrusted code may use. The sandbox knows nothing of courses: course.toml fills these in."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.sandbox.wire import Caps


@dataclass(frozen=True)
class Limits:
    """Limits of one submission's jail.

    Attributes:
        cell_seconds, call_seconds: wall time of one notebook cell, of one call from a test.
        submission_seconds: wall time of everything together; what is left then is "not run".
        cpu_seconds: CPU time of one process (all its threads).
        memory_mb: resident memory, and private writable memory that may be reserved.
        scratch_mb: files that may be written.
        output_mb: printed text per cell or call.
        reply_mb: size of one returned value.
        rebuilds: how often the notebook is run again after a hang or crash.
    """

    cell_seconds: float = 30.0
    call_seconds: float = 20.0
    submission_seconds: float = 300.0
    cpu_seconds: int = 300
    memory_mb: int = 2048
    scratch_mb: int = 64
    output_mb: int = 8
    reply_mb: int = 64
    rebuilds: int = 8

    def caps(self) -> Caps:
        """The wire's bounds on one reply."""
        return Caps(body_bytes=self.reply_mb * 1_000_000)
