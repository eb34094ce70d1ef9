"""What an attack needs of the machine to succeed on anybody. Where that is missing, its control loses, and it is left out.

Each probe asks in another way than the attack itself, so that a mistyped attack is not excused. Probes run as an ordinary
user in the controls' container (`controls.py`); one that raises says no.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox.jail import kernel


@dataclass(frozen=True)
class Need:
    """`words` go on after "it needs"; `there` says whether this machine has it."""

    words: str
    there: Callable[[], bool]


def missing(needs: tuple[str, ...]) -> str:
    """In words, the first of these needs that is not met here; "" if all are."""
    for name in needs:
        try:
            if NEEDS[name].there():
                continue
        except OSError:
            pass
        return NEEDS[name].words
    return ""


def _answers(*call: int) -> bool:
    """Whether the kernel has a call and lets this user make it: senseless arguments then bring out another error."""
    ctypes.set_errno(0)
    kernel.libc.syscall(*(ctypes.c_long(a) for a in call))
    return ctypes.get_errno() not in (errno.ENOSYS, errno.EPERM, errno.EACCES)


def _setting(path: str, allowed: set[str]) -> bool:
    """Whether a setting has one of these values; a kernel without the setting has nothing against it."""
    file = Path("/proc/sys") / path
    return not file.exists() or file.read_text().strip() in allowed


def _speaks(protocol: str) -> bool:
    return any(line.split()[0] == protocol for line in Path("/proc/net/protocols").read_text().splitlines())


def _user_namespaces() -> bool:
    """With all rights inside, which some systems take away again: there the map of users cannot be written."""
    kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS)
    status = Path("/proc/self/status").read_text()
    if int(status.partition("CapEff:")[2].split()[0], 16) == 0:
        return False
    kernel.mount("tmpfs", "/var/tmp", "tmpfs", kernel.MS_NOSUID)
    return True


_ON_A_DISK = frozenset({"ext2", "ext3", "ext4", "xfs", "btrfs", "overlay", "f2fs"})


def _on_a_disk() -> bool:
    """Whether Python's library lies on a file system that keeps its pages in the page cache, drops them on advice, and tells."""
    mounts = [line.split(" - ") for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    above = [(before.split()[4], after.split()[0]) for before, after in mounts]
    real = os.path.realpath(os.__file__)
    _, kind = max((place.rstrip("/") + "/", kind) for place, kind in above if real.startswith(place.rstrip("/") + "/"))
    return kind in _ON_A_DISK


NEEDS: dict[str, Need] = {
    "x86-64": Need("an x86-64 processor: its numbers of system calls are that machine's", lambda: platform.machine() == "x86_64"),
    "user namespaces": Need(
        "a kernel that gives ordinary users all rights in namespaces of their own (a setting or AppArmor forbids it here)",
        _user_namespaces,
    ),
    "open_tree": Need("a kernel with open_tree", lambda: _answers(428, -1, 0, -1)),
    "io_uring": Need(
        "a kernel whose io_uring is open to ordinary users (kernel.io_uring_disabled)",
        lambda: _answers(425, 0, 0) and _setting("kernel/io_uring_disabled", {"0"}),
    ),
    "user faults": Need("a kernel with userfaultfd", lambda: _answers(323, 0xFF01)),
    "ipv6": Need("a kernel that speaks IPv6", lambda: _speaks("TCPv6")),
    "vsock": Need("a kernel that speaks vsock", lambda: _speaks("AF_VSOCK")),
    "keys": Need("a kernel whose keys are open to ordinary users", lambda: _answers(248, 0, 0, 0, 0, 0)),
    "system v": Need("a kernel with System V shared memory", lambda: Path("/proc/sys/kernel/shmmax").exists()),
    "message queues": Need("a kernel with POSIX message queues", lambda: Path("/proc/sys/fs/mqueue").exists()),
    "local descriptor tables": Need("a kernel with modify_ldt", lambda: _answers(154, 0, 0, 0)),
    "asynchronous io": Need("a kernel with io_setup", lambda: Path("/proc/sys/fs/aio-max-nr").exists()),
    "memory to run": Need(
        "a kernel that runs programs from memory (vm.memfd_noexec)", lambda: _setting("vm/memfd_noexec", {"0"})
    ),
    "32 bits": Need("a kernel that runs programs of 32 bits", lambda: Path("/proc/sys/abi/vsyscall32").exists()),
    "cachestat": Need("a kernel with cachestat (6.5)", lambda: _answers(451, -1, 0, 0, 1)),
    "page cache": Need("Python on a file system of a local disk", _on_a_disk),
    "nodes of memory": Need("a kernel that shows its memory by nodes", lambda: Path("/sys/devices/system/node/node0").is_dir()),
}
