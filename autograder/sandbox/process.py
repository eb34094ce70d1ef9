"""One live jail, seen from the trusted side: requests with deadlines, memory watched, no survivor.

What can go wrong through student code derives from BaseException, so that no `except Exception` of a test swallows it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import signal
import socket
import time
from typing import Any

from autograder.errors import GraderFault
from autograder.sandbox import wire
from autograder.sandbox.limits import Limits

_POLL_SECONDS = 0.05
_PATIENCE = 3
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICK = os.sysconf("SC_CLK_TCK")


class JailError(BaseException):
    """Student code did something that ended its process. `str()` is what the student reads."""

    kind = "crash"


class DeadlineExceeded(JailError):
    """A cell or call took longer than it may."""

    kind = "deadline"


class MemoryExceeded(JailError):
    """The process used more memory than it may."""

    kind = "memory"


class JailDied(JailError):
    """The process ended by itself: `os._exit`, a segmentation fault, a kill by a limit."""


class BadReply(JailError):
    """What came back is no valid reply: too large, malformed, or not an answer to the request."""

    kind = "reply"


class ProbeFault(GraderFault):
    """The jail says that it could not decode a request of ours."""


class _Deadline:
    """Time that a request may take: so many seconds of wall clock, if the process really had the processor in them.

    On a machine with more to do than cores, wall time alone would call slow what only waited; then the clock runs on, up to
    three times as long.
    """

    def __init__(self, seconds: float, pid: int):
        self.seconds, self._pid = seconds, pid
        self._began, self._cpu_began = time.monotonic(), _cpu_seconds(pid)

    def passed(self) -> bool:
        elapsed = time.monotonic() - self._began
        if elapsed < self.seconds:
            return False
        return elapsed >= _PATIENCE * self.seconds or _cpu_seconds(self._pid) - self._cpu_began >= 0.9 * self.seconds


class Jail:
    """One fork of a warm parent. After any JailError it is dead; ask the warm parent for another."""

    def __init__(self, session: socket.socket, line: socket.socket, limits: Limits):
        self._session, self._line, self._limits = session, line, limits
        self._session.setblocking(False)
        self.cpu_seconds = 0.0
        self.alive = True
        self._pidfds: list[int] = []
        self._pids: list[int] = []
        line.settimeout(20)
        try:
            data, self._pidfds, _, _ = socket.recv_fds(line, 4096, 4)
        except OSError as e:
            data = f"no answer ({e})".encode()
        if len(self._pidfds) != 2:
            self.close()
            raise GraderFault(f"the sandbox could not confine a process: {data.decode(errors='replace')}")
        self._pids = [_pid_of(fd) for fd in self._pidfds]

    def request(self, op: str, arguments: dict[str, Any], seconds: float, keep: bool = False) -> dict:
        """Sends one operation and waits for its answer.

        Args:
            op: an operation of the host.
            arguments: its arguments, as values of the wire.
            seconds: time that it may take (see `_Deadline`).
            keep: ask for a Reference to the result in place of its value.

        Returns:
            The reply: a dict with `ok`, `error` or `missing`, and `printed`; all of it is untrusted data.

        Raises:
            JailError: whatever student code did to its process; the jail is dead then.
            GraderFault: the request itself could not be decoded inside.
        """
        identity = secrets.randbits(62)
        message = {"id": identity, "op": op, "with": arguments, "keep": keep}
        frame = wire.Encoder(wire.Caps(), _no_foreign).frame(message)
        deadline = _Deadline(seconds, self._pids[1])
        try:
            self._send(b"".join(bytes(p) for p in frame), deadline)
            reply = self._receive(deadline)
            if "fault" in reply:
                raise ProbeFault(f"a request could not be decoded in the jail: {str(reply['fault'])[:500]}")
            if reply.get("id") != identity:
                raise BadReply("Your code wrote an answer of its own into the grader's connection.")
            return reply
        except BaseException:
            self.close()
            raise

    def _send(self, data: bytes, deadline: _Deadline) -> None:
        view = memoryview(data)
        while view:
            self._wait(select.POLLOUT, deadline)
            try:
                view = view[self._session.send(view) :]
            except BlockingIOError:
                continue
            except OSError:
                raise self._death() from None

    def _receive(self, deadline: _Deadline) -> dict:
        caps = self._limits.caps()
        try:
            header_size, body_size = wire.check_prefix(self._read(wire.PREFIX.size, deadline), caps)
            header = self._read(header_size, deadline)
            body = self._read(body_size, deadline)
            reply = wire.Decoder(caps).value(bytes(header), body)
        except wire.WireError as e:
            raise BadReply(f"What your code returned cannot be read: {e}.") from None
        if type(reply) is not dict:
            raise BadReply("What your code returned cannot be read: it is no reply.")
        return reply

    def _read(self, size: int, deadline: _Deadline) -> bytearray:
        # Grows with what arrives, so that a lying length costs nothing.
        buffer = bytearray()
        while len(buffer) < size:
            self._wait(select.POLLIN, deadline)
            try:
                piece = self._session.recv(min(size - len(buffer), 1 << 20))
            except BlockingIOError:
                continue
            except OSError:
                raise self._death() from None
            if not piece:
                raise self._death()
            buffer += piece
        return buffer

    def _wait(self, event: int, deadline: _Deadline) -> None:
        poll = select.poll()
        poll.register(self._session, event)
        while not poll.poll(1000 * _POLL_SECONDS):
            if deadline.passed():
                raise DeadlineExceeded(f"It did not finish within {deadline.seconds:g} seconds.")
            self._watch_memory()
        # Student code that trickles bytes must not outlive its time either.
        if deadline.passed():
            raise DeadlineExceeded(f"It did not finish within {deadline.seconds:g} seconds.")

    def _watch_memory(self) -> None:
        resident = sum(_resident_bytes(pid) for pid in self._pids[1:])
        # The kernel already bounds what can be reserved; this bound is for what slips past it (shared mappings).
        if resident > 1.25 * self._limits.memory_mb * 2**20:
            raise MemoryExceeded(f"It used more than {self._limits.memory_mb} MB of memory.")

    def _death(self) -> JailDied:
        how = self._how_it_ended()
        texts = {
            "SIGSEGV": "The process crashed (segmentation fault).",
            "SIGABRT": "The process aborted.",
            "SIGKILL": "The process was killed.",
            "SIGXCPU": f"It used more than {self._limits.cpu_seconds} seconds of processor time.",
            "SIGBUS": "The process crashed (bus error).",
            "SIGSYS": "The process made a forbidden system call.",
        }
        if how.startswith("exit"):
            return JailDied(f"Your code ended the Python process ({how.replace('exit', 'exit status')}).")
        return JailDied(texts.get(how, f"The process ended ({how})."))

    def _how_it_ended(self) -> str:
        self._line.settimeout(1.0)
        with contextlib.suppress(OSError):
            data = self._line.recv(4096)
            # The supervisor's own words: a fixed set, student code cannot reach this line.
            text = data.decode(errors="replace")
            if '"ended": "' in text:
                return text.split('"ended": "')[1].split('"')[0]
        return "unknown"

    def close(self) -> None:
        """Kills everything inside and waits until it is gone."""
        if not self.alive:
            return
        self.alive = False
        self.cpu_seconds = sum(_cpu_seconds(pid) for pid in self._pids)
        for fd in self._pidfds:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(fd, signal.SIGKILL)
        poll = select.poll()
        for fd in self._pidfds:
            poll.register(fd, select.POLLIN)
        for fd in self._pidfds:
            poll.poll(5000)
            poll.unregister(fd)
            os.close(fd)
        self._session.close()
        self._line.close()


def _no_foreign(value: Any) -> Any:
    raise wire.WireError(f"a {type(value).__name__} cannot be sent")


def _pid_of(pidfd: int) -> int:
    with open(f"/proc/self/fdinfo/{pidfd}") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("Pid:"))


def _resident_bytes(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/statm") as f:
            return int(f.read().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def _cpu_seconds(pid: int) -> float:
    try:
        with open(f"/proc/{pid}/stat") as f:
            fields = f.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK
    except (OSError, IndexError):
        return 0.0
