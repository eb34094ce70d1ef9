"""The warm parent: a process that has imported everything and started nothing, forked once per submission.

It answers one request at a time on its control socket: a JSON object and two descriptors (the session's socket and the
supervisor's line). It holds no test, no solution and no other submission, so what a fork inherits is worth nothing.
After any use of a JAX backend here every fork would hang at its next compilation: `_assert_cold` refuses that.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import shutil
import signal
import socket
import sys

from autograder.sandbox import pristine, without
from autograder.sandbox import shell as shells
from autograder.sandbox.jail import closed, fork, kernel, tree

_IMPORTS = (
    "numpy", "scipy.linalg", "scipy.special", "scipy.stats", "scipy.optimize", "scipy.integrate", "jax", "jax.numpy",
    "jax.scipy.special", "jax.scipy.linalg", "jax.scipy.stats", "jax.tree_util", "jax.flatten_util", "jax.test_util",
    "jax.nn", "jax.experimental", "jax.ops", "optax", "jaxtyping", "matplotlib.pyplot", "sklearn.datasets",
    "networkx", "bdb", "pdb", "course_lib.checks", "course_lib.data", "course_lib.plots",
    # What JAX imports at its first program.
    "jaxlib.mlir.dialects.builtin", "jaxlib.mlir.extras.meta",
)  # fmt: skip

# Made before any fork, which costs a fork nothing; a notebook of this course compiles or loads 50 to 250 programs.
_READY_CONTEXTS, _PROGRAMS_PER_CONTEXT = 8, 32
_HUGE, _MADV_COLLAPSE = 2 * 2**20, 25
# Tracing makes many objects that stay: Python's default, 700, has a notebook spend a tenth of its time looking for garbage.
# Some fourteen times as many, and no more: what a student's cycles hold, arrays say, counts against the notebook's memory.
_NEW_OBJECTS = 10_000


def main(tier: str, control_fd: int) -> None:
    """Imports, says "ready", then forks on demand until the control socket closes."""
    gc.disable()  # until `settle`: what is imported here stays, and looking for garbage in it takes a fifth of the time
    held = closed.take_over()
    _prepare_matplotlib()
    if tier != "A":  # there a fork could see this process; in A it must write its own uid_map, and cannot see us
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    _held = tree.hold_machine() if tier != "A" else []
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    missing = warm_up()
    shell = shells.make_shell()
    control = socket.socket(fileno=control_fd)
    _assert_cold()
    settle()
    _say(control, {"ready": True, "missing": missing, "pid": os.getpid()})
    while True:
        request, descriptors = _receive(control)
        if request is None:
            os._exit(0)
        try:
            _assert_cold()
            fork.start(tier, {**request, "held": held}, shell, control, *descriptors)
            _say(control, {"forked": True})
        except (OSError, RuntimeError) as e:
            _say(control, {"error": f"{type(e).__name__}: {e}"})
        for fd in descriptors:
            os.close(fd)


def warm_up() -> list[str]:
    """Does beforehand what every notebook would do; names that cannot be imported are returned."""
    missing = _import_all()
    _find_plugins()
    _sort_once()
    _share_contexts()
    if bans := json.loads(os.environ.pop("AUTOGRADER_BANS", "{}")):
        without.install(bans)
    pristine.keep()  # with the guards of `without` in place
    return missing


def settle() -> None:
    """Leaves memory so that a fork copies little of it."""
    gc.collect()
    gc.freeze()  # else the first collection in every fork would copy every page that it looks at
    gc.set_threshold(_NEW_OBJECTS, 10, 10)
    gc.enable()
    _take_huge_pages()


def _import_all() -> list[str]:
    """Imports what notebooks use, so that forks need not; names that this environment lacks are returned."""
    missing = []
    for name in _IMPORTS:
        try:
            __import__(name)
        except ImportError:
            missing.append(name)
    return missing


def _find_plugins() -> None:
    """Has JAX look for plug-ins of other devices, as it does before its first backend: it reads every installed package."""
    from jax._src import xla_bridge

    look = getattr(xla_bridge, "_discover_and_register_pjrt_plugins", None)
    if look is not None:
        look()


def _sort_once() -> None:
    """Has the C library sort something: the first time (before glibc 2.37) it asks how large the memory is, and keeps the answer.

    Student code may not ask that, and LLVM sorts by this function: it would sort in another way, and compile in another.
    """
    libc = ctypes.CDLL(None)
    texts = (ctypes.c_char * 2048)()
    libc.qsort(texts, ctypes.c_size_t(len(texts) // 4), ctypes.c_size_t(4), ctypes.cast(libc.strcmp, ctypes.c_void_p))


def _share_contexts() -> None:
    """Has JAX write several programs in one MLIR context: making a context, 2 ms, is a quarter of what a cached program costs.

    The programs, and so the cache's keys and the results' bits, are the same. A context keeps the constants of its programs;
    so it serves a few of them only. A JAX that makes its contexts otherwise is left alone.
    """
    from jax._src.interpreters import mlir

    make = getattr(mlir, "make_ir_context", None)
    if make is None:
        return
    ready = [make() for _ in range(_READY_CONTEXTS)]
    current: list = []  # the context in use, and how many programs it may still take

    def shared():
        if not current or not current[1]:
            current[:] = [ready.pop() if ready else make(), _PROGRAMS_PER_CONTEXT]
        current[1] -= 1
        return current[0]

    mlir.make_ir_context = shared


def _take_huge_pages() -> None:
    """Has the kernel put what is here now into pages of 2 MiB: a fork copies a table of pages, three times per submission.

    Where the kernel (before 6.1) or its memory cannot, everything stays as it is.
    """
    libc = ctypes.CDLL(None)
    with open("/proc/self/maps") as maps:
        regions = [line.split() for line in maps]
    for span, mode, _, _, inode, *name in regions:
        if mode != "rw-p" or inode != "0" or name not in ([], ["[heap]"]):
            continue
        begin, end = (int(address, 16) for address in span.split("-"))
        begin, end = -(-begin // _HUGE) * _HUGE, end // _HUGE * _HUGE
        if begin < end:
            libc.madvise(ctypes.c_void_p(begin), ctypes.c_size_t(end - begin), _MADV_COLLAPSE)


def _prepare_matplotlib() -> None:
    # The list of fonts costs seconds to make; the trusted side made it once. Matplotlib wants its folder writable.
    source, target = os.environ.get("AUTOGRADER_FONTS", ""), os.environ["MPLCONFIGDIR"]
    if os.path.isdir(source) and not os.path.exists(target):
        shutil.copytree(source, target)


def _assert_cold() -> None:
    from jax._src import xla_bridge

    if xla_bridge._backends:
        raise RuntimeError("a JAX backend was started in the warm parent; forks of it would hang")
    threads = len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else 1
    if threads != 1:
        raise RuntimeError(f"the warm parent has {threads} threads; a fork would inherit their locks")


def _receive(control: socket.socket) -> tuple[dict | None, list[int]]:
    data, descriptors, _, _ = socket.recv_fds(control, 65536, 4)
    if not data:
        return None, []
    return json.loads(data), list(descriptors)


def _say(control: socket.socket, message: dict) -> None:
    control.send(json.dumps(message).encode())


if __name__ == "__main__":
    sys.exit("the warm parent is started by autograder.sandbox.warm_parent")
