"""Attacks by which two submissions could talk through the kernel they share: its page cache, locks on files, counts of the machine.

Each is one half of a talk, the one that sets something for all or the one that asks. What only timing shows is in docs/security.md.
"""

from __future__ import annotations

from records import Attack, escaping

# A file that everybody may read and that no process has mapped.
_SHARED = """
import resource, struct
fd = os.open(os.path.join(os.path.dirname(os.__file__), 'pydoc_data', 'topics.py'), os.O_RDONLY)
while os.read(fd, 1 << 16): pass
os.lseek(fd, 0, os.SEEK_SET)
"""
_ANOTHER = "other = os.open(os.path.join(os.path.dirname(os.__file__), 'pydoc_data', 'topics.py'), os.O_RDONLY)\n"


def _sharing(name: str, attempt: str, **more) -> Attack:
    return escaping(name, _SHARED + attempt, **more)


def _telling(name: str, path: str, **more) -> Attack:
    """An attack that asks one of the machine's own files."""
    return escaping(name, f"if not open({path!r}).read(): raise OSError(errno.ENODATA, '')", **more)


CHANNELS: tuple[Attack, ...] = (
    # ---- the page cache
    _sharing("asked-of-the-page-cache", "os.preadv(fd, [bytearray(512)], 0, os.RWF_NOWAIT)", needs=("page cache",)),
    _sharing(
        "dropped-from-the-page-cache",
        "os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_inblock\n"
        "os.read(fd, 1 << 16)\n"
        "if resource.getrusage(resource.RUSAGE_SELF).ru_inblock == before: raise OSError(errno.EPERM, 'still there')",
        needs=("page cache",),
    ),
    escaping("asked-by-mincore", "raw(27, ctypes.c_void_p(id(libc) & -4096), 4096, ctypes.create_string_buffer(1))"),
    escaping(
        "asked-by-cachestat",
        "fd = os.open('mine', os.O_CREAT | os.O_RDWR)\n"
        "raw(451, fd, (ctypes.c_uint64 * 2)(0, 0), (ctypes.c_uint64 * 5)(), 0)",
        needs=("cachestat",),
    ),
    # ---- locks on what all may read
    _sharing(
        "a-lock-on-a-shared-file",
        _ANOTHER + "fcntl.flock(fd, fcntl.LOCK_EX)\n"
        "try: fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)\n"
        "except BlockingIOError: pass\n"
        "else: raise OSError(errno.EPERM, 'not locked')",
    ),
    _sharing(
        "a-lock-on-some-bytes-of-a-shared-file",
        _ANOTHER + "lock = struct.Struct('hhqqi4x')\n"
        "fcntl.fcntl(fd, 37, lock.pack(fcntl.F_RDLCK, 0, 7, 1, 0))\n"
        "if lock.unpack(fcntl.fcntl(other, 36, lock.pack(fcntl.F_WRLCK, 0, 7, 1, 0)))[0] == fcntl.F_UNLCK:\n"
        "    raise OSError(errno.EPERM, 'not locked')",
    ),
    # ---- how busy the machine is, and how full its memory
    escaping("asked-of-sysinfo", "raw(99, ctypes.create_string_buffer(256))"),
    escaping("the-load-of-the-machine", "os.getloadavg()"),
    _telling("how-many-inodes-there-are", "/proc/sys/fs/inode-nr"),
    _telling("how-many-files-are-open", "/proc/sys/fs/file-nr"),
    _telling("counts-of-the-machines-memory", "/proc/vmstat"),
    _telling("memory-by-nodes", "/sys/devices/system/node/node0/vmstat", needs=("nodes of memory",)),
    escaping("how-long-the-machine-runs", "open('/proc/uptime').close()"),
)  # fmt: skip
