"""Bounds on what untrusted code may use. The sandbox knows nothing of courses: course.toml fills these in."""

from __future__ import annotations

import errno
from dataclasses import dataclass

from autograder.sandbox.wire import Caps


@dataclass(frozen=True)
class Limits:
    """Limits of one submission's jail.

    Attributes:
        cell_seconds, call_seconds: wall time of one notebook cell, of one call from a test.
        submission_seconds: wall time of everything together; what is left then is "not run".
        cell_cpu_seconds, call_cpu_seconds, cpu_seconds: CPU time (all threads) of a cell, of a call, of everything together.
        memory_mb: resident memory, and private writable memory that may be reserved.
        resident_mb: a closer bound on resident memory alone, where the machine has little of it; 0 for none. JAX reserves
            several times what it uses, so a low `memory_mb` would not let it start.
        threads: at one time. New processes are never allowed.
        scratch_mb: files that may be written, all together.
        output_mb: printed text per cell or call.
        reply_mb: size of one returned value.
        rebuilds: how often the notebook is run again after a hang or crash.
    """

    cell_seconds: float = 30.0
    call_seconds: float = 20.0
    submission_seconds: float = 300.0
    cell_cpu_seconds: float = 90.0
    call_cpu_seconds: float = 60.0
    cpu_seconds: int = 300
    memory_mb: int = 2048
    resident_mb: int = 0
    threads: int = 128
    scratch_mb: int = 64
    output_mb: int = 8
    reply_mb: int = 64
    rebuilds: int = 8

    def caps(self) -> Caps:
        """The wire's bounds on one reply."""
        return Caps(body_bytes=self.reply_mb * 1_000_000)

    def hint(self, kinds: tuple[str, ...], message: str) -> str:
        """Which limit an exception of the student's code comes from, in words for the student; "" if from none.

        Args:
            kinds: names of the exception's class and its bases.
            message: its text. Both are the student's word, so this explains and decides nothing.
        """
        no_room = "OSError" in kinds and _about(message, errno.ENOMEM)
        if no_room or "MemoryError" in kinds or "RESOURCE_EXHAUSTED" in message or "Unable to allocate" in message:
            return f"The limit on memory is {self.resident_mb or self.memory_mb} MB."
        if "can't start new thread" in message:
            return f"The limit is {self.threads} threads at a time."
        if "OSError" in kinds and _about(message, errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
            return f"The limit on files is {self.scratch_mb} MB, all together."
        if "OutputLimit" in kinds:
            return f"The limit on what a cell or call prints is {self.output_mb} MB."
        if "WireError" in kinds:
            return f"What a function returns may hold {self.reply_mb} MB and {self.caps().leaves} items."
        if "BlockingIOError" in kinds or ("PermissionError" in kinds and "Operation not permitted" in message):
            return "Notebooks may not start processes, open connections or signal others while they are graded."
        return ""


def _about(message: str, *numbers: int) -> bool:
    return any(f"[Errno {n}]" in message for n in numbers)
