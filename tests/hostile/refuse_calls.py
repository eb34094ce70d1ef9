"""Runs a program to which the kernel refuses some system calls, as a file system without locks or links does.

    python refuse_calls.py NUMBER,NUMBER... PROGRAM ARGUMENT...
"""

from __future__ import annotations

import os
import shutil
import struct
import sys

from autograder.sandbox.jail import kernel, seccomp

_LOAD, _JEQ, _RET, _ALLOW, _NOT_SUPPORTED = 0x20, 0x15, 0x06, 0x7FFF0000, 0x0005005F


def main() -> None:
    numbers, program = [int(n) for n in sys.argv[1].split(",")], sys.argv[2:]
    code = [(_LOAD, 0, 0, 0)]
    for number in numbers:
        code += [(_JEQ, 0, 1, number), (_RET, 0, 0, _NOT_SUPPORTED)]
    code.append((_RET, 0, 0, _ALLOW))
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    seccomp.install(b"".join(struct.pack("<HBBI", *i) for i in code))
    os.execv(shutil.which(program[0]) or program[0], program)


if __name__ == "__main__":
    main()
