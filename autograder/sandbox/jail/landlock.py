"""Landlock: after `restrict`, this process and its threads reach only the named folders, whatever their permissions say."""

from __future__ import annotations

import ctypes
import os

from autograder.sandbox.jail import kernel

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_RULE_PATH_BENEATH = 1
_READ = 0b1101  # execute (a library is mapped executable), read file, read directory
_REMOVE = 0b110000  # directories, files
_FILE_ONLY = 0b0111 | (1 << 14) | (1 << 15)  # the rights that a rule on a single file may carry


def abi() -> int:
    """Landlock's version in this kernel; 0 where there is none."""
    try:
        return kernel.syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint(1))
    except OSError:
        return 0


def restrict(readable: list[str], writable: list[str], removal: bool = True) -> int:
    """Confines this process for good. Paths that do not exist are passed over.

    `removal` says whether files may be removed, or replaced by renaming, in the writable folders.

    Needs no_new_privs. Files: from ABI 1. TCP: 4. Signals and abstract sockets of processes outside: 6.

    Returns:
        The ABI that was applied; 0 if the kernel has none.
    """
    version = abi()
    if version == 0:
        return 0
    all_rights = (1 << {1: 13, 2: 14}.get(version, 15 if version < 5 else 16)) - 1
    fields = [all_rights]
    if version >= 4:
        fields.append(0b11)
    if version >= 6:
        fields.append(0b11)
    attributes = (ctypes.c_uint64 * len(fields))(*fields)
    ruleset = kernel.syscall(_CREATE, attributes, ctypes.c_size_t(8 * len(fields)), ctypes.c_uint(0))
    for path in readable:
        _allow(ruleset, path, _READ & all_rights)
    for path in writable:
        _allow(ruleset, path, all_rights & ~_device_rights() & ~(0 if removal else _REMOVE))
    kernel.syscall(_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint(0))
    os.close(ruleset)
    return version


def _device_rights() -> int:
    return (1 << 6) | (1 << 11)  # making character and block devices


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not os.path.isdir(path):
            rights &= _FILE_ONLY
        rule = _PathBeneath(rights, fd)
        kernel.syscall(
            _ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(_RULE_PATH_BENEATH), ctypes.byref(rule), ctypes.c_uint(0)
        )
    finally:
        os.close(fd)
