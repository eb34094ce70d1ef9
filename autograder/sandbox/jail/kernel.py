"""The Linux calls that the jail is made of, through libc: Python 3.11 has no wrapper for them.

Each function raises OSError with the kernel's errno. Nothing here knows what a jail is.
"""

from __future__ import annotations

import ctypes
import os

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 16384, 1 << 18
MNT_DETACH = 2

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38
CAP_KILL = 1 << 5
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4

# Numbers above 423 are the same on every architecture; pivot_root is the one older call without a libc wrapper.
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_MOUNT_SETATTR = 442
_AT_RECURSIVE = 0x8000
_AT_FDCWD = -100
_MOUNT_ATTR_RDONLY, _MOUNT_ATTR_NOSUID, _MOUNT_ATTR_NODEV = 1, 2, 4

libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def syscall(number: int, *args) -> int:
    return _checked(libc.syscall(ctypes.c_long(number), *args), f"syscall {number}")


def unshare(flags: int) -> None:
    _checked(libc.unshare(ctypes.c_int(flags)), "unshare")


def prctl(option: int, a: int = 0, b: int = 0, c: int = 0, d: int = 0) -> int:
    longs = [ctypes.c_ulong(x) for x in (a, b, c, d)]
    return _checked(libc.prctl(ctypes.c_int(option), *longs), f"prctl {option}")


def mount(source: str, target: str, fstype: str, flags: int, data: str = "") -> None:
    args = [s.encode() if s else None for s in (source, target, fstype)]
    result = libc.mount(*args, ctypes.c_ulong(flags), data.encode() or None)
    _checked(result, f"mount {fstype or source} on {target}")


def umount(target: str) -> None:
    _checked(libc.umount2(target.encode(), ctypes.c_int(MNT_DETACH)), f"umount {target}")


def bind_read_only(source: str, target: str, device: bool = False) -> None:
    """Binds `source` with everything below it at `target`, read-only, without set-uid files or devices."""
    mount(source, target, "", MS_BIND | MS_REC)
    attributes = _MOUNT_ATTR_RDONLY | _MOUNT_ATTR_NOSUID | (0 if device else _MOUNT_ATTR_NODEV)
    packed = (ctypes.c_uint64 * 4)(attributes, 0, 0, 0)
    syscall(
        _MOUNT_SETATTR,
        ctypes.c_int(_AT_FDCWD),
        ctypes.c_char_p(target.encode()),
        ctypes.c_uint(_AT_RECURSIVE),
        packed,
        ctypes.c_size_t(32),
    )


def pivot_root(new_root: str) -> None:
    """Makes `new_root` (a mount point) the root of this mount namespace and lets go of the old one."""
    os.chdir(new_root)
    syscall(_PIVOT_ROOT[os.uname().machine], ctypes.c_char_p(b"."), ctypes.c_char_p(b"."))
    umount(".")
    os.chdir("/")


def drop_capabilities(keep: int = 0) -> None:
    """Gives up every capability, now and for programs started later; of `keep`, a mask, this process retains what it has."""
    last = int(_read("/proc/sys/kernel/cap_last_cap") or 40)
    for capability in range(last + 1):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:  # already without CAP_SETPCAP: then there is nothing to drop from either
            break
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    permitted = next((int(x.split()[1], 16) for x in _read("/proc/self/status").splitlines() if x.startswith("CapPrm")), 0)
    data = (ctypes.c_uint32 * 6)(keep & permitted, keep & permitted)
    _checked(libc.capset(header, data), "capset")


def _read(path: str) -> str:
    try:
        with open(path) as f:
            return f.read()
    except OSError:
        return ""


def write(path: str, text: str) -> None:
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)
