"""Which walls this machine offers: probed by trying them, the strongest chosen, the choice printed.

A  namespaces, a file tree of its own, Landlock, seccomp, limits
B  root without namespaces (a container): a private user per submission, Landlock, seccomp, limits
C  an ordinary user without namespaces: Landlock, seccomp, limits
D  nothing of that: hidden suites are refused unless the caller says `unsafe`
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass

from autograder.sandbox.jail import landlock, remedies, seccomp

PROBE_UID = 999_999


@dataclass(frozen=True)
class Tier:
    """The walls in use.

    Attributes:
        name: "A", "B", "C" or "D".
        summary: one line for the run and every report.
        why: why no stronger tier was chosen; empty for A.
        remedy: what would give a stronger one; empty for A.
        landlock: the kernel's version of it; 0 if it has none.
    """

    name: str
    summary: str
    why: str = ""
    remedy: str = ""
    landlock: int = 0


_known: list[Tier] = []


def best() -> Tier:
    """The strongest tier that works here; tried once per process (about 0.1 s)."""
    if not _known:
        _known.append(_tried())
    return _known[0]


def known(tier: Tier) -> None:
    """In a worker process: what the process that started it has found out on this machine."""
    _known[:] = [tier]


def _tried() -> Tier:
    if sys.platform != "linux":
        return Tier("D", "D: not isolated", f"this is {_system()}, and the walls are Linux's", remedies.other_system())
    if not seccomp.supported():
        return Tier("D", "D: not isolated", f"there is no filter for {os.uname().machine}", "grade on x86-64 or ARM64 Linux")
    version = landlock.abi()
    kernel_walls = f"Landlock {version}, seccomp" if version else "seccomp"
    problem = _why_no_namespaces()
    if not problem:
        return Tier("A", f"A: namespaces, {kernel_walls}", landlock=version)
    why, remedy = f"new namespaces are refused ({problem})", remedies.no_namespaces()
    if os.geteuid() == 0:
        return Tier("B", f"B: a private user, {kernel_walls}, no namespaces", why, remedy, version)
    if version:
        return Tier("C", f"C: {kernel_walls}, no namespaces", why, remedy, version)
    return Tier("D", "D: not isolated", f"{why}, and the kernel has no Landlock (Linux 5.13, switched on)", remedy)


def _system() -> str:
    return {"darwin": "macOS", "win32": "Windows"}.get(sys.platform, sys.platform)


def _why_no_namespaces() -> str:
    """Tries everything that tier A does, in a process of its own; the first failure as text, empty if all works."""
    program = [sys.executable, "-I", "-c", f"import sys; sys.path[:] = {sys.path!r}; " + _PROBE]
    # A user namespace is only for processes of one thread, and NumPy would start one per core.
    environment = {"PATH": "/usr/bin:/bin", "OPENBLAS_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory(prefix="autograder-probe-") as root:
        try:
            done = subprocess.run(
                [*program, root], capture_output=True, text=True, timeout=60, check=False, env=environment
            )
        except subprocess.TimeoutExpired:
            return "starting a process in new namespaces did not end"
    last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
    return "" if done.returncode == 0 else last


_PROBE = "from autograder.sandbox.jail import tiers; tiers.try_namespaces(sys.argv[1])"


def try_namespaces(root: str) -> None:
    """Runs in the probing process: tier A from the outer walls to a fork's, ending in exit status 0."""
    from autograder.sandbox.jail import fork, kernel, launcher, tree

    launcher._enter_namespaces(kernel, os.getuid(), os.getgid())
    tree.enter(root, ["/usr"])
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(PROBE_UID, PROBE_UID, PROBE_UID)
        os.setresuid(PROBE_UID, PROBE_UID, PROBE_UID)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
    fork._new_namespaces()
    child = os.fork()
    if child == 0:
        tree.fresh_scratch(1)
        os._exit(0)
    os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
