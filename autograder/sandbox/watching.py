"""A jail's process watched from the trusted side: the time that a request may take, memory, threads, and the files it writes."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

POLL_SECONDS = 0.05
PATIENCE = 3
# Far longer than looking at everything that a jail holds can take, so that no student can make it look like a pause.
_PAUSE_SECONDS = 5.0
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICK = os.sysconf("SC_CLK_TCK")


class Deadline:
    """Time that a request may take: so many seconds of wall clock, if the process really had the processor in them.

    On a machine with more to do than cores, wall time alone would call slow what only waited; then the clock runs on, up to
    three times as long. And while this process, which looks twenty times a second, did not get to look itself (a virtual
    machine that was paused, Ctrl-Z, a machine out of memory), the clock stands still: whatever happened, it was not the student.
    """

    def __init__(self, seconds: float, process: Watched, cpu_seconds: float):
        self.seconds, self.cpu_seconds, self._process = seconds, cpu_seconds, process
        self.paused = 0.0
        self._began = self._looked = time.monotonic()
        self._cpu_began = process.cpu_seconds()

    def passed(self) -> bool:
        """Whether it is over. To be asked again at least every `POLL_SECONDS`."""
        now = time.monotonic()
        if now - self._looked > _PAUSE_SECONDS:
            self.paused += now - self._looked
        self._looked = now
        elapsed = now - self._began - self.paused
        if elapsed < self.seconds:
            return False
        return elapsed >= PATIENCE * self.seconds or self.cpu_used() >= 0.9 * self.seconds

    def cpu_used(self) -> float:
        return self._process.cpu_seconds() - self._cpu_began


def pid_of(pidfd: int) -> int:
    """The number of the process behind a descriptor."""
    with open(f"/proc/self/fdinfo/{pidfd}") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("Pid:"))


class Watched:
    """What the kernel says of a process, read from files of /proc that stay open: asked for a few hundred times per submission.

    They go on to mean this process when its number has passed to another.
    """

    def __init__(self, pid: int):
        self.pid = pid
        self._files = {name: self._open(f"/proc/{pid}/{name}") for name in ("stat", "statm")}

    @staticmethod
    def _open(path: str) -> int:
        try:
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return -1

    def _read(self, name: str) -> bytes:
        try:
            return os.pread(self._files[name], 4096, 0)
        except OSError:
            return b""

    def _stat(self) -> list[bytes]:
        """The fields behind the program's name; empty when the process is gone."""
        fields = self._read("stat").rpartition(b")")[2].split()
        return fields if len(fields) > 20 else []

    def resident_bytes(self) -> int:
        """Memory that it has now."""
        fields = self._read("statm").split()
        return int(fields[1]) * _PAGE if len(fields) > 1 else 0

    def cpu_seconds(self) -> float:
        """Processor time that it has used."""
        fields = self._stat()
        return (int(fields[11]) + int(fields[12])) / _TICK if fields else 0.0

    def threads(self) -> int:
        """How many it runs."""
        fields = self._stat()
        return int(fields[17]) if fields else 0

    def close(self) -> None:
        """Lets go of the files."""
        while self._files:
            _, file = self._files.popitem()
            if file >= 0:
                os.close(file)


def fits(folder: Path, most_bytes: int, most_files: int) -> bool:
    """Whether what lies below `folder` is within bounds. Student code may change it meanwhile: no link is followed, no
    depth recursed into, and the walk ends at the bound.
    """
    used = count = 0
    waiting = [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    status = entry.stat(follow_symlinks=False)
                    used, count = used + 512 * status.st_blocks, count + 1
                    if used > most_bytes or count > most_files:
                        return False
                    if stat.S_ISDIR(status.st_mode):
                        waiting.append(entry.path)
        except OSError:
            continue
    return True
