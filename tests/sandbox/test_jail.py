"""What student code can and cannot do in its jail, tried from inside; and what a fault costs."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from machine import NAMESPACES

from autograder.sandbox.errors import BadReply, DeadlineExceeded, JailDied, JailError
from autograder.sandbox.limits import Limits
from autograder.sandbox.workspace import BudgetSpent, Cell, Workspace

LIMITS = Limits(cell_seconds=10, call_seconds=3, submission_seconds=120, memory_mb=1500, output_mb=2, rebuilds=10)


@pytest.fixture
def notebook(warm_parent):
    """A function: cells in, a live workspace out; everything is ended afterwards."""
    made = []

    def open_notebook(*cells: str, limits: Limits = LIMITS) -> Workspace:
        numbered = [Cell(i, source) for i, source in enumerate(cells)]
        made.append(Workspace(lambda: warm_parent.fork(limits), numbered, limits))
        return made[-1]

    yield open_notebook
    for workspace in made:
        workspace.close()


def call(workspace: Workspace, name: str, *args):
    reply = workspace.request("call", {"fn": name, "args": list(args), "kwargs": {}})
    return reply["ok"] if "ok" in reply else reply["error"]


def descendants(root: int) -> set[int]:
    """Every process below `root`, by /proc."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int(entry.joinpath("stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found, grew = {root}, True
    while grew:
        new = {p for p, parent in parents.items() if parent in found} - found
        found, grew = found | new, bool(new)
    return found


FAULTS = {
    "a Python loop": "def bad():\n    while True: pass",
    "an XLA loop": (
        "import jax\ndef bad():\n    return jax.jit(lambda: jax.lax.while_loop(lambda i: i >= 0, lambda i: (i + 1) % 7, 0))()"
    ),
    "os._exit(0)": "import os\ndef bad(): os._exit(0)",
    "a segmentation fault": "import ctypes\ndef bad(): ctypes.string_at(0)",
    "ten GiB": "import numpy as np\ndef bad(): return float(np.ones(10 * 2**30 // 8).sum())",
    "ten GiB in jax": "import jax.numpy as jnp\ndef bad(): return jnp.ones(10 * 2**30 // 4)",
    "a GB of output": "def bad():\n    for _ in range(1000): print('x' * 10**6)",
    "a GB of output below Python": "import os\ndef bad():\n    for _ in range(1000): os.write(1, b'x' * 10**6)\n    return 1/0",
    "endless recursion": "import sys\nsys.setrecursionlimit(10**9)\ndef bad(): return bad()",
    "a fork bomb": "import os\ndef bad():\n    while True: os.fork()",
    "threads without end": (
        "import threading, time\ndef bad():\n    while True: threading.Thread(target=time.sleep, args=(999,)).start()"
    ),
    "a full disk": "def bad():\n    f = open('x', 'wb')\n    while True: f.write(bytes(10**6))",
}


@pytest.mark.parametrize("code", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_costs_one_call_and_leaves_no_process(notebook, warm_parent, code):
    before = descendants(warm_parent._process.pid)
    workspace = notebook("def good(x): return x + 1", code)
    assert call(workspace, "good", 1) == 2
    began = time.monotonic()
    try:
        answer = call(workspace, "bad")
        assert type(answer) is dict and "type" in answer, "an error of the student's, told as data"
    except JailError:
        pass
    assert time.monotonic() - began < 3 * LIMITS.call_seconds + 5
    assert call(workspace, "good", 2) == 3
    workspace.close()
    time.sleep(0.2)
    assert descendants(warm_parent._process.pid) <= before


@pytest.mark.parametrize(
    ("cell", "kind"),
    [("while True: pass", "deadline"), ("import os; os._exit(0)", "crash"), ("import ctypes; ctypes.string_at(0)", "crash")],
)
def test_a_cell_that_ends_the_process_is_left_out(notebook, cell, kind):
    limits = Limits(cell_seconds=2, call_seconds=3, rebuilds=5)
    workspace = notebook("a = 1", cell, "def f(): return a + 1", limits=limits)
    assert call(workspace, "f") == 2
    assert [(t.index, t.kind) for t in workspace.troubles] == [(1, kind)]


def test_a_failing_cell_does_not_stop_the_next(notebook):
    workspace = notebook("1/0", "def f(): return 5")
    assert call(workspace, "f") == 5
    assert workspace.troubles[0].message.startswith("ZeroDivisionError")


def test_jupyter_habits_do_no_harm(notebook):
    workspace = notebook(
        "%matplotlib inline\nimport math",
        "!pip install something\n%pip install something\nexit()\nquit()",
        "%%time\nb = math.pi",
        "import sys; sys.exit(3)",
        "x = !ls\nname = input()",
        "import asyncio\nawait asyncio.sleep(0)\nc = 3",
        "def f(): return b + c",
    )
    assert call(workspace, "f") == pytest.approx(np.pi + 3)
    assert {t.index for t in workspace.troubles} == {3}
    assert [(r.cell, r.kind) for r in workspace.remarks] == [(4, "input")]


def test_cells_moved_above_their_imports_run_after_all(notebook):
    workspace = notebook("def f(x: jnp.ndarray): return jnp.sum(x)", "import jax.numpy as jnp")
    assert call(workspace, "f", np.ones(3)) == 3.0
    assert workspace.troubles == ()


def test_an_error_inside_a_probe_is_told_with_the_students_own_lines(notebook):
    from autograder.sandbox.call_records import Recorder
    from autograder.sandbox.errors import StudentError
    from autograder.sandbox.remote import Student

    workspace = notebook("def f(x):\n    y = x\n    return y / 0")
    student = Student(workspace, Recorder())
    with pytest.raises(StudentError) as caught:
        student.run(lambda ns: ns.f(1))
    assert str(caught.value) == "ZeroDivisionError: division by zero"
    assert caught.value.trace == "cell 0, line 3, in f\n    return y / 0"
    assert call(workspace, "f", 2)["type"] == "ZeroDivisionError"


def test_precision_is_the_declared_one_whatever_a_cell_does(notebook):
    workspace = notebook("import jax; jax.config.update('jax_enable_x64', True)", "def f(x): return x")
    assert call(workspace, "f", np.ones(2)).dtype == np.float32


REPLIES = {
    "frames of its own": "import os\ndef bad():\n    [os.write(fd, bytes(64)) for fd in range(3, 64) if _is_socket(fd)]",
    "a frame with a lying length": (
        "import os, struct\ndef bad():\n"
        "    [os.write(fd, struct.pack('<IQ', 2**31, 2**50)) for fd in range(3, 64) if _is_socket(fd)]"
    ),
    "an early answer": (
        "import os, struct, msgpack\ndef bad():\n"
        "    h = msgpack.packb(['d', [['id', 1], ['ok', 1.0], ['printed', '']]])\n"
        "    [os.write(fd, struct.pack('<IQ', len(h), 0) + h) for fd in range(3, 64) if _is_socket(fd)]"
    ),
    "a huge array": "import numpy as np\ndef bad(): return np.zeros(2 * 10**8, dtype=np.uint8)",
    "a structure without end": "def bad():\n    x = []\n    x.append(x)\n    return x",
    "ten million items": "def bad(): return [0] * 10**7",
}
IS_SOCKET = """
import os, stat
def _is_socket(fd):
    try: return stat.S_ISSOCK(os.fstat(fd).st_mode)
    except OSError: return False
"""


@pytest.mark.parametrize("code", REPLIES.values(), ids=REPLIES.keys())
def test_a_forged_reply_costs_the_student_and_not_the_grader(notebook, code):
    workspace = notebook("def good(x): return x + 1", IS_SOCKET, code)
    try:
        answer = call(workspace, "bad")
        assert type(answer) is dict and answer["type"] == "WireError"
    except (BadReply, DeadlineExceeded, JailDied):
        pass
    assert call(workspace, "good", 2) == 3


def test_too_many_fresh_starts_are_refused(notebook):
    workspace = notebook("import os\ndef bad(): os._exit(1)", limits=Limits(rebuilds=2))
    for _ in range(3):
        with pytest.raises(JailDied):
            call(workspace, "bad")
    with pytest.raises(BudgetSpent):
        call(workspace, "bad")


def test_nothing_of_the_machine_can_be_reached(notebook):
    workspace = notebook(
        """
import ctypes, fcntl, os, socket, subprocess, signal
def told_by_a_lock():
    one, other = (os.open(os.__file__, os.O_RDONLY) for _ in range(2))
    fcntl.flock(one, fcntl.LOCK_EX)
    try: fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError: return
    raise OSError
def attempt(what):
    try:
        what()
        return "done"
    except OSError as e:
        return type(e).__name__
def tries():
    libc = ctypes.CDLL(None, use_errno=True)
    def raw(number, *a):
        if libc.syscall(number, *a) < 0: raise OSError(ctypes.get_errno(), "")
    return {
        "inet": attempt(lambda: socket.socket()),
        "inet6": attempt(lambda: socket.socket(socket.AF_INET6)),
        "unix": attempt(lambda: socket.socket(socket.AF_UNIX)),
        "netlink": attempt(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)),
        "program": attempt(lambda: subprocess.run(["/bin/true"])),
        "exec": attempt(lambda: os.execv("/bin/true", ["true"])),
        "fork": attempt(os.fork),
        "signal": attempt(lambda: os.kill(1, signal.SIGKILL)),
        "all signal": attempt(lambda: os.kill(-1, signal.SIGKILL)),
        "write": attempt(lambda: open("/usr/x", "w")),
        "write root": attempt(lambda: open("/x", "w")),
        "etc": attempt(lambda: open("/etc/passwd")),
        "mount": attempt(lambda: raw(165, b"tmpfs", b"/tmp", b"tmpfs", 0, None)),
        "namespace": attempt(lambda: raw(272, 0x10000000)),
        "ptrace": attempt(lambda: raw(101, 16, 1, 0, 0)),
        "memfd": attempt(lambda: os.memfd_create("x")),
        "io_uring": attempt(lambda: raw(425, 1, 0)),
        "shm": attempt(lambda: raw(29, 1, 4096, 0o1600)),
        "root": attempt(lambda: os.setuid(0)),
        "memory of the supervisor": attempt(lambda: open("/proc/1/mem", "r+b")),
        "its maps": attempt(lambda: open("/proc/1/maps").read()),
        "pages in memory": attempt(lambda: os.preadv(os.open(os.__file__, os.O_RDONLY), [bytearray(9)], 0, os.RWF_NOWAIT)),
        "locked by a neighbour": attempt(told_by_a_lock),
        "load": attempt(os.getloadavg),
        "memory of the machine": attempt(lambda: raw(99, ctypes.create_string_buffer(256))),
        "counts of the machine": attempt(lambda: open("/proc/vmstat").read()),
    }
def looks():
    try: fds = os.listdir("/proc/1/fd")
    except OSError: fds = []
    return [fds, dict(os.environ), os.getppid()]
"""
    )
    answer = call(workspace, "tries")
    assert "done" not in answer.values(), answer
    descriptors_of_init, environment, parent = call(workspace, "looks")
    assert descriptors_of_init == []
    assert parent == 1 or not NAMESPACES, "its supervisor is the first process of its namespace"
    assert str(Path.home()) not in environment.values() and not {"SHELL", "OLDPWD", "VIRTUAL_ENV"} & set(environment)


def test_threads_stand_still_between_two_requests(notebook):
    """They take nothing from the grader or a neighbour, and what they write is counted while somebody looks."""
    code = """
import threading, time
steps = 0
def walk():
    global steps
    while True:
        steps += 1
        time.sleep(0.01)
threading.Thread(target=walk, daemon=True).start()
def count(): return steps
"""
    workspace = notebook(code)
    before = call(workspace, "count")
    time.sleep(1.5)
    assert call(workspace, "count") - before < 60


def test_honest_libraries_still_find_what_they_need(notebook):
    """Top-level await (asyncio wants a pair of sockets), copies of files and their attributes, a terminal and its width."""
    code = """
import asyncio, pathlib, shutil, sys
await asyncio.sleep(0.01)
def copies():
    pathlib.Path("a.txt").write_text("x")
    shutil.copy2("a.txt", "b.txt")
    return pathlib.Path("b.txt").read_text()
def width(): return shutil.get_terminal_size().columns
def loop(): return asyncio.run(asyncio.sleep(0.01, result=7))
"""
    workspace = notebook(code)
    assert (call(workspace, "copies"), call(workspace, "loop")) == ("x", 7)
    assert call(workspace, "width") > 0 and workspace.troubles == ()


def test_one_submission_leaves_nothing_for_the_next(notebook):
    first = notebook("open('/tmp/left', 'w').write('x'); open('left', 'w').write('x'); import numpy; numpy.left = 1")
    first.ready()
    first.close()
    second = notebook(
        "import os, numpy\ndef f(): return [os.path.exists('/tmp/left'), os.path.exists('left'), hasattr(numpy, 'left')]"
    )
    assert call(second, "f") == [False, False, False]


def test_when_the_grader_is_gone_everything_inside_is_gone(tmp_path):
    """SIGKILL on the trusted process while student code loops: the kernel takes the rest."""
    import subprocess
    import sys

    root = Path(__file__).parents[2]
    program = f"""
import os, sys, time
from pathlib import Path
from autograder.sandbox import stage
from autograder.sandbox import warm_parent as warm
from autograder.sandbox.jail import tiers
from autograder.sandbox.limits import Limits
parent = warm.WarmParent(tiers.best(), stage.prepare(Path({str(root / "build")!r}), Path({str(root / "course_lib")!r})))
jail = parent.fork(Limits())
print(*(p.pid for p in jail._processes), parent._process.pid, flush=True)
jail.request("exec", {{"cell": 0, "source": "while True: pass"}}, 60)
"""
    grader = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    pids = [int(p) for p in grader.stdout.readline().split()]
    assert len(pids) == 3
    time.sleep(0.5)
    grader.kill()
    grader.wait()
    deadline = time.monotonic() + 10
    while any(_alive(p) for p in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [p for p in pids if _alive(p)]


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
