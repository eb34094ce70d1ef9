"""One fork of the warm parent: supervisor and student, confined step by step.

    warm parent -- fork --> (tier A: new namespaces) -- fork --> supervisor -- fork --> student

The supervisor is the first process of its namespace: killing it kills all there is. It never runs student code; it waits for the
student's end or for the trusted side's, whichever comes first, and reports how the student ended on a line that student code
cannot reach.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import resource
import select
import signal
import socket

from autograder.sandbox import host
from autograder.sandbox.jail import kernel, landlock, seccomp, tree
from autograder.sandbox.jail.launcher import map_to_oneself

_MIB = 1024 * 1024


def start(tier: str, request: dict, shell, control: socket.socket, session_fd: int, line_fd: int) -> None:
    """Forks; returns in the warm parent at once. `request` carries limits and the paths that the student may read."""
    if os.fork():
        return
    try:
        control.close()
        os.setsid()
        if tier == "A":
            _new_namespaces()
        supervisor = os.fork()
        if supervisor:
            # In tier A this process is outside the new process namespace; its part is done.
            os._exit(0)
        _supervise(tier, request, shell, session_fd, line_fd)
    except BaseException as e:  # nothing may escape into a second warm parent
        _tell(line_fd, {"failed": f"{type(e).__name__}: {e}"})
    os._exit(1)


def _new_namespaces() -> None:
    uid, gid = os.getuid(), os.getgid()
    kernel.unshare(
        kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS | kernel.CLONE_NEWPID | kernel.CLONE_NEWIPC | kernel.CLONE_NEWNET
    )
    map_to_oneself(kernel, uid, gid)


def _supervise(tier: str, request: dict, shell, session_fd: int, line_fd: int) -> None:
    if tier == "A":
        tree.fresh_scratch(request["scratch_mb"])
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    gate_r, gate_w = os.pipe()
    parent = os.getpid()
    student = os.fork()
    if student == 0:
        os.close(line_fd)
        os.close(gate_w)
        _become_student(tier, request, shell, session_fd, gate_r, parent)
        os._exit(1)
    os.close(session_fd)
    os.close(gate_r)
    line = socket.socket(fileno=line_fd)
    fds = [os.pidfd_open(os.getpid()), os.pidfd_open(student)]
    # The student has the same user id: without this it could write to our memory, where no seccomp filter is.
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    socket.send_fds(line, [b'{"started": true}'], fds)
    os.write(gate_w, b"1")
    os.close(gate_w)
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    # In tier B the student is another user: without this neither a signal of ours nor that of our own death would reach it.
    kernel.drop_capabilities(keep=kernel.CAP_KILL if tier == "B" else 0)
    _wait(line, fds[1], student)


def _wait(line: socket.socket, student_fd: int, student: int) -> None:
    poll = select.poll()
    poll.register(student_fd, select.POLLIN)
    poll.register(line, select.POLLIN | select.POLLHUP)
    while True:
        for fd, _ in poll.poll():
            if fd == student_fd:
                _tell(line.fileno(), {"ended": _how(student)})
                os._exit(0)
            if not line.recv(64):  # the trusted side is gone, or let go: the kernel kills what is left with us
                os.kill(student, signal.SIGKILL)
                os._exit(0)


def _how(student: int) -> str:
    try:
        _, status = os.waitpid(student, 0)
    except ChildProcessError:
        return "unknown"
    code = os.waitstatus_to_exitcode(status)
    return signal.Signals(-code).name if code < 0 else f"exit {code}"


def _tell(line_fd: int, message: dict) -> None:
    with contextlib.suppress(OSError):
        os.write(line_fd, json.dumps(message).encode())


def _become_student(tier: str, request: dict, shell, session_fd: int, gate: int, parent: int) -> None:
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    os.read(gate, 1)
    os.close(gate)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _detach_standard_streams()
    _close_all_but(session_fd, *request["held"])
    _first_to_go()
    _set_limits(request)
    if tier != "C":  # there the count is of all that this user runs, not of the jail
        resource.setrlimit(resource.RLIMIT_NPROC, (request["threads"], request["threads"]))
    if request["uid"]:
        _change_user(request["uid"])
    os.chdir(request["scratch"])
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.drop_capabilities()
    if tier == "A":
        _own = os.open("/proc/self", os.O_PATH | os.O_CLOEXEC)  # else /proc makes it anew, and unknown to Landlock
        readable, writable = tree.readable_in_own_tree(), ["/tmp", "/dev/shm"]
    else:
        readable, writable = [*request["readable"], *tree.DEVICES, *tree.MACHINE], []
    # While trusted code fills the compilation cache, it must be able to rename there.
    bounded = tier != "A" and not request["writable"]
    landlock.restrict(readable, [request["scratch"], "/dev/null", *request["writable"], *writable], removal=not bounded)
    frozen = request["frozen_files"] and not request["writable"]
    seccomp.install(seccomp.program(os.getpid(), counted_files=bounded, frozen_files=frozen))
    host.serve(socket.socket(fileno=session_fd), shell, request["host"])


def _change_user(uid: int) -> None:
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)  # a change of user clears it


def _first_to_go() -> None:
    """When a machine or container runs out of memory, the kernel ends this process and not the grader."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as f:
        f.write("1000")


def _detach_standard_streams() -> None:
    null = os.open("/dev/null", os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    if null > 2:
        os.close(null)


def _close_all_but(*keep: int) -> None:
    ends = [2, *sorted(keep), 4096]
    for before, after in itertools.pairwise(ends):
        os.closerange(before + 1, after)


def _set_limits(request: dict) -> None:
    memory = request["memory_mb"] * _MIB
    for limit, value in (
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_AS, max(3 * memory, 4096 * _MIB)),
        (resource.RLIMIT_FSIZE, request["scratch_mb"] * _MIB),
        (resource.RLIMIT_CPU, request["cpu_seconds"]),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, _MIB),
    ):
        hard = resource.getrlimit(limit)[1]
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        # A CPU limit's soft value is one second lower, so that SIGXCPU names the reason before SIGKILL does.
        soft = value - 1 if limit == resource.RLIMIT_CPU and value > 1 else value
        resource.setrlimit(limit, (soft, value))
