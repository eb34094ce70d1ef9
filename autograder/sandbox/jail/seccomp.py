"""The system calls that student code does not get: one BPF program, put in place by `install` for good.

Denied are new processes and programs, sockets, everything about mounts, namespaces, other processes, kernel interfaces with a
history of holes (io_uring, bpf, userfaultfd, keys), memory that limits do not see (memfd, SysV, mq), and the clock. Threads stay:
XLA needs them. Denied calls fail with EPERM, or ENOSYS where libraries then take another way.

Two submissions share the kernel, and with it the page cache, locks on files that both may read, and counts of what the machine
does. Calls that ask for these, or set them, without a trace of timing in between are denied or do nothing.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct

from autograder.sandbox.jail import kernel

_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# name: (x86_64, aarch64); None where the architecture has no such call.
_NUMBERS: dict[str, tuple[int | None, int | None]] = {
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281),
    "tkill": (200, 130), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "process_madvise": (440, 440), "process_mrelease": (448, 448), "kcmp": (312, 272),
    "pidfd_open": (434, 434), "pidfd_send_signal": (424, 424), "pidfd_getfd": (438, 438),
    "socket": (41, 198), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201),
    "accept": (43, 202), "accept4": (288, 242),
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41),
    "chroot": (161, 51), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "open_tree_attr": (467, 467), "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "seccomp": (317, 277),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "reboot": (169, 142), "swapon": (167, 224),
    "swapoff": (168, 225), "acct": (163, 89), "settimeofday": (164, 170), "clock_settime": (227, 112),
    "adjtimex": (159, 171), "clock_adjtime": (305, 266), "sethostname": (170, 161), "setdomainname": (171, 162),
    "iopl": (172, None), "ioperm": (173, None), "modify_ldt": (154, None), "quotactl": (179, 60),
    "quotactl_fd": (443, 443), "syslog": (103, 116), "vhangup": (153, 58), "personality": (135, 92),
    "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195), "semget": (64, 190), "semctl": (66, 191),
    "semop": (65, 193), "semtimedop": (220, 192), "msgget": (68, 186), "msgctl": (71, 187), "msgsnd": (69, 189),
    "msgrcv": (70, 188), "mq_open": (240, 180), "mq_unlink": (241, 181), "fanotify_init": (300, 262),
    "memfd_secret": (447, 447),
    # Other processes' priority, place and memory policy; in tier C they belong to the same user.
    "setpriority": (141, 140), "sched_setaffinity": (203, 122), "sched_setscheduler": (144, 119),
    "sched_setparam": (142, 118), "sched_setattr": (314, 274), "ioprio_set": (251, 30), "migrate_pages": (256, 238),
    "move_pages": (279, 239), "setpgid": (109, 154), "setsid": (112, 157), "mknod": (133, None), "mknodat": (259, 33),
    # By their path, and so past Landlock: watching a folder tells its names, and cutting a file is no opening of it
    # (kernels before 6.2). And a flood of writing everything to the disk is felt by all.
    "inotify_init": (253, None), "inotify_init1": (294, 26), "inotify_add_watch": (254, 27), "truncate": (76, 45),
    "sync": (162, 81), "syncfs": (306, 267),
    # Limits are the grader's: who lowers their own (no descriptor, no second of processor time) spoils what is asked later.
    "setrlimit": (160, 164),
    # Asynchronous input and output, and others that no notebook needs.
    "io_setup": (206, 0), "io_destroy": (207, 1), "io_submit": (209, 2), "io_cancel": (210, 3), "io_getevents": (208, 4),
    "uselib": (134, None), "lookup_dcookie": (212, 18), "vmsplice": (278, 75), "fanotify_mark": (301, 263),
    "statmount": (457, 457), "listmount": (458, 458), "lsm_set_self_attr": (460, 460),
    # How busy the machine is and how full its memory.
    "sysinfo": (99, 179),
}  # fmt: skip
# These fail as if the kernel were older: libraries then do without.
_MISSING: dict[str, tuple[int, int]] = {
    "clone3": (435, 435), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "memfd_create": (319, 279),
    # Which pages of a file are in memory: each tells it without reading them.
    "preadv2": (327, 286), "pwritev2": (328, 287), "mincore": (27, 232), "cachestat": (451, 451),
}  # fmt: skip
_CLONE, _KILL, _TGKILL, _PRCTL, _IOCTL, _PRLIMIT = (56, 220), (62, 129), (234, 131), (157, 167), (16, 29), (302, 261)
_FCNTL, _OPEN, _OPENAT, _OPENAT2, _MMAP = (72, 25), (2, None), (257, 56), (437, 437), (9, 222)
# Calls that came with later kernels than this table are missing, until somebody has read what they do.
_NEWEST = 463
# Tiers B and C write to a folder whose size no kernel bounds: the trusted side counts what lies there, so nothing may be
# written that lies nowhere. Removing a file does nothing (and says that it did); a file without a name cannot be made.
_REMOVALS: tuple[tuple[int | None, int], ...] = ((87, 35), (84, 35), (263, 35))
# Landlock lets the owner of any file change its permissions, times and attributes, and in tier C student code is the owner of
# everything: a neighbour's notebook closed, or dated after the deadline. In B and C these do nothing, and say that they did:
# chmod, fchmod, fchmodat, fchmodat2, chown, fchown, lchown, fchownat, utime, utimes, futimesat, utimensat, setxattr,
# lsetxattr, fsetxattr, removexattr, lremovexattr, fremovexattr.
_ATTRIBUTES: tuple[tuple[int | None, int | None], ...] = (
    (90, None), (91, 52), (268, 53), (452, 452), (92, None), (93, 55), (94, None), (260, 54), (132, None), (235, None),
    (261, None), (280, 88), (188, 5), (189, 6), (190, 7), (197, 14), (198, 15), (199, 16),
)  # fmt: skip

# These do nothing, and say that they did. Advice on the pages of a file, which all share: fadvise64, readahead. And locks on
# files: nobody else may write to a submission's own, and the others are everybody's.
_IDLE: tuple[tuple[int, int], ...] = ((221, 223), (187, 213), (73, 32))
_MADVISE, _ADVICE_ON_FILES = (28, 233), (3, 20, 21)  # WILLNEED, COLD, PAGEOUT
_FCNTL_LOCKS = (6, 7, 37, 38)  # SETLK, SETLKW, OFD_SETLK, OFD_SETLKW

_THREAD_FLAG = 0x00010000
_NAMESPACE_FLAGS = 0x7E020080
_PRCTL_DENIED = (1, 4, 22, 35, 0x59616D61)  # PDEATHSIG, DUMPABLE, SECCOMP, MM, PTRACER
# What Python asks of descriptors: is it a terminal, how wide, how much is there to read, blocking, close on exec. Not: typing
# into somebody's terminal, signals to other processes, attributes and encryption of files.
_IOCTL_ALLOWED = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
# SETOWN, SETSIG, SETOWN_EX: signals to others. SETLEASE, NOTIFY: holding up, or watching, who opens a file.
_FCNTL_DENIED = (8, 10, 15, 1024, 1026)
_O_TMPFILE, _O_CREAT = 0x400000, 0x40
_MAP_SHARED, _MAP_ANONYMOUS, _MAP_GROWSDOWN = 0x01, 0x20, 0x100
_SOCKETPAIR = (53, 199)
_AF_UNIX, _SOCK_STREAM, _SOCK_FLAGS = 1, 1, 0o2004000  # CLOEXEC, NONBLOCK

# creat, mkdir, mkdirat, link, linkat, symlink, symlinkat, rename, renameat, renameat2
_CREATIONS: tuple[tuple[int | None, int | None], ...] = (
    (85, None), (83, None), (258, 34), (86, None), (265, 37), (88, None), (266, 36), (82, None), (264, 38), (316, 276),
)  # fmt: skip

_LOAD, _AND, _JEQ, _JGE, _JSET, _RET = 0x20, 0x54, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL_PROCESS = 0x7FFF0000, 0x80000000
_EPERM, _ENOSYS, _ENOMEM, _PRETEND = (0x00050000 | n for n in (errno.EPERM, errno.ENOSYS, errno.ENOMEM, 0))
_ALLOWED = (_RET, 0, 0, _ALLOW)
_NR, _ARCH = 0, 4


def supported() -> bool:
    """Whether there is a program for this machine's architecture."""
    return platform.machine() in _AUDIT_ARCH


def program(pid: int, machine: str | None = None, counted_files: bool = False, frozen_files: bool = False) -> bytes:
    """The filter as BPF instructions for the process `pid` (its own id, in its own namespace).

    Args:
        counted_files: tiers B and C: every byte written stays in sight (see `_REMOVALS`).
        frozen_files: tier B without Landlock: no file is made anywhere, because nothing else keeps one out of /tmp.
    """
    machine = machine or platform.machine()
    column = 0 if machine == "x86_64" else 1
    code = [(_LOAD, 0, 0, _ARCH), (_JEQ, 1, 0, _AUDIT_ARCH[machine]), (_RET, 0, 0, _KILL_PROCESS), (_LOAD, 0, 0, _NR)]
    if machine == "x86_64":  # the x32 calls have other numbers
        code += [(_JGE, 0, 1, 0x40000000), (_RET, 0, 0, _EPERM)]
    code += [(_JGE, 0, 1, _NEWEST), (_RET, 0, 0, _ENOSYS)]
    if counted_files:
        for number in {numbers[column] for numbers in (*_REMOVALS, *_ATTRIBUTES)} - {None}:
            code += [(_JEQ, 0, 1, number), (_RET, 0, 0, _PRETEND)]
        code += [(_JEQ, 0, 1, _OPENAT2[column]), (_RET, 0, 0, _ENOSYS)]
        forbidden = _O_TMPFILE | (_O_CREAT if frozen_files else 0)
        code += _when(_OPENAT[column], _without_flag(2, forbidden))
        if _OPEN[column] is not None:
            code += _when(_OPEN[column], _without_flag(1, forbidden))
    if frozen_files:
        for number in {numbers[column] for numbers in _CREATIONS} - {None}:
            code += [(_JEQ, 0, 1, number), (_RET, 0, 0, _EPERM)]
    for table, verdict in ((_NUMBERS, _EPERM), (_MISSING, _ENOSYS)):
        for numbers in table.values():
            if numbers[column] is not None:
                code += [(_JEQ, 0, 1, numbers[column]), (_RET, 0, 0, verdict)]
    for numbers in _IDLE:
        code += [(_JEQ, 0, 1, numbers[column]), (_RET, 0, 0, _PRETEND)]
    code += _when(_MADVISE[column], _argument_not_in(2, _ADVICE_ON_FILES, _PRETEND))
    code += _when(_CLONE[column], _only_threads())
    # Signals only to oneself; limits are read, one's own only (prlimit's 0 also means oneself).
    code += _when(_KILL[column], _argument_in(0, (pid,)))
    code += _when(_TGKILL[column], _argument_in(0, (pid,)))
    code += _when(_PRLIMIT[column], [*_no_pointer(2), *_argument_in(0, (0, pid))])
    code += _when(_PRCTL[column], _argument_not_in(0, _PRCTL_DENIED))
    code += _when(_IOCTL[column], _argument_in(1, _IOCTL_ALLOWED))
    # A pair of datagram sockets could send to any socket that has a name or an address; asyncio needs a pair of streams.
    code += _when(_SOCKETPAIR[column], [*_only_value(0, _AF_UNIX), *_only_value(1, _SOCK_STREAM, _SOCK_FLAGS), _ALLOWED])
    code += _when(_FCNTL[column], [*_none_of(1, _FCNTL_LOCKS, _PRETEND), *_argument_not_in(1, _FCNTL_DENIED)])
    code += _when(_MMAP[column], _only_counted_memory())
    code.append((_RET, 0, 0, _ALLOW))
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in code)


Instruction = tuple[int, int, int, int]


def _when(number: int, block: list[Instruction]) -> list[Instruction]:
    """`block`, which always returns, for the call `number`."""
    return [(_JEQ, 0, len(block), number), *block]


def _low(argument: int) -> int:
    return 16 + 8 * argument


def _only_threads() -> list[Instruction]:
    return [
        (_LOAD, 0, 0, _low(0)),
        (_JSET, 0, 2, _THREAD_FLAG),
        (_JSET, 1, 0, _NAMESPACE_FLAGS),
        (_RET, 0, 0, _ALLOW),
        (_RET, 0, 0, _EPERM),
    ]


def _argument_in(argument: int, values: tuple[int, ...]) -> list[Instruction]:
    tests = [(_JEQ, len(values) - i, 0, v) for i, v in enumerate(values)]
    return [(_LOAD, 0, 0, _low(argument)), *tests, (_RET, 0, 0, _EPERM), (_RET, 0, 0, _ALLOW)]


def _only_value(argument: int, value: int, but_for: int = 0) -> list[Instruction]:
    """Goes on if the argument, without the bits of `but_for`, is `value`; refuses if not."""
    return [(_LOAD, 0, 0, _low(argument)), (_AND, 0, 0, 0xFFFFFFFF ^ but_for), (_JEQ, 1, 0, value), (_RET, 0, 0, _EPERM)]


def _no_pointer(argument: int) -> list[Instruction]:
    """Goes on if the argument, a pointer, is null; refuses if it is not."""
    high = _low(argument) + 4
    return [(_LOAD, 0, 0, _low(argument)), (_JEQ, 1, 0, 0), (_RET, 0, 0, _EPERM),
            (_LOAD, 0, 0, high), (_JEQ, 1, 0, 0), (_RET, 0, 0, _EPERM)]  # fmt: skip


def _none_of(argument: int, values: tuple[int, ...], verdict: int) -> list[Instruction]:
    """Goes on if the argument is none of `values`; ends with `verdict` if it is."""
    tests = [(_JEQ, len(values) - 1 - i, int(v == values[-1]), v) for i, v in enumerate(values)]
    return [(_LOAD, 0, 0, _low(argument)), *tests, (_RET, 0, 0, verdict)]


def _argument_not_in(argument: int, values: tuple[int, ...], verdict: int = _EPERM) -> list[Instruction]:
    return [*_none_of(argument, values, verdict), _ALLOWED]


def _without_flag(argument: int, flag: int) -> list[Instruction]:
    return [(_LOAD, 0, 0, _low(argument)), (_JSET, 0, 1, flag), (_RET, 0, 0, _EPERM), (_RET, 0, 0, _ALLOW)]


def _only_counted_memory() -> list[Instruction]:
    """RLIMIT_DATA counts neither memory without a file that is shared (there is nobody to share it with) nor stacks."""
    flags = [(_JSET, 2, 0, _MAP_GROWSDOWN), (_JSET, 0, 2, _MAP_SHARED), (_JSET, 0, 1, _MAP_ANONYMOUS)]
    return [(_LOAD, 0, 0, _low(3)), *flags, (_RET, 0, 0, _ENOMEM), _ALLOWED]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def install(code: bytes) -> None:
    """Puts the filter over this process and all its later threads. Needs no_new_privs.

    Raises:
        OSError: the kernel refused it.
    """
    packed = _Program(len(code) // 8, code)
    number = {"x86_64": 317, "aarch64": 277}[os.uname().machine]
    kernel.syscall(number, ctypes.c_uint(1), ctypes.c_uint(0), ctypes.byref(packed))
