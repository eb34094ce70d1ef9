"""The trusted side's hold on a warm parent: starts it inside the outer walls, asks it for forks, ends it."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import secrets
import shlex
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy

from autograder import temporary
from autograder.errors import GraderFault
from autograder.sandbox import wire
from autograder.sandbox.jail import closed, tree
from autograder.sandbox.jail.tiers import Tier
from autograder.sandbox.limits import Limits
from autograder.sandbox.process import Jail
from autograder.sandbox.stage import Stage

_START_SECONDS = 300
_LAST_WORDS_SECONDS = 10
_UIDS_PER_WORKER = 256


def _private_uids() -> Iterator[int]:
    """User ids that nobody else has, a new one per submission and another range per worker.

    A container may map only some 65,000 of them; one that is not mapped cannot be taken.
    """
    try:
        lines = Path("/proc/self/uid_map").read_text().splitlines()
        highest = max(int(line.split()[0]) + int(line.split()[2]) for line in lines)
    except (OSError, ValueError):
        highest = 65536
    first, room = (1_000_000, 2**31 - 2_000_000) if highest >= 2**31 else (20_000, min(highest, 60_000) - 20_000)
    begin = _UIDS_PER_WORKER * os.getpid()
    return (first + (begin + n) % room for n in itertools.cycle(range(_UIDS_PER_WORKER)))


_uids = _private_uids()


class WarmParent:
    """A process that has imported JAX and friends, confined, ready to be forked. Use as a context manager.

    Args:
        tier: the walls to use.
        stage: what the jail may import of ours.
        x64: the precision that the assignment declares.
        cache: folder of compiled programs, or None.
        fill_cache: True only while trusted code runs: then `cache` is writable inside.
        bans: what can be taken away in its forks, as `autograder.notebook.bans.machinery` has it.
        wait: until it is ready; else `ready` waits, at the latest when the first fork is asked for.

    Raises:
        GraderFault: it did not start.
    """

    def __init__(self, tier: Tier, stage: Stage, x64: bool = False, cache: Path | None = None, fill_cache: bool = False,
                 bans: Mapping[str, Sequence[str]] | None = None, wait: bool = True):  # fmt: skip
        self._bans = json.dumps(dict(bans or {}))
        self.tier, self.x64 = tier, x64
        self._uid = next(_uids) if os.geteuid() == 0 else 0
        self._cache, self._fill = cache, fill_cache
        self._folder = Path(tempfile.mkdtemp(prefix="jail-", dir=temporary.own_folder(tree.temporary_for(tier.name))))
        self._folder.chmod(0o711)
        self._scratch = tree.SCRATCH if tier.name == "A" else str(self._folder / "scratch")
        self._held: dict[str, int] = {}
        self._paths = [str(stage.lib), str(stage.fonts), *([str(cache)] if cache else [])]
        self.missing: list[str] = []
        self._is_ready = False
        self._start(stage)
        if wait:
            self.ready()

    def ready(self) -> None:
        """Waits until it has imported everything.

        Raises:
            GraderFault: it did not start.
        """
        if not self._is_ready:
            self.missing = self._hear("starting")["missing"]
            self._is_ready = True

    def _start(self, stage: Stage) -> None:
        (self._folder / "root").mkdir()
        self._new_scratch()
        if self._cache:
            self._cache.mkdir(parents=True, exist_ok=True)
            # Filled by the unprivileged user inside; closed again afterwards. Whatever the umask, jails can read it.
            wanted = 0o777 if self._fill else 0o755
            if stat.S_IMODE(self._cache.stat().st_mode) != wanted:  # else a read-only course needs no change
                self._cache.chmod(wanted)
        paths = tree.readable_paths(self._paths)
        if self.tier.name == "B":
            self._held = self._reach(stage, paths)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        launcher = stage.lib / "autograder/sandbox/jail/launcher.py"
        uid = self._uid if self.tier.name == "A" else 0
        writable = [f"rw:{self._cache}"] if self._cache and self._fill else []
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(launcher), self.tier.name, str(self._folder / "root"), str(theirs.fileno()),
             str(uid), *paths, *writable],
            env=self._environment(stage), pass_fds=[theirs.fileno(), *self._held.values()], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/",
        )  # fmt: skip
        theirs.close()
        self._control = ours
        ours.settimeout(_START_SECONDS)

    def _reach(self, stage: Stage, paths: list[str]) -> dict[str, int]:
        """Descriptors of what jails need in private folders: student code is a user of its own here.

        Raises:
            GraderFault: something there is closed itself, or there is no Landlock to keep student code from what lies beside.
        """
        for path in (os.__file__, numpy.__file__, stage.lib / "course_lib", stage.fonts):
            inside = next((p for p in paths if str(path).startswith(p + "/")), str(path))
            if shut := tree.closed_below(inside, path):
                # What was installed under a strict umask; its owner decides whether others may read it.
                top = sys.prefix if shut.startswith(sys.prefix + "/") else shut
                raise GraderFault(
                    f"Student code runs as a user of its own here and must read {path}, but {shut} is closed to others. "
                    f"Run: chmod -R o+rX {shlex.quote(top)}"
                )
        held = closed.hold(paths)
        if held and not self.tier.landlock:
            folder, private = next((f, tree.closed_folder_above(f)) for f in held)
            for fd in held.values():
                os.close(fd)
            raise GraderFault(
                f"Student code runs as a user of its own here and cannot reach {folder}, because {private} is closed to others. "
                f"Move the course to a folder that others may pass, /srv for one, or run: chmod o+x {shlex.quote(private)} (this "
                "lets others pass through it, not list it; undo it later by chmod o-x)"
            )
        return held

    def _inner(self, path: object) -> str:
        """A path as the jail reaches it."""
        return closed.alias(str(path), self._held)

    def _environment(self, stage: Stage) -> dict[str, str]:
        environment = {
            "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": self._scratch, "TMPDIR": self._scratch,
            "USER": "student", "LOGNAME": "student", "IPYTHONDIR": f"{self._scratch}/ipython",
            "MPLBACKEND": "Agg", "MPLCONFIGDIR": f"{self._scratch}/matplotlib", "AUTOGRADER_FONTS": str(stage.fonts),
            "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "NPROC": "2", "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1", "JAX_PLATFORMS": "cpu", "JAX_ENABLE_X64": "1" if self.x64 else "0",
            # Where in the notebook an operation was written is not looked up for every line of a program: nobody reads it here.
            "JAX_TRACEBACK_IN_LOCATIONS_LIMIT": "0", "TF_CPP_MIN_LOG_LEVEL": "3", "AUTOGRADER_GRADING": "1",
            "XLA_FLAGS": stage.xla_flags, "AUTOGRADER_BANS": self._bans, **closed.told(self._held),
        }  # fmt: skip
        if self._cache:
            environment["JAX_COMPILATION_CACHE_DIR"] = self._inner(self._cache)
            environment["JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES"] = "-1"
            # They are for GPUs, and their folder's path would be part of every key: a course that was moved would never hit.
            environment["JAX_PERSISTENT_CACHE_ENABLE_XLA_CACHES"] = "none"
            # Read-only: a threshold that no compilation reaches, so that none is even tried to be written.
            environment["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0" if self._fill else "1e9"
        return environment

    def fork(self, limits: Limits) -> Jail:
        """A new jail: a fork of the warm parent with nothing run in it yet.

        Raises:
            GraderFault: the fork could not be made.
        """
        self.ready()
        if self.tier.name != "A":
            self._new_scratch()
        session, inner_session = socket.socketpair()
        line, inner_line = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with contextlib.ExitStack() as stack:
            stack.callback(inner_session.close)
            stack.callback(inner_line.close)
            request = self._request(limits)
            try:
                socket.send_fds(self._control, [json.dumps(request).encode()], [inner_session.fileno(), inner_line.fileno()])
            except OSError as e:
                raise GraderFault(f"the warm process of the sandbox is gone ({e}); run the command again") from None
            answer = self._hear("forking")
        if "error" in answer:
            raise GraderFault(f"the sandbox could not be forked: {answer['error']}")
        owner = request["uid"] if request["frozen_files"] and not request["writable"] else None
        return Jail(session, line, limits, None if self.tier.name == "A" else Path(self._scratch), owner)

    def _request(self, limits: Limits) -> dict:
        return {
            "memory_mb": limits.memory_mb,
            # The trusted side counts; the kernel's limit is the net under it, and must not be quicker.
            "cpu_seconds": limits.cpu_seconds + 5,
            "scratch_mb": limits.scratch_mb,
            # In tier C the kernel counts what this user runs anywhere: the trusted side counts this jail's threads there.
            "threads": limits.threads + 1,
            "scratch": self._scratch,
            "uid": next(_uids) if self.tier.name == "B" else 0,
            "readable": [self._inner(p) for p in tree.readable_paths(self._paths)],
            "frozen_files": self.tier.name == "B" and not self.tier.landlock,
            "writable": [self._inner(self._cache)] if self._cache and self._fill else [],
            "host": {
                "caps": wire.caps_as_tuple(limits.caps()),
                "x64": self.x64,
                "output_bytes": limits.output_mb * 1_000_000,
            },
        }

    def _new_scratch(self) -> None:
        scratch = self._folder / "scratch"
        remove_tree(scratch)
        scratch.mkdir(mode=0o777, exist_ok=True)
        scratch.chmod(0o777)

    def _hear(self, doing: str) -> dict:
        try:
            data = self._control.recv(65536)
        except OSError as e:
            data, why = b"", str(e)
        else:
            why = "it ended"
        if data:
            return json.loads(data)
        self._process.kill()
        # Whoever it had started holds its stderr, too, and ends when our end of the line closes; not before, and not surely.
        self._control.close()
        try:
            _, said = self._process.communicate(timeout=_LAST_WORDS_SECONDS)
        except subprocess.TimeoutExpired:
            said = None
        errors = (said or b"").decode(errors="replace").strip().splitlines()
        raise GraderFault(f"the sandbox failed while {doing}: {errors[-1] if errors else why}; try `autograder doctor`")

    def close(self) -> None:
        """Ends the warm parent and every process below it."""
        self._control.close()
        self._process.kill()
        self._process.wait()
        if self._process.stderr:
            self._process.stderr.close()
        for fd in self._held.values():
            os.close(fd)
        if self._cache and self._fill:
            self._cache.chmod(0o755)
        remove_tree(self._folder)

    def __enter__(self) -> WarmParent:
        return self

    def __exit__(self, *_) -> None:
        self.close()


def remove_tree(folder: Path) -> None:
    """Removes a folder that student code wrote to and that nobody uses any more, whatever it holds.

    `shutil.rmtree` holds a descriptor and a stack frame per level: ten thousand folders inside each other end it. Here what
    lies deeper is moved up first. No link is followed, and no permission but the owner's is needed.
    """
    try:
        top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return
    moved = itertools.count()
    try:
        while names := os.listdir(top):
            for name in names:
                _remove_or_flatten(top, name, moved)
    finally:
        os.close(top)
    os.rmdir(folder)


def _remove_or_flatten(top: int, name: str, moved: Iterator[int]) -> None:
    if not stat.S_ISDIR(os.stat(name, dir_fd=top, follow_symlinks=False).st_mode):
        os.unlink(name, dir_fd=top)
        return
    _permit(top, name)
    inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
    try:
        for child in os.listdir(inner):
            if stat.S_ISDIR(os.stat(child, dir_fd=inner, follow_symlinks=False).st_mode):
                _permit(inner, child)
            # A name that no student can guess beforehand and no earlier child has.
            os.rename(child, f"{secrets.token_hex(8)}-{next(moved)}", src_dir_fd=inner, dst_dir_fd=top)
    finally:
        os.close(inner)
    os.rmdir(name, dir_fd=top)


def _permit(parent: int, name: str) -> None:
    """Gives the owner all rights on a folder, following no link."""
    handle = os.open(name, os.O_DIRECTORY | os.O_NOFOLLOW | getattr(os, "O_PATH", os.O_RDONLY), dir_fd=parent)
    try:
        with contextlib.suppress(OSError):
            os.chmod(f"/proc/self/fd/{handle}", 0o700)
    finally:
        os.close(handle)
