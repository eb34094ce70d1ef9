"""Each limit, hit on purpose: it says which one it was, in words for the student, and costs one call."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from autograder.sandbox import wire
from autograder.sandbox.call_records import Recorder
from autograder.sandbox.errors import (
    BadReply,
    CpuExceeded,
    DeadlineExceeded,
    JailError,
    MemoryExceeded,
    ProbeFault,
    StudentError,
    Tampered,
)
from autograder.sandbox.limits import Limits
from autograder.sandbox.remote import Student
from autograder.sandbox.workspace import BudgetSpent, Cell, Workspace

LIMITS = Limits(
    cell_seconds=20, call_seconds=20, cell_cpu_seconds=30, call_cpu_seconds=30, memory_mb=1200, threads=60, scratch_mb=4,
    output_mb=1, reply_mb=2, rebuilds=10,
)  # fmt: skip


@pytest.fixture
def notebook(warm_parent):
    made = []

    def open_notebook(*cells: str, **limits) -> Student:
        bounds = replace(LIMITS, **limits)
        numbered = [Cell(i, source) for i, source in enumerate(cells)]
        made.append(Workspace(lambda: warm_parent.fork(bounds), numbered, bounds))
        return Student(made[-1], Recorder())

    yield open_notebook
    for workspace in made:
        workspace.close()


HIT = {
    "cpu": ("def bad():\n    while True: pass", "1.5 seconds of processor time"),
    "cpu of threads": (
        "import threading, time\ndef burn():\n    while True: sum(range(1000))\n"
        "def bad():\n    [threading.Thread(target=burn, daemon=True).start() for _ in range(4)]\n    time.sleep(60)",
        "1.5 seconds of processor time",
    ),
    "memory": ("import numpy as np\ndef bad(): return np.ones(10**9)", "limit on memory is 1200 MB"),
    "memory that is shared": (
        "import mmap\nkeep = []\ndef bad():\n    for _ in range(250):\n"
        "        m = mmap.mmap(-1, 10**7); m[:] = b'x' * 10**7; keep.append(m)",
        "The limit on memory is 1200 MB",
    ),
    "threads": (
        "import threading, time\ndef bad():\n    for _ in range(400): threading.Thread(target=time.sleep, args=(60,), "
        "daemon=True).start()\n    time.sleep(9)",
        "60 threads",
    ),
    "processes": ("import os\ndef bad(): os.fork()", "may not start processes"),
    "a connection": ("import socket\ndef bad(): socket.socket()", "may not start processes, open connections"),
    "files": ("def bad():\n    with open('x', 'wb') as f: f.write(bytes(10**7))\n    import time; time.sleep(9)", "4 MB"),
    "output": ("def bad():\n    for _ in range(100): print('x' * 10**5)", "limit on what a cell or call prints is 1 MB"),
    "reply": ("import numpy as np\ndef bad(): return np.zeros(10**6)", "may hold 2 MB"),
}


@pytest.mark.parametrize("name", HIT)
def test_hitting_a_limit_says_which(notebook, name):
    code, words = HIT[name]
    student = notebook("def good(x): return x + 1", code, call_cpu_seconds=1.5 if "cpu" in name else 30)
    with pytest.raises((StudentError, JailError)) as caught:
        student.bad()
    assert words in str(caught.value), str(caught.value)
    assert student.good(np.float32(1)) == 2.0


def test_a_cell_has_its_own_processor_time(notebook):
    student = notebook("while True: pass", "def good(x): return x + 1", cell_cpu_seconds=2)
    assert student.good(1) == 2
    (trouble,) = student._workspace.troubles
    assert (trouble.index, trouble.kind) == (0, "cpu") and "2 seconds" in trouble.message


def test_the_submission_has_its_time_in_all_and_starting_is_not_its_time(warm_parent):
    burn = "import time\ndef burn():\n    end = time.process_time() + 0.6\n    while time.process_time() < end: 0\n    return 1"
    limits = replace(LIMITS, submission_seconds=2.0)

    def slow_fork():
        time.sleep(2.5)
        return warm_parent.fork(limits)

    workspace = Workspace(slow_fork, [Cell(0, burn)], limits)
    student = Student(workspace, Recorder())
    try:
        assert student.burn() == 1, "a machine that is slow to start a process costs nobody their time"
        with pytest.raises((BudgetSpent, DeadlineExceeded)):
            for _ in range(8):
                student.burn()
        with pytest.raises(BudgetSpent, match="2 seconds were used up"):
            for _ in range(3):
                student.burn()
    finally:
        workspace.close()


def test_the_submission_has_its_processor_time_in_all(notebook):
    burn = "import time\ndef burn():\n    end = time.process_time() + 1\n    while time.process_time() < end: pass"
    student = notebook(burn, cpu_seconds=4)
    with pytest.raises((BudgetSpent, CpuExceeded)):
        for _ in range(8):
            student.burn()
    with pytest.raises(BudgetSpent, match="4 seconds of processor time were used up"):
        for _ in range(3):
            student.burn()


def test_a_close_bound_on_memory_lets_jax_run_and_ends_what_grows(notebook):
    """As in a container of 768 MB: what JAX reserves is no harm, what is used is counted."""
    grow = "keep = []\ndef bad():\n    while True: keep.append(np.ones(2**18)); time.sleep(0.001)"
    fine = "def good(): return jax.jit(lambda x: x @ x.T)(jnp.ones((3, 3))).sum()"
    student = notebook(f"import time, jax, jax.numpy as jnp, numpy as np\n{fine}\n{grow}", resident_mb=420)
    assert student.good() == 27
    with pytest.raises(MemoryExceeded, match="more than 420 MB"):
        student.bad()
    assert student.good() == 27


def test_compiled_programs_are_let_go_where_memory_is_short(notebook):
    program = "jax.jit(lambda x, i=i: (jnp.tanh(x @ x.T) * i).sum())"
    many = f"def compiles():\n    for i in range(50): kept.append({program}); kept[-1](jnp.ones((3, 4)))\n    return 1"
    student = notebook(f"import jax, jax.numpy as jnp\nkept = [7]\n{many}\ndef state(): return kept[0]", resident_mb=420)
    workspace = student._workspace
    student.compiles()
    generation, before = workspace.generation, workspace._jail.resident()
    workspace.relieve()
    assert before > 0.65 * 420 * 2**20, "or this shows nothing"
    assert workspace._jail.resident() < before - 8 * 2**20 and workspace.generation == generation
    assert student.state() == 7 and student.compiles() == 1


def test_bounds_are_watched_while_the_student_talks(notebook):
    """A thread that writes to the connection all the time must not keep the grader from looking."""
    code = """
import os, stat, struct, threading, time
def chatter():
    [fd] = [f for f in range(3, 64) if _is_socket(f)]
    os.write(fd, struct.pack("<IQ", 3_000_000, 0))
    while True:
        os.write(fd, b"x"); time.sleep(0.001)
def _is_socket(fd):
    try: return stat.S_ISSOCK(os.fstat(fd).st_mode)
    except OSError: return False
def bad():
    threading.Thread(target=chatter, daemon=True).start()
    while True: pass
"""
    student = notebook(code, call_cpu_seconds=1.5)
    with pytest.raises(CpuExceeded):
        student.bad()


# ------------------------------------------------------------------------------------------ what is written past the host

WIRE = """
import msgpack, os, stat, struct, sys, threading, time
def frame(reply):
    header = msgpack.packb(reply)
    return struct.pack("<IQ", len(header), 0) + header
def send(data):
    for fd in range(3, 64):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode): os.write(fd, data)
        except OSError: pass
def my_id():
    f = sys._getframe()
    while f:
        request = f.f_locals.get("request")
        if type(request) is dict and "id" in request: return request["id"]
        f = f.f_back
def good(x): return x + 1
"""


def test_a_claimed_fault_of_the_grader_is_no_fault_of_the_grader(notebook):
    student = notebook(WIRE + "def bad(): send(frame(['d', [['fault', 'x']]])); return 1")
    with pytest.raises(Tampered):
        student.bad()
    assert student.good(1) == 2


def test_a_host_that_cannot_decode_any_more_costs_the_call_that_broke_it(notebook):
    student = notebook(
        WIRE + "def bad():\n    import autograder.sandbox.wire_decoder as w\n    w.Decoder.value = None\n    return 1",
    )
    assert student.bad() == 1
    assert student.good(1) == 2, "the next call is asked again in a fresh state"


def test_a_cell_that_breaks_the_host_is_left_out_and_not_the_one_after_it(notebook):
    student = notebook(
        "a = 1", "import autograder.sandbox.wire_decoder as w\nw.Decoder.value = None", "def good(x): return x + a", "b = 2"
    )
    assert student.good(1) == 2
    assert [(t.index, t.kind) for t in student._workspace.troubles] == [(1, "reply")]


def test_an_answer_too_many_costs_nothing_that_comes_later(notebook):
    student = notebook(WIRE + "def bad(): send(frame(['d', [['id', my_id()], ['ok', 5], ['printed', '']]])); return 1")
    assert student.bad() == 5, "the first answer counts: it is what the student's code said"
    time.sleep(0.3)
    assert student.good(1) == 2


def test_a_request_that_really_cannot_be_decoded_is_the_graders_fault(notebook, monkeypatch):
    student = notebook("def good(x): return x + 1")
    assert student.good(1) == 2
    with pytest.raises(ProbeFault):
        student._workspace.request("call", {"fn": wire.Module("no_such_module"), "args": [], "kwargs": {}})


def test_a_bad_reply_is_not_asked_again_where_the_answer_is_the_students(notebook):
    student = notebook("count = 0\ndef bad():\n    global count\n    count += 1\n    return [0] * 10**6", "def n(): return count")
    with pytest.raises((StudentError, BadReply)):
        student.bad()
    assert student.n() == 1


def test_the_deadline_of_the_wall_clock_still_counts_for_sleepers(notebook):
    student = notebook("import time\ndef bad(): time.sleep(100)", call_seconds=1)
    with pytest.raises(DeadlineExceeded):
        student.bad()
