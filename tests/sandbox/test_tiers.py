"""Tiers B, C and D for real: the product inside a filter that refuses namespaces (and Landlock), as root and as nobody."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from machine import needs_root

from autograder.commands.doctor import describe
from autograder.sandbox.jail import seccomp, tiers, tree
from autograder.sandbox.jail.tiers import Tier
from autograder.sandbox.limits import Limits
from autograder.sandbox.workspace import Cell, Workspace

ROOT = Path(__file__).parents[2]
REFUSE = ROOT / "tests" / "hostile" / "refuse.py"
NOBODY = "65534"
PROCESSOR = Path("/sys/devices/system/cpu")

# Cells of a notebook that tries what its tier forbids; what each tells is read below.
PROGRAM = """
import contextlib, json, os, sys
from pathlib import Path
from autograder.sandbox import stage
from autograder.sandbox import warm_parent as warm
from autograder.sandbox.jail import tiers
from autograder.sandbox.limits import Limits
from autograder.sandbox.errors import JailError
from autograder.sandbox.workspace import Cell, Workspace
top = Path(sys.argv[1])
secret = top / "suite.py"
secret.write_text("secret")
secret.chmod(0o600)
(top / "beside.txt").write_text("beside")
(top / "beside.txt").chmod(0o644)
limits = Limits(cell_seconds=20, call_seconds=8, memory_mb=1500, scratch_mb=8, threads=60)
cells = [Cell(0, Path(sys.argv[2]).read_text())]
said = {"tier": tiers.best().name}
made = stage.prepare(top / "build", Path(sys.argv[3]))
with warm.WarmParent(tiers.best(), made) as parent:
    workspace = Workspace(lambda: parent.fork(limits), cells, limits)
    workspace.ready()
    with contextlib.suppress(OSError):  # as when memory is short: /proc then makes its files anew
        Path("/proc/sys/vm/drop_caches").write_text("2")
    for name in sys.argv[4:]:
        try:
            reply = workspace.request("call", {"fn": name, "args": [str(secret), os.getpid()], "kwargs": {}})
            said[name] = reply.get("ok", reply.get("error"))
        except JailError as e:
            said[name] = f"{e.kind}: {e}"
    said["scratch"] = str(parent._scratch)
    workspace.close()
said["left"] = os.path.exists(said["scratch"])
print(json.dumps(said, default=str))
"""
CELL = """
import ctypes, fcntl, os, resource, signal, socket, threading, time
import jax, jax.numpy as jnp
libc = ctypes.CDLL(None, use_errno=True)
def attempt(act):
    try:
        act()
        return "done"
    except OSError as e:
        return "refused"
def raw(number, *a):
    if libc.syscall(number, *a) < 0: raise OSError(ctypes.get_errno(), "")
def jit(path, pid): return float(jax.jit(lambda x: x @ x.T)(jnp.ones((3, 3))).sum())
def who(path, pid): return [os.getuid(), os.getgid(), os.geteuid()]
def tries(path, pid):
    r, w = os.pipe()
    return {
        "read the suite": attempt(lambda: open(path)),
        "list its folder": attempt(lambda: os.listdir(os.path.dirname(path))),
        "read passwd": attempt(lambda: open("/etc/passwd")),
        "list processes": attempt(lambda: os.listdir("/proc")),
        "memory of the grader": attempt(lambda: open(f"/proc/{pid}/mem", "rb")),
        "signal the grader": attempt(lambda: os.kill(pid, 0)),
        "signal it by a descriptor": attempt(lambda: fcntl.fcntl(r, fcntl.F_SETOWN, pid)),
        "slow the grader": attempt(lambda: os.setpriority(os.PRIO_PROCESS, pid, 19)),
        "pin the grader": attempt(lambda: os.sched_setaffinity(pid, {0})),
        "limit the grader": attempt(lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, 3))),
        "trace the grader": attempt(lambda: raw(101, 16, pid, 0, 0)),
        "read its memory": attempt(lambda: raw(310, pid, None, 0, None, 0, 0)),
        "take its descriptor": attempt(lambda: raw(434, pid, 0)),
        "a socket": attempt(lambda: socket.socket()),
        "a unix socket": attempt(lambda: socket.socket(socket.AF_UNIX)),
        "a process": attempt(os.fork),
        "a program": attempt(lambda: os.execv("/bin/true", ["true"])),
        "a file in tmp": attempt(lambda: open("/tmp/hostile-left", "w")),
        "a file in shared memory": attempt(lambda: open("/dev/shm/hostile-left", "w")),
        "root again": attempt(lambda: os.setuid(0) if os.getuid() else raw(-1)),
        "a file without a name": attempt(lambda: os.open(".", os.O_TMPFILE | os.O_RDWR)),
    }
def machine(path, pid):
    cpu = "/sys/devices/system/cpu/"
    return {
        "cores": sum(line.startswith("processor") for line in open("/proc/cpuinfo")),
        "possible": open(cpu + "possible").read(), "online": open(cpu + "online").read(), "present": open(cpu + "present").read(),
        "stat": open("/proc/stat").read().split()[0], "memory": open("/proc/meminfo").readline(),
        "another": attempt(lambda: open("/sys/kernel/notes", "rb")), "change": attempt(lambda: open(cpu + "uevent", "w")),
    }
def later(path, pid):
    # Imported by nobody before the fork: code, a compiled library, the data of a package, and ours.
    import course_lib.checks, jax.experimental.ode, scipy.signal, sklearn.datasets
    return [scipy.signal.convolve([1, 2], [1, 1]).tolist(), sklearn.datasets.load_iris().data.shape[0]]
def past(path, pid):
    # Files beside what the descriptors lead to.
    found = []
    for n in range(256):
        for up in range(1, 6):
            try: found.append(open(f"/proc/self/fd/{n}/" + "../" * up + "beside.txt").read())
            except OSError: pass
    return found
def writes(path, pid):
    with open("mine.txt", "w") as f: f.write("x")
    with open("mine.txt") as f: return f.read()
def many(path, pid):
    for i in range(1000):
        with open(f"f{i}", "wb") as f: f.write(bytes(10**5))
    time.sleep(5)
def nameless(path, pid):
    keep = []
    for i in range(100):
        f = open(f"g{i}", "wb"); os.unlink(f"g{i}"); f.write(bytes(10**6)); f.flush(); keep.append(f)
    time.sleep(5)
def threads(path, pid):
    threading.stack_size(65536)
    for _ in range(300): threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
    time.sleep(5)
def deep(path, pid):
    for _ in range(3000): os.mkdir("d"); os.chdir("d")
    return 1
"""
CALLS = ("machine", "jit", "who", "tries", "writes", "many", "nameless", "threads", "deep")


def run_as(folder: Path, *wrapper: str, calls: tuple[str, ...] = CALLS, python: str | Path = sys.executable) -> dict:
    """What the cell's functions say in a jail made by a process under `refuse.py` with these arguments."""
    folder.chmod(0o777)
    done = run_below(folder, folder, *wrapper, calls=calls, python=python)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def run_below(folder: Path, top: Path, *wrapper: str, calls: tuple[str, ...], python: str | Path = sys.executable):
    """The same, with everything that the product writes below `top`."""
    for above in folder.parents:  # the other user must be able to get there
        if str(above).startswith("/tmp/"):
            above.chmod(above.stat().st_mode | 0o011)
    (folder / "cell.py").write_text(CELL)
    (folder / "program.py").write_text(PROGRAM)
    program = [str(python), str(folder / "program.py"), str(top), str(folder / "cell.py"), str(ROOT / "course_lib"), *calls]
    environment = {**os.environ, "TMPDIR": str(top), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([sys.executable, str(REFUSE), *wrapper, *program], env=environment, capture_output=True, text=True,
                          check=False, cwd=folder)  # fmt: skip


@needs_root
def test_b_reaches_what_it_needs_in_a_private_folder_and_opens_nothing(tmp_path):
    """As root in a container with everything below /root: Python's environment, the stage, the temporary folder."""
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    bound = ("--bind", sys.prefix, str(private / "environment"))
    calls = ("machine", "jit", "who", "later", "past", "writes")
    done = run_below(tmp_path, private, *bound, calls=calls, python=private / "environment/bin/python")
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout)
    assert said["tier"] == "B" and said["jit"] == 27.0 and said["writes"] == "x" and 0 not in said["who"]
    assert said["machine"] == seen_outside()
    assert said["later"] == [[1, 3, 2], 150]
    assert said["past"] == [], "a descriptor leads to what a jail may read, and to nothing beside it"
    assert private.stat().st_mode & 0o777 == 0o700 and not said["left"]


@needs_root
def test_b_leaves_nothing_behind_when_the_grader_is_killed(tmp_path):
    """Student code is another user there, whom a supervisor without its capabilities could not end, nor its own death."""
    program = f"""
from pathlib import Path
from autograder.sandbox import stage
from autograder.sandbox import warm_parent as warm
from autograder.sandbox.jail import tiers
from autograder.sandbox.limits import Limits
parent = warm.WarmParent(tiers.best(), stage.prepare(Path({str(tmp_path / "build")!r}), Path({str(ROOT / "course_lib")!r})))
jail = parent.fork(Limits())
print(tiers.best().name, *(p.pid for p in jail._processes), parent._process.pid, flush=True)
jail.request("exec", {{"cell": 0, "source": "while True: pass"}}, 60)
"""
    command = [sys.executable, str(REFUSE), sys.executable, "-c", program]
    grader = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(tmp_path)})
    tier, *pids = grader.stdout.readline().split()
    assert tier == "B" and len(pids) == 3
    time.sleep(0.5)
    grader.kill()
    grader.wait()
    deadline = time.monotonic() + 10
    while (left := [p for p in pids if Path(f"/proc/{p}").exists()]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == []


@needs_root
def test_b_without_landlock_names_the_private_folder_and_what_to_do(tmp_path):
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    done = run_below(tmp_path, private, "--landlock", calls=("jit",))
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    told = re.search(r"GraderFault: .* because (\S+) is closed to others\. Move the course .* chmod o\+x (\S+) ", last)
    assert told and told[1] == told[2] and private.is_relative_to(told[1]), done.stderr


@needs_root
def test_b_names_what_a_strict_umask_has_closed(tmp_path):
    """Nothing is opened silently: what was installed closed stays so until its owner says otherwise."""
    installed = tmp_path / "environment"
    (installed / "bin").mkdir(parents=True)
    (installed / "bin" / "python").symlink_to(Path(sys.executable).resolve())
    (installed / "pyvenv.cfg").write_text((Path(sys.prefix) / "pyvenv.cfg").read_text())
    packages = Path(np.__file__).parents[1]
    (installed / packages.relative_to(sys.prefix)).parent.mkdir(parents=True)
    (installed / packages.relative_to(sys.prefix)).symlink_to(packages)
    installed.chmod(0o700)
    tmp_path.chmod(0o755)
    done = run_below(tmp_path, tmp_path, calls=("jit",), python=installed / "bin/python")
    last = done.stderr.strip().splitlines()[-1]
    assert "GraderFault" in last and f"{installed} is closed to others" in last, done.stderr
    assert f"chmod -R o+rX {installed}" in last
    assert installed.stat().st_mode & 0o777 == 0o700


def seen_outside() -> dict:
    """What numerics libraries see of the processor out here, and so must see in a jail of any tier."""
    return {
        "cores": len([line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("processor")]),
        **{name: (PROCESSOR / name).read_text() for name in ("possible", "online", "present")},
        "stat": "cpu", "memory": Path("/proc/meminfo").read_text().splitlines(keepends=True)[0],
        "another": "refused", "change": "refused",
    }  # fmt: skip


def test_the_strongest_tier_here_shows_the_processor_as_it_is(warm_parent):
    workspace = Workspace(lambda: warm_parent.fork(Limits()), [Cell(0, CELL)], Limits())
    reply = workspace.request("call", {"fn": "machine", "args": ["", 0], "kwargs": {}})
    workspace.close()
    assert reply.get("ok") == seen_outside(), reply


@needs_root
@pytest.mark.slow
@pytest.mark.parametrize(("tier", "wrapper"), [("B", ()), ("C", ("--user", NOBODY))])
def test_b_and_c_hold_what_they_promise(tmp_path, tier, wrapper):
    said = run_as(tmp_path, *wrapper)
    assert said["tier"] == tier
    assert said["jit"] == 27.0 and said["writes"] == "x"
    assert said["machine"] == seen_outside()
    assert said["who"][0] == (int(NOBODY) if tier == "C" else pytest.approx(said["who"][0])) and 0 not in said["who"]
    assert {k for k, v in said["tries"].items() if v == "done"} == set(), said["tries"]
    assert said["many"].startswith("disk:") and said["nameless"].startswith("disk:"), "every byte counts, named or not"
    # Who comes first: the kernel refuses the next thread, which the student's code sees as an error, or the trusted side looks.
    refused = said["threads"] if isinstance(said["threads"], str) else said["threads"]["message"]
    assert refused.startswith("threads:") or "thread" in refused, refused
    assert said["deep"] == 1 and not said["left"], "three thousand folders in each other are removed"


@needs_root
@pytest.mark.slow
def test_b_without_landlock_closes_what_permissions_leave_open(tmp_path):
    said = run_as(tmp_path, "--landlock", calls=("jit", "tries", "writes"))
    assert said["tier"] == "B" and said["jit"] == 27.0
    tried = said["tries"]
    assert {k for k, v in tried.items() if v == "done"} <= {"read passwd", "list its folder", "list processes"}, tried
    assert said["writes"]["type"] == "PermissionError"


@needs_root
def test_without_landlock_an_ordinary_user_is_refused(tmp_path):
    program = [sys.executable, "-c", "from autograder.commands.doctor import doctor; doctor()"]
    done = subprocess.run([sys.executable, str(REFUSE), "--landlock", "--user", NOBODY, *program], capture_output=True, text=True,
                          check=False, cwd="/")  # fmt: skip
    assert "D: not isolated" in done.stdout and "Hidden tests are not run" in done.stdout, done.stdout + done.stderr


def test_the_doctor_speaks_plainly_to_everybody(monkeypatch):
    a = describe(Tier("A", "A: namespaces, Landlock 7, seccomp", landlock=7))
    assert "What it protects" in a and "Why not more" not in a
    c = describe(Tier("C", "C: Landlock 7, seccomp", "new namespaces are refused (EPERM)", "`sudo sysctl -w x=1`", 7))
    assert "You may grade like this" in c and "sudo sysctl -w x=1" in " ".join(c.split()) and "runs as you" in " ".join(c.split())
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(tiers, "_known", [])
    mac = tiers.best()
    text = " ".join(describe(mac, on_linux=False).split())
    assert "this is macOS" in text and "docker run" in text and "limactl" in text and "--unsafe" not in text


REMEDIES = {
    "kernel/apparmor_restrict_unprivileged_userns": ("1", "apparmor_restrict_unprivileged_userns=0"),
    "kernel/unprivileged_userns_clone": ("0", "unprivileged_userns_clone=1"),
    "user/max_user_namespaces": ("0", "max_user_namespaces=10000"),
}


@pytest.mark.parametrize("setting", REMEDIES)
def test_the_remedy_is_the_one_that_fits(monkeypatch, setting):
    from autograder.sandbox.jail import remedies

    value, words = REMEDIES[setting]
    monkeypatch.setattr(remedies, "in_container", lambda: False)
    monkeypatch.setattr(remedies, "_setting", lambda name: value if name == setting else "7")
    assert words in remedies.no_namespaces()
    monkeypatch.setattr(remedies, "in_container", lambda: True)
    assert "--privileged" in remedies.no_namespaces()


def test_a_course_below_a_folder_that_every_jail_reads_is_refused(engine, small_course, tmp_path, monkeypatch):
    from autograder.errors import GraderFault

    suite = """
    @question("double", reference="2 x")
    class TestDouble:
        def test_it(self, student, rng):
            assert_close(student.double(2.0), 4.0)
    """
    small_course.add(1, {"double": "def double(x):\n    return 2 * x"}, suite)
    target = small_course.target("week01/lab")
    monkeypatch.setattr(tree, "readable_paths", lambda extra: [str(tmp_path)])
    with pytest.raises(GraderFault, match="Move it elsewhere"):
        engine.guard(target)


def test_open_and_closed_folders_are_told_apart(tmp_path):
    file = tmp_path / "a" / "suite.py"
    file.parent.mkdir()
    file.write_text("x")
    file.parent.chmod(0o700)
    assert not tree.open_to_others(file) and tree.closed_folder_above(file)
    link = tmp_path / "link"
    link.symlink_to(file.parent)
    assert tree.holder_of(link / "suite.py", [str(tmp_path / "a")]) == str(tmp_path / "a")
    assert tree.holder_of(tmp_path / "ab", [str(tmp_path / "a")]) == ""


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("frozen", [False, True])
def test_the_filter_fits_the_kernel_on_both_machines(machine, frozen):
    code = seccomp.program(1, machine, counted_files=True, frozen_files=frozen)
    count = len(code) // 8
    assert count < 4096
    import struct

    for i in range(count):
        op, jt, jf, _ = struct.unpack_from("<HBBI", code, 8 * i)
        if op & 7 == 5:
            assert i + 1 + max(jt, jf) < count, "no jump leads past the end"
