"""The positive controls: each attack on the naive grader, in a container where it can do no harm.

The container is made of namespaces and small tmpfs mounts; a watchdog in it, as its first process, looks every few hundredths
of a second at memory, files, processes and output, and ends everything when an attack has shown what it can do.

    python controls.py OUT.json [NAME ...]      needs root; the environment must hold TOKEN=environ-marker-0000dddd
    python controls.py --feed                   names on standard input, results on standard output (see crew.py)
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import resource
import signal
import socket
import struct
import sys
import threading
import time
from dataclasses import dataclass, field
from fcntl import ioctl
from pathlib import Path

from crew import answer_by_name
from needs import missing
from reachable import make_reachable
from records import Attack

from autograder.sandbox.jail import kernel

WORLD = Path("/tmp/world")
CHECKOUT = Path(__file__).resolve().parents[2]
SMALL = ("/tmp", "/var/tmp", "/dev/shm")
NEIGHBOUR = "zoe.ipynb"
FULL = 6.0
USER = 54_321
MARKERS = (
    "suite-marker-0000aaaa", "solution-marker-0000bbbb", "neighbour-marker-0000cccc", "environ-marker-0000dddd",
    "result-marker-0000eeee",
)  # fmt: skip
SECRET = "5ec7e75ec7e75ec7" * 4
_MEMORY, _DISK, _FILES, _PROCESSES, _OUTPUT = 10**9, 3 * 10**7, 4000, 8, 8 * 10**6


@dataclass
class Seen:
    """What a run did, as far as it can be seen from outside."""

    scores: dict[str, float] = field(default_factory=dict)
    text: str = ""
    ended: str = ""
    seconds: float = 0.0
    memory: int = 0
    disk: int = 0
    files: int = 0
    processes: int = 0
    output: int = 0
    left: list[str] = field(default_factory=list)
    survivors: int = 0


def reached(attack: Attack, seen: Seen, student: str) -> bool:
    """Whether the attack has got what it wanted."""
    score = seen.scores.get(student, 0.0)
    return {
        "score": score > (attack.expected or 0.0),
        "leak": any(m in seen.text for m in MARKERS) or SECRET in seen.text,
        "neighbour": seen.scores.get("zoe") != FULL,
        "markup": bool(attack.raw) and attack.raw in seen.text,
        "file": bool(seen.left),
        "process": seen.survivors > 0,
        "time": seen.ended == "time",
        "memory": seen.memory > _MEMORY,
        "disk": seen.disk > _DISK,
        "files": seen.files > _FILES,
        "processes": seen.processes > _PROCESSES,
        "output": seen.output > _OUTPUT,
        "death": seen.ended not in ("", "time") or "zoe" not in seen.scores,
    }[attack.goal]


def run(attack: Attack, neighbour: str, seconds: float) -> tuple[bool, Seen]:
    """The attack on the naive grader. This process must have one thread only.

    Args:
        neighbour: a right notebook, as JSON; graded after the attack, in the same run.
        seconds: how long the naive grader may take before it counts as hanging.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            os.setsid()
            _contain()
            if os.fork() == 0:
                _watchdog(attack, neighbour, seconds, writing)
            os.close(writing)
            os.wait()
        except BaseException as e:
            print("control:", attack.name, type(e).__name__, e, file=sys.stderr)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as f:
        data = f.read()
    os.waitpid(child, 0)
    seen = Seen(**json.loads(data)) if data else Seen(ended="the container failed")
    name = attack.handed_in(_paths(attack, 0))[0]
    return seen.ended != "the container failed" and reached(attack, seen, student_of(name)), seen


def what_is_missing(attack: Attack) -> str:
    """In words, what the attack needs and this machine has not; asked as the naive grader's user, in its container."""
    if not attack.needs:
        return ""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _contain()
            if os.fork() == 0:
                kernel.mount("proc", "/proc", "proc", kernel.MS_NOSUID | kernel.MS_NODEV)
                _become_the_user()
                os.write(writing, missing(attack.needs).encode())
                os._exit(0)
            os.wait()
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as said:
        words = said.read()
    os.waitpid(child, 0)
    return words


def student_of(name: str) -> str:
    return name.removesuffix(".ipynb").removesuffix(".zip").removesuffix(".tar.gz")


def _paths(attack: Attack, pid: int) -> dict:
    w = str(WORLD)
    me = attack.name if attack.file is None else "mallory"
    return {
        "suite": f"{w}/suite/test_lab.py", "solution": f"{w}/solution.py", "secret": f"{w}/secret", "solved": f"{w}/solved.ipynb",
        "neighbour": f"{w}/handed-in/{NEIGHBOUR}", "results": f"{w}/results.json", "cache": f"{w}/cache", "home": f"{w}/home",
        "digits": SECRET[:16], "me": me, "pid": pid,
    }  # fmt: skip


def _contain() -> None:
    """Namespaces of its own: no network but a loopback, no process but its own, small file systems."""
    uid = os.getuid()
    spaces = kernel.CLONE_NEWNS | kernel.CLONE_NEWPID | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC
    kernel.unshare(spaces)
    kernel.mount("", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
    make_reachable()
    checkout = os.open(CHECKOUT, os.O_PATH | os.O_DIRECTORY)
    for folder in SMALL:
        kernel.mount("tmpfs", folder, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=160m,nr_inodes=16k,mode=1777")
    if not Path(sys.executable).exists():  # a clone below /tmp has just been covered
        CHECKOUT.mkdir(parents=True, exist_ok=True)
        kernel.mount(f"/proc/self/fd/{checkout}", str(CHECKOUT), "", kernel.MS_BIND | kernel.MS_REC)
    os.close(checkout)
    assert uid == 0
    with socket.socket() as s:  # the loopback up, so that servers can be started
        name = struct.pack("16sh14x", b"lo", 1 | 64)
        with contextlib.suppress(OSError):
            ioctl(s.fileno(), 0x8914, name)


def _watchdog(attack: Attack, neighbour: str, seconds: float, report: int) -> None:
    kernel.mount("proc", "/proc", "proc", kernel.MS_NOSUID | kernel.MS_NODEV)
    seen = Seen()
    files_before = _build_world(neighbour)
    grader = os.fork()
    if grader == 0:
        os.close(report)
        _be_the_grader(attack)
    began = time.monotonic()
    status = None
    while status is None:
        done, how = os.waitpid(grader, os.WNOHANG)
        if done:
            status = how
            break
        _look(seen, files_before)
        over = seen.memory > _MEMORY or seen.processes > 120 or seen.disk > 150 * 10**6
        if over or time.monotonic() - began > seconds:
            seen.ended = seen.ended or ("bounds" if over else "time")
            _look_closer(seen)
            os.kill(-1, signal.SIGKILL)
            os.waitpid(grader, 0)
            break
        time.sleep(0.05)
    seen.seconds = time.monotonic() - began
    if status is not None:
        code = os.waitstatus_to_exitcode(status)
        seen.ended = "" if code == 0 else f"status {code}"
        time.sleep(0.15)
        _look(seen, files_before)
        _look_closer(seen)
    with os.fdopen(report, "wb") as f:
        f.write(json.dumps(vars(seen)).encode())
    os._exit(0)


def _build_world(neighbour: str) -> int:
    import naive_grader

    WORLD.mkdir()
    for name in ("handed-in", "work", "out", "cache", "home"):
        (WORLD / name).mkdir()
    naive_grader.write_suite(WORLD / "suite")
    (WORLD / "handed-in" / NEIGHBOUR).write_text(neighbour)
    (WORLD / "solved.ipynb").write_text(neighbour)
    (WORLD / "solution.py").write_text("# solution-marker-0000bbbb\n")
    (WORLD / "cache" / "double.bin").write_text("solution-marker-0000bbbb")
    (WORLD / "cache" / "rates.json").write_text('{"two": 2}')
    (WORLD / "secret").write_text(SECRET + "\n")
    (WORLD / "results.json").write_text('{"zoe": "result-marker-0000eeee"}')
    for path in [WORLD, *WORLD.rglob("*")]:
        os.chown(path, USER, USER)
    return _files()


def _be_the_grader(attack: Attack) -> None:
    try:
        _become_the_user()
        resource.setrlimit(resource.RLIMIT_AS, (24 * 10**9, 24 * 10**9))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NPROC, (2000, 2000))
        proctor = os.fork()
        if proctor == 0:
            time.sleep(1000)
            os._exit(0)
        name, data = attack.handed_in(_paths(attack, proctor))
        target = WORLD / "handed-in" / name
        if data.startswith(b"LINK "):
            target.symlink_to(data[5:].decode())
        else:
            target.write_bytes(data)
        os.environ.update(HOME=str(WORLD / "home"), IPYTHONDIR=str(WORLD / "home/ipython"))
        out = os.open(WORLD / "out/stdout.txt", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o644)
        os.dup2(out, 1)
        os.dup2(out, 2)
        sys.stdout = os.fdopen(1, "w", errors="surrogatepass", closefd=False)
        sys.stderr = os.fdopen(2, "w", errors="surrogatepass", closefd=False)
        import naive_grader

        naive_grader.main(WORLD, [name, NEIGHBOUR])
        sys.stdout.flush()
        threading._shutdown()  # as at the end of a program: threads are waited for
        with contextlib.suppress(OSError):
            os.kill(proctor, signal.SIGKILL)
            os.waitpid(proctor, 0)
    except BaseException:
        import traceback

        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _become_the_user() -> None:
    os.setgroups([])
    os.setresgid(USER, USER, USER)
    os.setresuid(USER, USER, USER)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)


def _look(seen: Seen, files_before: int) -> None:
    """Memory, files, processes and output as they are now."""
    processes = memory = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        if pid == "1":
            continue
        with contextlib.suppress(OSError, IndexError, ValueError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            if fields[0] not in "ZX":
                processes += int(fields[17])
            memory += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
            memory += _nameless(pid)
    seen.memory, seen.processes = max(seen.memory, memory), max(seen.processes, processes)
    seen.disk = max(seen.disk, sum(_used(d)[0] for d in SMALL))
    seen.files = max(seen.files, _files() - files_before)
    with contextlib.suppress(OSError):
        sizes = [p.stat().st_size for p in [*(WORLD / "out").iterdir(), *(WORLD / "work").glob("*/log.pkl")]]
        seen.output = max([seen.output, *sizes])


def _nameless(pid: str) -> int:
    """Bytes in files that exist only in memory."""
    total = 0
    for fd in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(OSError):
            if "memfd:" in os.readlink(f"/proc/{pid}/fd/{fd}"):
                total += os.stat(f"/proc/{pid}/fd/{fd}").st_blocks * 512
    return total


def _used(folder: str) -> tuple[int, int]:
    s = os.statvfs(folder)
    return (s.f_blocks - s.f_bfree) * s.f_frsize, s.f_files - s.f_ffree


def _files() -> int:
    return sum(_used(d)[1] for d in SMALL)


def _look_closer(seen: Seen) -> None:
    """What is left, and what was written."""
    living = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError, IndexError):
            if pid != "1" and Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX":
                living.append(pid)
    seen.survivors = len(living) if seen.ended == "" else 0
    for top in SMALL:
        for folder, folders, names in os.walk(top):
            folders[:] = [f for f in folders if not os.path.ismount(os.path.join(folder, f))]
            seen.left += [os.path.join(folder, n) for n in names if "hostile-left" in n]
            if len(folder) > 2000:
                break
    pieces = []
    for path in sorted((WORLD / "out").iterdir()):
        with contextlib.suppress(OSError), open(path, errors="surrogateescape", newline="") as f:
            pieces.append(f.read(4 * 10**6))
    seen.text = "\n".join(pieces)
    with contextlib.suppress(OSError, ValueError):
        seen.scores = json.loads((WORLD / "out/scores.json").read_text())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, nargs="?")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--feed", action="store_true")
    options = parser.parse_args()
    from corpus import CORPUS, neighbour

    for name in ("IPython.core.interactiveshell", "jax.numpy", "jinja2", "msgpack", "naive_grader", "pytest"):
        importlib.import_module(name)  # before any fork, so that a control costs a second and not five

    right = neighbour()
    _, seen = run(Attack("no-attack-at-all", "forge", "score"), right, 120)
    if seen.scores != {"no-attack-at-all": 2.0, "zoe": FULL}:
        print(f"the naive grader itself does not work: {seen}", file=sys.stderr)
        return 1
    patience = max(6.0, 5 * seen.seconds)

    def attempt(attack: Attack) -> dict:
        began = time.monotonic()
        won, seen = run(attack, right, patience if attack.goal == "time" else 10 * patience)
        how = "" if won else f"{seen.ended} {seen.scores}"
        needs = "" if won else what_is_missing(attack)
        return {"won": won, "how": how, "needs": needs, "goal": attack.goal, "seconds": round(time.monotonic() - began, 2)}

    if options.feed:
        attacks = {a.name: a for a in CORPUS}
        answer_by_name(lambda name: attempt(attacks[name]))
        return 0
    found = {a.name: attempt(a) for a in CORPUS if not options.names or a.name in options.names}
    for name, result in found.items():
        if not result["won"]:
            why = f"left out: it needs {result['needs']}" if result["needs"] else f"control failed: {result['how']}"
            print(f"{name} ({result['goal']}) {why} {result['seconds']} s", flush=True)
    options.out.write_text(json.dumps({name: result["won"] for name, result in found.items()}))
    return 0 if all(result["won"] or result["needs"] for result in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
