"""The file tree that a jail sees: Python, the system's libraries, the stage (what a notebook may import of ours), scratch.

Built once per warm parent, in a mount namespace of its own; forks put a fresh scratch folder over it.
"""

from __future__ import annotations

import contextlib
import glob
import itertools
import os
import stat
import sys
import tempfile

from autograder.sandbox.jail import kernel

SCRATCH = "/scratch"
# No /dev/zero: mapped shared, it is memory that no limit of the kernel counts.
DEVICES = ("/dev/null", "/dev/random", "/dev/urandom")
# What numerics libraries ask about the processor when they start: XLA's kernels (cpuinfo, YNNPACK) fail or choose others
# without it, so every tier shows the same. What else they ask for, and why it is not here: docs/security.md.
PROCESSOR = "/sys/devices/system/cpu"
# Which processor has which memory, and not how full it is: two submissions could talk by filling it.
NODES = tuple(
    sorted(path for name in ("online", "possible", "has_*", "node*/cpulist", "node*/cpumap", "node*/distance")
           for path in glob.glob(f"/sys/devices/system/node/{name}"))
)  # fmt: skip
_PROC = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat")
MACHINE = (*_PROC, PROCESSOR, *NODES)
# Tier A has copies of these, made when the warm parent starts: they do not change while submissions run.
_COPIES = "/machine"


def readable_paths(extra: list[str]) -> list[str]:
    """What is bound read-only: the system, this Python and its environment, and `extra`."""
    paths = ["/usr", "/etc/ld.so.cache", sys.base_prefix, sys.prefix, *extra]
    paths += [p for p in ("/lib", "/lib64", "/lib32", "/bin", "/sbin") if os.path.exists(p) and not os.path.islink(p)]
    return _outermost(paths)


def _outermost(paths: list[str]) -> list[str]:
    kept: list[str] = []
    for path in sorted(set(paths), key=len):
        if os.path.exists(path) and not any(path == k or path.startswith(k + "/") for k in kept):
            kept.append(path)
    return kept


def holder_of(path: str | os.PathLike, folders: list[str]) -> str:
    """Which of `folders` a path lies in, links resolved; empty if in none."""
    real = os.path.realpath(path)
    return next((f for f in folders if real.startswith(os.path.realpath(f).rstrip("/") + "/")), "")


def open_to_others(path: str | os.PathLike) -> bool:
    """Whether a stranger's user may read a file: every folder above lets others pass, and the file lets them read."""
    real = os.path.realpath(path)
    above = os.path.dirname(real)
    while os.stat(above).st_mode & stat.S_IXOTH:
        if above == "/":
            return bool(os.stat(real).st_mode & stat.S_IROTH)
        above = os.path.dirname(above)
    return False


def closed_folder_above(path: str | os.PathLike) -> str:
    """The highest folder above `path`, or `path` itself, that others may not enter; empty if there is none."""
    real = os.path.realpath(path)
    parts = [real[:i] or "/" for i in range(len(real)) if real[i] == "/"] + [real]
    return next((p for p in parts if not os.stat(p).st_mode & stat.S_IXOTH), "")


def closed_below(folder: str, path: str | os.PathLike) -> str:
    """The highest of `folder`, `path` and what lies between that others may not enter or read; empty if there is none."""
    steps = os.path.relpath(path, folder).split("/") if str(path) != folder else []
    for part in itertools.accumulate(steps, os.path.join, initial=folder):
        mode = os.stat(part).st_mode
        needed = stat.S_IROTH | (stat.S_IXOTH if stat.S_ISDIR(mode) else 0)
        if mode & needed != needed:
            return part
    return ""


def temporary_for(tier: str) -> str:
    """The folder for temporary files; in tier B one that another user can reach: TMPDIR, or else the system's own.

    Raises:
        OSError: no folder can be written to.
    """
    usual = tempfile.gettempdir()
    if tier != "B" or not closed_folder_above(usual):
        return usual
    return next((f for f in ("/tmp", "/var/tmp") if os.access(f, os.W_OK | os.X_OK) and not closed_folder_above(f)), usual)


def enter(new_root: str, paths: list[str], writable: list[str] | None = None) -> None:
    """Builds the tree at `new_root` and makes it this process's root. Needs a mount namespace of its own.

    Args:
        new_root: an existing empty folder to build on; it is not changed outside this namespace.
        paths: what to bind read-only, at the same places (a virtual environment knows its own absolute path).
        writable: what to bind writable: the compilation cache, while trusted code fills it.
    """
    kernel.mount("", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("tmpfs", new_root, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=4m,mode=0755")
    for path in paths:
        _bind(path, new_root + path)
    for path in writable or []:
        os.makedirs(new_root + path, exist_ok=True)
        kernel.mount(path, new_root + path, "", kernel.MS_BIND)
    for device in DEVICES:
        _bind(device, new_root + device, device=True)
    with contextlib.suppress(OSError):  # a container that keeps it to itself; libraries then count by /proc alone
        _bind(PROCESSOR, new_root + PROCESSOR)
    for path in _PROC:
        _copy(path, new_root + _COPIES + path)
    for path in NODES:
        _copy(path, new_root + path)
    for name in ("lib", "lib64", "lib32", "bin", "sbin"):
        if os.path.islink("/" + name):
            os.symlink(os.readlink("/" + name), f"{new_root}/{name}")
    for folder in ("/proc", "/tmp", "/dev/shm", SCRATCH):
        os.makedirs(new_root + folder, exist_ok=True)
    kernel.mount("proc", new_root + "/proc", "proc", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)
    kernel.mount("tmpfs", new_root + SCRATCH, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=16m,mode=0777")
    kernel.pivot_root(new_root)
    kernel.mount("", "/", "", kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_RDONLY | kernel.MS_NOSUID | kernel.MS_NODEV)


def hold_machine() -> list[int]:
    """Open descriptors of `MACHINE`, to be kept as long as forks are confined by Landlock.

    Landlock knows a file by its inode. /proc makes a new one whenever memory was short and nobody held the old.
    """
    return [os.open(path, os.O_PATH | os.O_CLOEXEC) for path in MACHINE if os.path.exists(path)]


def readable_in_own_tree() -> list[str]:
    """What tier A's student may read: all of its tree, and of /proc its own process and what every tier shows."""
    return [*(f"/{name}" for name in os.listdir("/") if name != "proc"), "/proc/self", *_PROC]


def _copy(source: str, target: str) -> None:
    with contextlib.suppress(OSError), open(source, "rb") as file:
        text = file.read()
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as copy:
            copy.write(text)


def _bind(source: str, target: str, device: bool = False) -> None:
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        open(target, "w").close()
    kernel.bind_read_only(source, target, device)


def fresh_scratch(size_mb: int) -> None:
    """Puts empty folders of bounded size over the scratch places, and this process namespace's own /proc over /proc."""
    flags = kernel.MS_NOSUID | kernel.MS_NODEV
    kernel.mount("proc", "/proc", "proc", flags | kernel.MS_NOEXEC)
    for path in _PROC:
        if os.path.exists(_COPIES + path):
            kernel.mount(_COPIES + path, path, "", kernel.MS_BIND)
    kernel.mount("tmpfs", SCRATCH, "tmpfs", flags, f"size={size_mb}m,nr_inodes=8k,mode=0700")
    kernel.mount("tmpfs", "/dev/shm", "tmpfs", flags, "size=1m,nr_inodes=64,mode=0700")
    # An environment installed below /tmp would vanish under a mount there; its scratch is SCRATCH alone.
    if not os.listdir("/tmp"):
        kernel.mount("tmpfs", "/tmp", "tmpfs", flags, f"size={size_mb}m,nr_inodes=8k,mode=0700")
