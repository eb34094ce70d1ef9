"""A class on a Dask cluster with a hostile notebook in it, on one worker: it reaches neither scheduler nor worker nor neighbours.

The control gives the same cells to a function that many people would send to a cluster: it runs them in the worker.
"""

from __future__ import annotations

import json
import os
import re
import socket
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest
from grading_commands import autograder, reports, score, week_of
from machine import needs_namespaces

MARKER = "cluster-marker-0000ffff"
# What the attacker knows: addresses, process ids, folders. Each attempt returns what it got, or raises.
ATTEMPTS = {
    "the scheduler's port": "socket.create_connection(WORLD['scheduler'], 5).close(); return 'connected'",
    "the worker's port": "socket.create_connection(WORLD['worker'], 5).close(); return 'connected'",
    "a client of the scheduler": (
        "from distributed import Client\n"
        "with Client('tcp://%s:%d' % WORLD['scheduler'], timeout='5s', set_as_default=False) as c: return str(c.nthreads())"
    ),
    "the worker's own objects": "from distributed import get_worker\nreturn get_worker().address",
    "the worker's environment": "return re.search(WORLD['marker'], open('/proc/%d/environ' % WORLD['pid']).read())[0]",
    "its own environment": "return re.search(WORLD['marker'], str(dict(os.environ)))[0]",
    "Dask's configuration": "import dask\nreturn re.search(WORLD['marker'], str(dask.config.config))[0]",
    "the worker's memory": "return str(open('/proc/%d/mem' % WORLD['pid'], 'rb').fileno())",
    "the worker's open files": "return str(os.listdir('/proc/%d/fd' % WORLD['pid']))",
    "a file in the worker's folder": "open(WORLD['folder'] + '/hostile-left', 'w').write('x'); return 'written'",
    "what lies in the worker's folder": "return str(os.listdir(WORLD['folder']))",
    "the neighbour's notebook": "return open(WORLD['neighbour']).read()[:20]",
    "the course's secret": "return open(WORLD['secret']).read()[:8]",
    "a new process": "pid = os.fork()\nif pid == 0: os._exit(0)\nos.waitpid(pid, 0)\nreturn 'forked'",
    "a program": "return subprocess.run(['true']).args[0]",
    "a full disk": (
        "with open('big', 'wb') as f:\n"
        "    for _ in range(100): f.write(bytes(1 << 20))\n"
        "os.remove('big')\nreturn 'a hundred megabytes'"
    ),
    "shared memory": "from multiprocessing import shared_memory\nm = shared_memory.SharedMemory(create=True, size=1 << 28)\n"
                     "m.buf[-1] = 1\nm.close()\nm.unlink()\nreturn 'shared'",
    "a signal to the worker": "os.kill(WORLD['pid'], 0); return 'may send'",
    "the nanny": "os.kill(WORLD['nanny'], 0); return 'may send'",
    "what code runs at the worker": "import threading\nreturn [t.name for t in threading.enumerate() if 'Dask' in t.name][0]",
}  # fmt: skip
# What comes back is an object whose unpickling runs code.
PICKLED = """
class Loaded:
    def __init__(self, *a): pass
    def __reduce__(self):
        return (open, (WORLD['touched'], 'w'))
"""


@dataclass(frozen=True)
class World:
    """A cluster of one worker, and what may be stolen or broken there."""

    address: str
    known: dict

    @property
    def pid(self) -> int:
        return self.known["pid"]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    from distributed import Client, LocalCluster

    os.environ["DASK_HOSTILE__KEY"] = MARKER
    try:
        cluster = LocalCluster(n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None)
    finally:
        del os.environ["DASK_HOSTILE__KEY"]
    with cluster, Client(cluster.scheduler_address, set_as_default=False) as client:
        (address, pid), folder = next(iter(client.run(os.getpid).items())), client.run(_folder)
        known = {
            "scheduler": _split(cluster.scheduler_address), "worker": _split(address), "pid": pid, "folder": folder[address],
            "nanny": os.getpid(), "marker": MARKER, "touched": str(tmp_path_factory.mktemp("dask") / "hostile-left"),
        }  # fmt: skip
        yield World(cluster.scheduler_address, known)


def _folder(dask_worker) -> str:
    return dask_worker.local_directory


def _split(address: str) -> tuple[str, int]:
    host, port = address.removeprefix("tcp://").rsplit(":", 1)
    return host, int(port)


def cell(known: dict) -> str:
    """One cell that makes every attempt and keeps what it got."""
    text = f"import json, os, re, socket, subprocess, sys\nWORLD = {known!r}\nloot = {{}}\n"
    for name, body in ATTEMPTS.items():
        text += f"def attempt():\n{textwrap.indent(body.replace('; return', chr(10) + 'return'), '    ')}\n"
        text += f"try: loot[{name!r}] = str(attempt())[:60]\nexcept BaseException as e: pass\n"
    return text + PICKLED


SLEEPERS = "import threading, time\n[threading.Thread(target=time.sleep, args=(600,)).start() for _ in range(9)]"
TELL = "def double(x):\n    raise ValueError('loot: ' + json.dumps(loot))"


def notebook(*cells: str) -> str:
    made = [{"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": c} for c in cells]
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": made})


def of_neighbour(report: dict, name: str) -> str:
    """What a neighbour got, but for whose it is and how long it took."""
    return re.sub(r'"(cpu_)?seconds": [0-9.e-]+', "", json.dumps(report)).replace(name, "neighbour")


@pytest.fixture
def week(small_course):
    week = week_of(small_course)
    secret = week.root / ".autograder" / "secret"
    secret.parent.mkdir()
    secret.write_text("5ec7e7" * 10 + "5ec7\n")
    secret.chmod(0o600)
    return week


@needs_namespaces
@pytest.mark.slow
def test_a_hostile_notebook_on_a_worker_gains_nothing_and_changes_nothing(week, world, tmp_path):
    folder, to = tmp_path / "handed in", tmp_path / "results"
    folder.mkdir()
    for name in ("adamo", "zora"):  # graded before and after, by the same worker; names that no hash can hold
        (folder / f"{name}.ipynb").write_text(week.solved("week01/lab"))
        os.utime(folder / f"{name}.ipynb", (1_775_000_000, 1_775_000_000))  # handed in at the same time
    known = {**world.known, "neighbour": str(folder / "adamo.ipynb"), "secret": str(week.root / ".autograder" / "secret")}
    right = "def triple(x):\n    return 3 * x"
    hostile = {
        "mallory1": notebook(cell(known), TELL, right),
        "mallory2": notebook(cell(known), "def double(x):\n    return Loaded()", "def triple(x):\n    return [Loaded(), Loaded]"),
        "mallory3": notebook(cell(known), "import signal\ndef double(x):\n    os.kill(0, signal.SIGKILL)\n", right),
        "mallory4": notebook("import os", "def double(x):\n    print('x' * 10**8)\n    return [x] * 10**7", right),
        "mallory5": notebook(SLEEPERS, "def double(x):\n    while True: pass", right),
    }  # fmt: skip
    for name, text in hostile.items():
        (folder / f"{name}.ipynb").write_text(text)
    done = autograder(week, "grade", "week01/lab", "--from", folder, "--to", to, "--dask", world.address)
    assert done.returncode == 0 and "7 of 7 graded" in done.stdout, done.stdout + done.stderr
    found = reports(week, to)
    text = json.dumps(found)
    assert MARKER not in text and "5ec7e7" not in text
    (told,) = {t["message"] for q in found["mallory1"]["questions"] for t in q["tests"] if "loot: " in t["message"]}
    assert told.endswith("loot: {}"), told
    assert of_neighbour(found["adamo"], "adamo") == of_neighbour(found["zora"], "zora") and score(found["adamo"]) == 4.0
    assert {n: score(found[n]) for n in hostile} == {f"mallory{n}": 0.0 if n == 2 else 2.0 for n in range(1, 6)}
    assert not Path(known["touched"]).exists() and not list(Path(known["folder"]).glob("**/hostile-left"))
    from distributed import Client

    with Client(world.address, set_as_default=False) as client:
        assert list(client.run(os.getpid).values()) == [world.pid], "the same worker as before"
        (left,) = client.run(_below).values()
    assert sum("autograder.sandbox" in line for line in left) <= 1, f"only the warm parent is left: {left}"


def _below() -> list[str]:
    """Command lines of all processes below this one."""
    found, waiting = [], [os.getpid()]
    while waiting:
        pid = waiting.pop()
        tasks = os.listdir(f"/proc/{pid}/task")
        children = [c for t in tasks for c in Path(f"/proc/{pid}/task/{t}/children").read_text().split()]
        found += [Path(f"/proc/{c}/cmdline").read_text() for c in children]
        waiting += children
    return found


# -------------------------------------------------------------------------------------------------------- the control


def in_the_worker(source: str, then: str) -> object:
    """What a cluster without a jail does: the cells in its own process, and what their function returns as it is."""
    space: dict = {}
    exec(compile(source, "<cell>", "exec"), space)
    exec(then, space)
    return space["answer"]


@needs_namespaces
@pytest.mark.slow
def test_the_control_every_attempt_succeeds_in_a_worker(world, tmp_path):
    from distributed import Client

    (tmp_path / "zoe.ipynb").write_text("{}" * 20)
    (tmp_path / "secret").write_text("5ec7e7" * 10)
    known = {**world.known, "neighbour": str(tmp_path / "zoe.ipynb"), "secret": str(tmp_path / "secret")}
    with Client(world.address, set_as_default=False) as client:
        known["worker"], known["pid"] = next((_split(a), pid) for a, pid in client.run(os.getpid).items())
        known["folder"] = next(iter(client.run(_folder).values()))
        loot = client.submit(in_the_worker, cell(known), "answer = loot", pure=False).result(timeout=120)
        assert set(ATTEMPTS) - set(loot) == set(), loot
        # What comes back pickled runs here, where the marks are written.
        client.submit(in_the_worker, cell(known), "answer = Loaded()", pure=False).result(timeout=120)
        assert Path(known["touched"]).exists()
        for path in (Path(known["touched"]), Path(known["folder"]) / "hostile-left"):
            path.unlink()


def test_the_ports_of_a_cluster_are_open_to_whoever_reaches_them():
    """Why the jail has no network: Dask asks nobody who they are."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=0, processes=True, dashboard_address=None) as cluster:
        socket.create_connection(_split(cluster.scheduler_address), 5).close()
