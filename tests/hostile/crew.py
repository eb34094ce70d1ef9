"""Worker processes that try attacks by name, fed one at a time, so that two cores stay busy and a lost worker costs one attack.

A worker reads names from its standard input and answers each with a line that begins with `RESULT ` and goes on as JSON.
Everything else that it prints is passed on.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ANSWER = "RESULT "
# An attack takes at most some minutes, by the limits that it is run under.
_HANGING_SECONDS = 900
_USELESS_WORKERS = 3  # that ended with their first attack, one after the other


def answer_by_name(act: Callable[[str], object]) -> None:
    """The worker's side: `act` on each name that comes, its result written back."""
    for line in sys.stdin:
        print(ANSWER + json.dumps(act(line.strip())), flush=True)


@dataclass(frozen=True)
class Crew:
    """How a worker is started: `program` in `folder`."""

    program: Sequence[str]
    environment: dict[str, str]
    folder: Path

    def hire(self) -> subprocess.Popen:
        return subprocess.Popen(
            self.program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=self.environment, cwd=self.folder
        )


def feed(names: Sequence[str], crew: Crew, workers: int) -> Iterator[tuple[str, dict]]:
    """Results by name, as they come. A worker that ends or hangs is replaced; what it worked on gets {"lost": why}."""
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for name in names:
        waiting.put(name)
    done: queue.SimpleQueue[tuple[str, dict]] = queue.SimpleQueue()
    for _ in range(min(workers, len(names))):
        threading.Thread(target=_work, args=(waiting, done, crew), daemon=True).start()
    for _ in names:
        yield done.get()


def _work(waiting: queue.SimpleQueue, done: queue.SimpleQueue, crew: Crew) -> None:
    worker, useless = None, 0
    while not waiting.empty():
        try:
            name = waiting.get_nowait()
        except queue.Empty:
            break
        fresh = worker is None or worker.poll() is not None
        if useless < _USELESS_WORKERS:
            worker = crew.hire() if fresh else worker
            result = _ask(worker, name)
        else:
            result = {"lost": "no worker starts"}
        useless = useless + 1 if fresh and "lost" in result else 0
        done.put((name, result))
    if worker is not None:
        worker.stdin.close()
        worker.wait()


def _ask(worker: subprocess.Popen, name: str) -> dict:
    alarm = threading.Timer(_HANGING_SECONDS, worker.kill)
    alarm.daemon = True
    alarm.start()
    try:
        worker.stdin.write(name + "\n")
        worker.stdin.flush()
        for line in worker.stdout:
            if line.startswith(ANSWER):
                return json.loads(line.removeprefix(ANSWER))
            print(line, end="", flush=True)
    except OSError:
        pass
    finally:
        alarm.cancel()
    return {"lost": f"the worker ended with status {worker.wait()}"}


def cores() -> int:
    return len(os.sched_getaffinity(0))
