"""Runs a program as on a machine with fewer walls: namespaces (and Landlock, if asked) are refused by a seccomp filter.

    python refuse.py [--landlock] [--user UID] [--bind FOLDER PLACE] PROGRAM ARGUMENT...

This is how tiers B and C are tried for real: B as root, C as an ordinary user. It needs root to start with.
"""

from __future__ import annotations

import argparse
import os
import struct
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent)]

from reachable import make_reachable  # noqa: E402

from autograder.sandbox.jail import kernel, seccomp  # noqa: E402

_NEW = 0x7E020000  # CLONE_NEW* without CLONE_NEWTIME, whose bit is the exit signal's in clone
_LOAD, _JEQ, _JSET, _RET = 0x20, 0x15, 0x45, 0x06
_ALLOW, _EPERM, _ENOSYS, _NOT_SUPPORTED = 0x7FFF0000, 0x00050001, 0x00050026, 0x0005005F


def refusal(machine: str, landlock: bool) -> bytes:
    """A filter as containers have it: EPERM for unshare and clone with new namespaces, setns, mount and its kin."""
    column = 0 if machine == "x86_64" else 1
    unshare, clone, clone3 = (272, 97)[column], (56, 220)[column], 435
    flat = [(165, 40), (166, 39), (155, 41), (308, 268), (428, 428), (429, 429), (430, 430), (442, 442)]
    code = [(_LOAD, 0, 0, 0)]
    for number in (n[column] for n in flat):
        code += [(_JEQ, 0, 1, number), (_RET, 0, 0, _EPERM)]
    if landlock:
        for number in (444, 445, 446):
            code += [(_JEQ, 0, 1, number), (_RET, 0, 0, _NOT_SUPPORTED)]
    code += [(_JEQ, 0, 1, clone3), (_RET, 0, 0, _ENOSYS)]
    for number in (unshare, clone):
        code += [(_JEQ, 0, 3, number), (_LOAD, 0, 0, 16), (_JSET, 0, 1, _NEW), (_RET, 0, 0, _EPERM), (_LOAD, 0, 0, 0)]
    code.append((_RET, 0, 0, _ALLOW))
    return b"".join(struct.pack("<HBBI", *i) for i in code)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--landlock", action="store_true", help="refuse Landlock too")
    parser.add_argument("--user", type=int, default=0)
    parser.add_argument("--bind", nargs=2, action="append", default=[], help="show FOLDER at PLACE, too, as if it lay there")
    parser.add_argument("program", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    kernel.unshare(kernel.CLONE_NEWNS)
    kernel.mount("", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
    make_reachable()
    for folder, place in options.bind:
        os.makedirs(place, exist_ok=True)
        kernel.mount(folder, place, "", kernel.MS_BIND | kernel.MS_REC)
    if options.user:
        os.setgroups([])
        os.setresgid(options.user, options.user, options.user)
        os.setresuid(options.user, options.user, options.user)
        os.environ["HOME"] = os.environ.get("TMPDIR", "/tmp")
        kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    seccomp.install(refusal(os.uname().machine, options.landlock))
    os.execv(options.program[0], options.program)


if __name__ == "__main__":
    main()
