"""One process at a time in a folder: by the kernel's locks, or by a file that names its holder where there are none."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

_HELD = (errno.EWOULDBLOCK, errno.EACCES)
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL, errno.EPERM)
_LOOK_SECONDS = 0.5


class Held(Exception):
    """Another process holds the lock. `by` says which, where that is known."""

    def __init__(self, by: str = ""):
        self.by = by
        super().__init__(by)


@contextlib.contextmanager
def locked(path: Path, wait: bool) -> Iterator[None]:
    """Holds the lock at `path`, a file that is made and stays.

    Some network file systems know no locks. There a file beside it names the host and process that hold it; one that a killed
    process of this host left is taken over, one of another host has to be removed by a person.

    Args:
        wait: until it is free.

    Raises:
        Held: it is not free, and `wait` is false.
        OSError: the file cannot be made.
    """
    with open(path, "w") as file:
        kernel = _kernel_lock(file.fileno(), wait)
        with contextlib.nullcontext() if kernel else _named_holder(path.with_name(f"{path.name}.held"), wait):
            yield


def _kernel_lock(fd: int, wait: bool) -> bool:
    """Takes the kernel's lock; false where the file system has none."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError as e:
        if e.errno in _HELD:
            raise Held from None
        if e.errno not in _NO_LOCKS:
            raise
        return False
    return True


@contextlib.contextmanager
def _named_holder(path: Path, wait: bool) -> Iterator[None]:
    while not (_take(path) or (_left_behind(path) and _take(path))):
        if not wait:
            raise Held(f"{path} says: {_read(path)}")
        time.sleep(_LOOK_SECONDS)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def here() -> str:
    """Names where a process id means something: this boot of this machine, and the container (process namespace) on it."""
    parts = [socket.gethostname()]
    for path, read in (("/proc/sys/kernel/random/boot_id", lambda p: Path(p).read_text()), ("/proc/self/ns/pid", os.readlink)):
        with contextlib.suppress(OSError):
            parts.append(read(path))
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:8]


def _take(path: Path) -> bool:
    me = f"{socket.gethostname()} {here()} {os.getpid()}"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "w") as file:
            file.write(me)
        return True
    except FileExistsError:
        return False


def _left_behind(path: Path) -> bool:
    """Removes what a process of this host left that is gone."""
    _, where, pid = (*_read(path).split(" "), "", "", "")[:3]
    if where != here() or not pid.isdecimal() or _alive(int(pid)):
        return False
    path.unlink(missing_ok=True)
    return True


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
