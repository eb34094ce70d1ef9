"""A warm parent that does not answer in time is a fault that is reported, not a wait for ever."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess

import pytest

from autograder.errors import GraderFault
from autograder.sandbox import warm_parent as warm


def test_a_silent_start_is_reported_though_a_grandchild_holds_stderr(monkeypatch):
    monkeypatch.setattr(warm, "_LAST_WORDS_SECONDS", 0.5)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(0.2)
    parent = warm.WarmParent.__new__(warm.WarmParent)
    parent._control = ours
    # The launcher's child outlives it and keeps its stderr open, as a starved interpreter does that is still importing.
    launcher = subprocess.Popen(
        ["sh", "-c", "sleep 60 & echo $!; wait"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=[theirs.fileno()]
    )
    parent._process = launcher
    grandchild = int(launcher.stdout.readline())
    launcher.stdout.close()
    launcher.stdout = None  # as in use: only stderr is a pipe
    try:
        with pytest.raises(GraderFault, match="failed while starting"):
            parent._hear("starting")
    finally:
        theirs.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(grandchild, signal.SIGKILL)
