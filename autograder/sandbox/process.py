"""One live jail, seen from the trusted side: requests with deadlines, memory watched, no survivor."""

from __future__ import annotations

import contextlib
import operator
import os
import secrets
import select
import signal
import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from autograder.errors import GraderFault
from autograder.sandbox import frozen, wire
from autograder.sandbox.errors import (
    BadReply,
    CpuExceeded,
    DeadlineExceeded,
    DiskExceeded,
    JailDied,
    JailError,
    MemoryExceeded,
    ProbeFault,
    Tampered,
    ThreadsExceeded,
)
from autograder.sandbox.limits import Limits
from autograder.sandbox.watching import POLL_SECONDS, Deadline, Watched, fits, pid_of
from autograder.sandbox.wire_decoder import Decoder, check_prefix
from autograder.sandbox.wire_encoder import Encoder

_WATCH_SECONDS = 0.05
_FILES = 8192
_MOST_ASKED, _MOST_ASKED_BYTES = 5_000, 8_000_000  # calls, within one request, of functions that stay on this side

# As in sandbox/remote.py: pytest leaves these frames out.
__tracebackhide__ = operator.methodcaller("errisinstance", JailError)


class Jail:
    """One fork of a warm parent. After any JailError it is dead; ask the warm parent for another.

    Args:
        scratch: the folder that student code writes to, where the kernel does not bound its size (tiers B and C).
        frozen_for: the user that it runs as, where it may make no file (tier B without Landlock).
    """

    def __init__(self, session: socket.socket, line: socket.socket, limits: Limits, scratch: Path | None = None,
                 frozen_for: int | None = None):  # fmt: skip
        self._session, self._line, self._limits, self._scratch = session, line, limits, scratch
        self._frozen_for = frozen_for
        self._watched = 0.0
        self._size = 0  # bytes of the frame that was received last
        self._session.setblocking(False)
        self.cpu_seconds = 0.0
        self.paused = 0.0  # seconds, within requests, in which this process itself did not run
        self.alive = True
        self._pidfds: list[int] = []
        self._processes: list[Watched] = []  # the supervisor, the student
        line.settimeout(60)  # a machine with much else to do takes its time to fork
        try:
            data, self._pidfds, _, _ = socket.recv_fds(line, 4096, 4)
        except OSError as e:
            data = f"no answer ({e})".encode()
        if len(self._pidfds) != 2:
            self.close()
            raise GraderFault(f"the sandbox could not confine a process: {data.decode(errors='replace')}")
        self._processes = [Watched(pid_of(fd)) for fd in self._pidfds]

    def put_frozen(self, files: Mapping[str, bytes]) -> bool:
        """Puts the student's files into the working folder from this side where the jail could not; False elsewhere.

        Raises:
            OSError: they could not be written.
        """
        if self._frozen_for is None or self._scratch is None:
            return False
        frozen.put(self._scratch, files, self._frozen_for)
        return True

    def request(self, op: str, arguments: dict[str, Any], seconds: float, keep: bool = False,
                cpu_seconds: float = float("inf"), without: tuple[str, ...] = ()) -> dict:  # fmt: skip
        """Sends one operation and waits for its answer.

        Args:
            op: an operation of the host.
            arguments: its arguments, as values of the wire.
            seconds: time that it may take (see `Deadline`).
            keep: ask for a Reference to the result in place of its value.
            cpu_seconds: processor time that it may use.
            without: bans whose machinery is away meanwhile (sandbox/without.py).

        Returns:
            The reply: a dict with `ok`, `error` or `missing`, and `printed`; all of it is untrusted data.

        Raises:
            JailError: whatever student code did to its process; the jail is dead then.
            GraderFault: the request itself could not be decoded inside.
        """
        identity = secrets.randbits(62)
        message = {"id": identity, "op": op, "with": arguments, "keep": keep, "without": list(without)}
        encoder = Encoder(wire.Caps(), _no_foreign)
        frame = encoder.frame(message)
        deadline = Deadline(seconds, self._student, cpu_seconds)
        try:
            self._let(signal.SIGCONT)
            self._send(b"".join(bytes(p) for p in frame), deadline)
            reply = self._receive(deadline)
            reply = self._answered(reply, identity, encoder.asked, deadline)
            if "fault" in reply:
                raise ProbeFault(f"a request could not be decoded in the jail: {str(reply['fault'])[:500]}")
            if reply.get("id") != identity:
                raise Tampered("Your code wrote an answer of its own into the grader's connection.")
            self._let(signal.SIGSTOP)
            return reply
        except BaseException:
            self.close()
            raise
        finally:
            self.paused += deadline.paused

    def _answered(self, reply: dict, identity: int, functions: list[Callable[..., Any]], deadline: Deadline) -> dict:
        """The reply itself, after the calls of our own functions that came before it."""
        calls = size = 0
        while "asks" in reply and reply.get("id") == identity:
            calls, size = calls + 1, size + self._size
            # A test keeps what it was called with.
            if calls > _MOST_ASKED or size > _MOST_ASKED_BYTES:
                raise BadReply(f"It called functions of the test more than {_MOST_ASKED} times, or with too much.")
            self._send(_answer(functions, reply), deadline)
            reply = self._receive(deadline)
        return reply

    @property
    def _student(self) -> Watched:
        return self._processes[1]

    def _let(self, go_on: signal.Signals) -> None:
        """Student code runs only while it is asked: its threads take nothing from anybody while we compute or compare."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfds[1], go_on)

    def disturbed(self) -> bool:
        """Whether something waits that no request asked for, or nothing can be sent any more: an earlier cell or call did it."""
        poll = select.poll()
        poll.register(self._session, select.POLLIN)
        if poll.poll(0):
            return True
        try:
            # Of nothing, too, the kernel says when the other end has closed its reading half; `poll` does not.
            self._session.send(b"")
        except OSError:
            return True
        return False

    def strained(self) -> bool:
        """Whether so much memory, or so many threads, are still held that the next call would suffer from it."""
        limits, student = self._limits, self._student
        most = 0.8 * limits.resident_mb if limits.resident_mb else 0.6 * limits.memory_mb
        return student.resident_bytes() > most * 2**20 or student.threads() > 0.6 * limits.threads

    def resident(self) -> int:
        """Bytes of memory that the student's process has now."""
        return self._student.resident_bytes() if self.alive else 0

    def cpu_so_far(self) -> float:
        """CPU time of the student's process until now."""
        return self._student.cpu_seconds() if self.alive else self.cpu_seconds

    def _send(self, data: bytes, deadline: Deadline) -> None:
        view = memoryview(data)
        while True:
            try:
                view = view[self._session.send(view) :]
            except BlockingIOError:
                pass
            except OSError:
                raise self._death() from None
            if not view:
                return
            self._wait(select.POLLOUT, deadline)

    def _receive(self, deadline: Deadline) -> dict:
        caps = self._limits.caps()
        try:
            header_size, body_size = check_prefix(self._read(wire.PREFIX.size, deadline), caps)
            header = self._read(header_size, deadline)
            body = self._read(body_size, deadline)
            self._size = header_size + body_size
            reply = Decoder(caps).value(bytes(header), body)
        except wire.WireError as e:
            raise Tampered(f"What your code returned cannot be read: {e}.") from None
        if type(reply) is not dict:
            raise Tampered("What your code returned cannot be read: it is no reply.")
        return reply

    def _read(self, size: int, deadline: Deadline) -> bytearray:
        # Grows with what arrives, so that a lying length costs nothing.
        buffer = bytearray()
        while len(buffer) < size:
            try:
                piece = self._session.recv(min(size - len(buffer), 1 << 20))
            except BlockingIOError:
                piece = None
            except OSError:
                raise self._death() from None
            if piece:
                buffer += piece
            elif piece is not None:
                raise self._death()
            if len(buffer) < size:  # between any two pieces: whoever sends them slowly gains no time
                self._wait(select.POLLIN, deadline)
        return buffer

    def _wait(self, event: int, deadline: Deadline) -> None:
        poll = select.poll()
        poll.register(self._session, event)
        while True:
            ready = poll.poll(1000 * POLL_SECONDS)
            # Whatever comes: student code that trickles bytes outlives neither its time nor its memory.
            if time.monotonic() - self._watched >= _WATCH_SECONDS:
                self._watch(deadline)
                self._watched = time.monotonic()
            if deadline.passed():
                raise DeadlineExceeded(f"It did not finish within {deadline.seconds:g} seconds.")
            if ready:
                return

    def _watch(self, deadline: Deadline) -> None:
        """Bounds that the kernel does not set, or sets too late."""
        limits, student = self._limits, self._student
        # The kernel already bounds what can be reserved; this bound is for what slips past it (shared mappings).
        if student.resident_bytes() > (limits.resident_mb or 1.25 * limits.memory_mb) * 2**20:
            raise MemoryExceeded(f"It used more than {limits.resident_mb or limits.memory_mb} MB of memory.")
        if deadline.cpu_used() > deadline.cpu_seconds:
            raise CpuExceeded(f"It used more than {deadline.cpu_seconds:g} seconds of processor time.")
        if student.threads() > limits.threads + 1:
            raise ThreadsExceeded(f"It started more than {limits.threads} threads.")
        if self._scratch is not None and not fits(self._scratch, limits.scratch_mb * 2**20, _FILES):
            raise DiskExceeded(f"It wrote more than {limits.scratch_mb} MB of files, or more than {_FILES} of them.")

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
        self.cpu_seconds = sum(process.cpu_seconds() for process in self._processes)
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
        for process in self._processes:
            process.close()
        self._session.close()
        self._line.close()


def _answer(functions: list[Callable[..., Any]], reply: dict) -> bytes:
    """The frame that answers a call of one of our functions from within the jail.

    What such a function makes of the student's values is the student's: an error goes back into their code. Only a comparison
    that fails ends the test.

    Raises:
        Tampered: there is no such function.
        AssertionError: the function compares, and does not find what must be.
    """
    number, values = reply["asks"], reply.get("with")
    if type(number) is not int or not 0 <= number < len(functions) or type(values) is not list:
        raise Tampered("Your code wrote an answer of its own into the grader's connection.")
    try:
        answer = {"answer": functions[number](*values)}
        frame = Encoder(wire.Caps(), _no_foreign).frame(answer)
    except AssertionError:
        raise
    except Exception as e:
        answer = {"error": f"a function of the test cannot take these values ({type(e).__name__}: {str(e)[:200]})"}
        frame = Encoder(wire.Caps(), _no_foreign).frame(answer)
    return b"".join(bytes(piece) for piece in frame)


def _no_foreign(value: Any) -> Any:
    raise wire.WireError(f"a {type(value).__name__} cannot be sent")
