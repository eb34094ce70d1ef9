"""What a command costs: wall and CPU seconds of all processes that it starts, and the most memory they hold together.

CPU is counted by the kernel (a perf event that is inherited on fork): jails end without their parent waiting for them, so the
usual sum over waited-for children misses most of a grading run. Memory is the sum of proportional set sizes: pages that forks
share count once.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import resource
import struct
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PERF_TYPE_SOFTWARE, _COUNT_TASK_CLOCK = 1, 1
_INHERIT, _ENABLE_ON_EXEC, _DISABLED = 1 << 1, 1 << 12, 1 << 0
_PERF_EVENT_OPEN = {"x86_64": 298, "aarch64": 241}
_SAMPLE_SECONDS = 0.7


@dataclass(frozen=True)
class Cost:
    """Seconds of wall and CPU (all processes together), peak memory in GiB over time, and what was printed."""

    wall: float
    cpu: float
    peak_gib: float
    memory: tuple[tuple[float, float], ...]
    said: str


class CommandFailed(Exception):
    """A measured command ended badly; the message holds what it printed last."""


def measured(command: Sequence[str | Path], cwd: Path, env: Mapping[str, str] | None = None, ok: Sequence[int] = (0,),
             log: Path | None = None) -> Cost:  # fmt: skip
    """Runs a command to its end.

    Args:
        ok: exit statuses that are no failure.
        log: where its output goes; a temporary file beside `cwd` otherwise.

    Raises:
        CommandFailed: it ended with another status.
    """
    log = log or cwd / "measured.log"
    gate_read, gate_write = os.pipe()
    with open(log, "wb") as out:
        # The event is attached to the process before the command begins: it waits at the gate until then.
        gated = ["/bin/sh", "-c", 'read _; exec "$@" < /dev/null', "sh", *map(str, command)]
        process = subprocess.Popen(gated, cwd=cwd, env=env, stdout=out, stderr=out, stdin=gate_read)
    os.close(gate_read)
    event = _task_clock(process.pid)
    waited = resource.getrusage(resource.RUSAGE_CHILDREN)
    os.write(gate_write, b"go\n")
    os.close(gate_write)
    began = time.monotonic()
    memory = _Memory(process.pid)
    with memory:
        status = process.wait()
    wall = time.monotonic() - began
    said = log.read_text(errors="replace")
    if status not in ok:
        raise CommandFailed(f"{' '.join(map(str, command))} ended with {status}:\n{said[-3000:]}")
    return Cost(wall, _cpu(event, waited), memory.peak, tuple(memory.samples), said)


def counts_all() -> bool:
    """Whether this kernel counts for us the CPU of all that a command starts; else `measured` misses what nobody waits for."""
    event = _task_clock(os.getpid())
    if event is not None:
        os.close(event)
    return event is not None


def _task_clock(pid: int) -> int | None:
    """A counter of the CPU time of a process and of all that it will start; None where the kernel refuses."""
    number = _PERF_EVENT_OPEN.get(platform.machine())
    if number is None:
        return None
    # struct perf_event_attr: type, size, config, sample_period, sample_type, read_format, flags; the rest is zero.
    attributes = struct.pack("=IIQQQQQ", _PERF_TYPE_SOFTWARE, 112, _COUNT_TASK_CLOCK, 0, 0, 0, _INHERIT).ljust(112, b"\0")
    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.syscall(ctypes.c_long(number), attributes, pid, -1, -1, ctypes.c_ulong(8))
    return fd if fd >= 0 else None


def _cpu(event: int | None, waited) -> float:
    if event is None:
        now = resource.getrusage(resource.RUSAGE_CHILDREN)
        return now.ru_utime + now.ru_stime - waited.ru_utime - waited.ru_stime
    nanoseconds = struct.unpack("=Q", os.read(event, 8))[0]
    os.close(event)
    return nanoseconds / 1e9


class _Memory(threading.Thread):
    """Samples what a process and its descendants hold together."""

    def __init__(self, root: int):
        super().__init__(daemon=True)
        self._root, self._end, self._began = root, threading.Event(), time.monotonic()
        self.samples: list[tuple[float, float]] = []

    @property
    def peak(self) -> float:
        return max((gib for _, gib in self.samples), default=0.0)

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_) -> None:
        self._end.set()
        self.join()

    def run(self) -> None:
        while not self._end.wait(_SAMPLE_SECONDS):
            held = sum(_proportional_bytes(pid) for pid in _descendants(self._root))
            self.samples.append((time.monotonic() - self._began, held / 2**30))


def _descendants(root: int) -> set[int]:
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdecimal():
            with contextlib.suppress(OSError, ValueError, IndexError):
                parent = int(Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry))
    found, waiting = set(), [root]
    while waiting:
        pid = waiting.pop()
        found.add(pid)
        waiting += children.get(pid, [])
    return found


def _proportional_bytes(pid: int) -> int:
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return 1024 * int(line.split()[1])
    return 0
