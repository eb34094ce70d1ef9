"""What one attack is: a name, a class, a goal, and the few lines of a notebook (or the archive) that try it.

The same record is graded by the product, where its goal must not be reached, and by the naive grader (`naive_grader.py`),
where it must be: an attack whose positive control fails is not counted.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

# A plain wrong answer, one right one, one wrong: what a notebook without the attack is worth.
BASE_SCORE = 2.0
WRONG_DOUBLE = "def double(x):\n    return x"
RIGHT_TRIPLE = "def triple(x):\n    return 3 * np.asarray(x)"
WRONG_REFUSE = "def refuse(x):\n    return x"

_PRELUDE = """
import os, re, sys
import numpy as np
PATHS = {paths!r}
PATTERN = re.compile("(?:sui" + "te|solu" + "tion|neigh" + "bour|memo" + "ry|envi" + "ron|res" + "ult)-mark" + "er-[0-9a-f]{{8}}")
loot = set()
def look(thing):
    text = thing.decode("latin-1") if isinstance(thing, (bytes, bytearray, memoryview)) else str(thing)
    loot.update(PATTERN.findall(text))
    if PATHS["digits"] in text.split("\\n")[0][:80]:
        loot.add(text.split("\\n")[0])
def read(path):
    try:
        with open(path, "rb") as f:
            look(f.read(1 << 22))
    except OSError:
        pass
"""
TELL = "def double(x):\n    raise ValueError('loot: ' + ' '.join(sorted(loot)))"


@dataclass(frozen=True)
class Attack:
    """One attack.

    Attributes:
        name: short, unique.
        group: read, forge, exhaust, outlive, escape, poison or smuggle.
        goal: what the attacker gains: score, leak, neighbour, markup, file, process, time, memory, disk, files, processes,
            output or death. The control has to reach it; the product must let none of them happen.
        cell: code of a cell of its own, before the answers.
        double, refuse: the attacker's function, where the attack happens in a call.
        raw: for the goal "markup": text that must not stand in any page or table as it is.
        expected: the score of the same notebook without the attack; None if nothing gradable is left of it.
        file: makes the file handed in, (file name, bytes), from the notebook as JSON and the true paths.
        metadata: of the notebook; outputs: of the attack's cell.
        sample: part of the quick run.
        needs: what the machine must have for it to succeed on anybody (`needs.py`); where it has not, the attack is left out.
    """

    name: str
    group: str
    goal: str
    cell: str = ""
    double: str = WRONG_DOUBLE
    refuse: str = WRONG_REFUSE
    raw: str = ""
    expected: float | None = BASE_SCORE
    file: Callable[[str, dict], tuple[str, bytes]] | None = None
    metadata: dict = field(default_factory=dict)
    outputs: tuple[dict, ...] = ()
    markdown: str = ""
    sample: bool = False
    needs: tuple[str, ...] = ()

    def notebook(self, paths: dict) -> str:
        """The notebook as JSON; `paths` are the true places of everything worth reading, which the attacker knows."""
        cells = [_PRELUDE.format(paths=paths)]
        cells += [self.cell] if self.cell else []
        cells += [self.double, RIGHT_TRIPLE, self.refuse]
        made = [{"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": c} for c in cells]
        if self.outputs:
            made[1]["outputs"] = list(self.outputs)
        if self.markdown:
            made.append({"cell_type": "markdown", "metadata": {}, "source": self.markdown})
        return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": self.metadata, "cells": made})

    def handed_in(self, paths: dict) -> tuple[str, bytes]:
        """File name and contents as they lie in the folder of submissions."""
        notebook = self.notebook(paths)
        return self.file(notebook, paths) if self.file else (f"{self.name}.ipynb", notebook.encode("utf-8", "surrogatepass"))


def reading(name: str, cell: str, **more) -> Attack:
    """An attack that looks for something secret and shows what it found in an error message."""
    return Attack(name, "read", "leak", cell=cell, double=TELL, **more)


def escaping(name: str, attempt: str, needs: tuple[str, ...] = (), **more) -> Attack:
    """An attack whose answer is right only if `attempt` (statements) raises nothing."""
    if "raw(" in attempt:
        needs = ("x86-64", *needs)
    body = "\n".join("        " + line for line in attempt.strip().split("\n"))
    code = (
        "import ctypes, os, signal, socket, subprocess, fcntl, errno\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "def raw(number, *arguments):\n"
        "    result = libc.syscall(ctypes.c_long(number), *arguments)\n"
        "    if result < 0: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))\n"
        "    return result\n"
        "def alone(act):\n"
        "    try: return act()\n"
        "    except OSError as e:\n"
        "        if e.errno != errno.EINVAL: raise\n"
        "    pid = os.fork()  # new user namespaces are for processes of one thread\n"
        "    if pid == 0:\n"
        "        try: act()\n"
        "        except BaseException: os._exit(1)\n"
        "        os._exit(0)\n"
        "    if os.waitpid(pid, 0)[1]: raise OSError(errno.EPERM, 'refused')\n"
        "def double(x):\n"
        "    try:\n"
        f"{body}\n"
        "    except (OSError, ValueError) as e:\n"
        "        return x\n"
        "    return 2 * np.asarray(x)"
    )
    return Attack(name, "escape", "score", double=code, needs=needs, **more)
