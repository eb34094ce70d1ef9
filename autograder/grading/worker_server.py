"""The process that workers are forks of: it imports once what each of them needs, and runs nothing.

This is multiprocessing's fork server; here stand what it imports and where its socket lies. It begins with this module, before
NumPy: it must stay a process of one thread, and leave Ctrl-C to the main process from the start.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from multiprocessing import forkserver, util

from autograder import temporary

# Every worker imports them; and a suite the libraries that it names, if they are among these.
_EVERY = (__name__, "__main__", "autograder.grading.batch", "autograder.grading.one")
_KNOWN = ("jax", "numpy", "scipy")
_PATH_ROOM = 60  # a socket's path ends after 107 bytes; what is below the folder needs some
_LAST = -1000  # multiprocessing's own come before it


def libraries_of(suite: str) -> tuple[str, ...]:
    """The modules of JAX, NumPy and SciPy that a hidden suite imports."""
    try:
        nodes = list(ast.walk(ast.parse(suite)))
    except SyntaxError:  # collecting it will say so
        return ()
    names = [a.name for n in nodes if isinstance(n, ast.Import) for a in n.names]
    names += [n.module for n in nodes if isinstance(n, ast.ImportFrom) and n.module and not n.level]
    return tuple(dict.fromkeys(n for n in names if n.split(".")[0] in _KNOWN))


def start(libraries: Sequence[str] = ()) -> bool:
    """Starts the server if it does not run, and does not wait for it.

    Args:
        libraries: what it imports beside its own; without effect if it runs already.

    Returns:
        Whether processes can be had from it.
    """
    if sys.platform != "linux":
        return False
    folder = _own_folder()
    if len(os.fsencode(folder)) > _PATH_ROOM:
        return False
    multiprocessing.set_forkserver_preload([*_EVERY, *libraries])
    try:
        with _socket_in(folder), _environment():
            forkserver.ensure_running()
    except OSError:
        return False
    return True


def let_go() -> None:
    """In a fork of the server: it is to end with the main process, and would wait for whoever else could ask it for processes."""
    server = forkserver._forkserver  # type: ignore[attr-defined]
    if server._forkserver_alive_fd is not None:
        os.close(server._forkserver_alive_fd)
        server._forkserver_alive_fd = None


@functools.cache
def _own_folder() -> str:
    """Removed after multiprocessing has removed its own folder in it, and swept if this process is killed."""
    folder = temporary.new_folder(tempfile.gettempdir())
    util.Finalize(None, shutil.rmtree, (folder,), {"ignore_errors": True}, exitpriority=_LAST)
    return str(folder)


@contextlib.contextmanager
def _socket_in(folder: str) -> Iterator[None]:
    """The server's socket lies in a folder that is swept when this process is killed; multiprocessing keeps its first choice."""
    before, tempfile.tempdir = tempfile.tempdir, folder
    try:
        util.get_temp_dir()
        yield
    finally:
        tempfile.tempdir = before


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    """One thread of linear algebra in the server and its forks: there are as many of them as cores."""
    name = "OPENBLAS_NUM_THREADS"
    before = os.environ.get(name)
    os.environ[name] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def _in_the_server() -> bool:
    return any(argument.startswith("from multiprocessing.forkserver import main") for argument in sys.orig_argv)


if _in_the_server():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
