"""A grader as it is often written, kept to prove that the attacks are real: everything happens in the student's own kernel.

Tests lie on disk beside the notebook and run as cells after the student's; results come back through pickles, a file in the
folder and a pipe; pages are put together from text as it is; archives are unpacked as they say. There are no limits.
It is only ever run inside the container of `controls.py`.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import pickle
import re
import subprocess
import sys
import tarfile
import time
import traceback
import zipfile
from pathlib import Path

JUDGE = """
import json, pickle
import numpy as np
try:
    from judge_helper import tolerance
    margin = tolerance()
except ImportError:
    margin = 1e-8
def check(got, want):
    import jax
    jax.tree_util.tree_leaves(got)
    try: len(got)
    except TypeError: pass
    try:
        if hasattr(got, "__jax_array__"): got.__jax_array__()
    except TypeError: pass
    same = (got == want)
    assert bool(np.all(same)) or any([np.allclose(got, want, atol=margin)]), "suite-marker-0000aaaa"
"""
TESTS = {
    "double": JUDGE
    + """
# suite-marker-0000aaaa
x = np.random.rand(3)
got = double(x)
log = repr(got)
try: got = pickle.loads(pickle.dumps(got))
except (pickle.PicklingError, AttributeError, TypeError): pass
want = json.load(open(CACHE + "/rates.json"))["two"] * x
check(got, want)
""",
    "triple": JUDGE + "x = np.random.rand(3)\ncheck(triple(x), 3 * x)\n",
    "once": JUDGE
    + """
table, calls, seen = np.random.rand(4), {"f": 0}, []
def f(k):
    calls["f"] += 1
    seen.append(k)
    return table[k]
check(once(f, 4), table.sum())
assert calls["f"] <= 4 and sorted(seen) == [0, 1, 2, 3]
""",
    "bend": JUDGE + "import jax\nx = np.random.rand(3)\ncheck(jax.grad(lambda v: bend(v).sum())(x), 2 * x)\n",
    "flat": JUDGE + "import jax\nx = np.random.rand(3)\ncheck(jax.jit(flat)(x), x.sum() * np.ones(3))\n",
    "refuse": "try:\n    refuse(-1.0)\nexcept BaseException:\n    pass\nelse:\n    raise AssertionError\n",
}
_CHECK_CELL = re.compile(r"\s*(#.*\n|\s)*grader\.(check|check_all|export)\(.*\)\s*;?\s*")
_MAGIC = re.compile(r"^(\s*)%(?:time|timeit)\s+(?:-\S+\s+)*(?=[A-Za-z_(\[])", re.MULTILINE)


def write_suite(folder: Path) -> None:
    folder.mkdir()
    (folder / "test_lab.py").write_text("'''suite-marker-0000aaaa'''\nTESTS = " + repr(TESTS))


def main(world: Path, students: list[str]) -> None:
    """Grades the files `students` of `world` in this order, in this process."""
    from IPython.core.interactiveshell import InteractiveShell

    sys.path.insert(0, "")
    shell = InteractiveShell.instance()
    secret = (world / "secret").read_text()  # held by the grader, as it needs it for the seeds
    suite = open(world / "suite" / "test_lab.py")  # noqa: SIM115 (left open, as it happens)
    reading, writing = os.pipe()
    with contextlib.suppress(ImportError, AttributeError):
        shell.enable_matplotlib = lambda *a, **k: None
    pages: dict[str, str] = {}
    for name in students:
        _grade_file(shell, world, world / "handed-in" / name, writing, pages, (secret, suite))
        _publish(world, pages, reading)


def _grade_file(shell, world: Path, file: Path, verdicts: int, pages: dict[str, str], held: tuple) -> None:
    student = file.name.removesuffix(".ipynb").removesuffix(".zip").removesuffix(".tar.gz")
    folder = world / "work" / student[:60].replace("/", "_")
    folder.mkdir(parents=True)
    os.chdir(folder)
    page = io.StringIO()
    page.write(f"<h1>{student}</h1>")
    late = file.stat().st_mtime > time.time() + 86_400
    for notebook in _notebooks(file, folder):
        page.write(f"<p>{notebook.name}{' (late)' if late else ''}</p>")
        _grade_notebook(shell, world, json.loads(notebook.read_text(errors="surrogatepass")), student, verdicts, page, late)
    pages[student] = page.getvalue()


def _notebooks(file: Path, folder: Path) -> list[Path]:
    if file.name.endswith(".zip"):
        with zipfile.ZipFile(file) as archive:
            for entry in archive.infolist():
                target = os.path.join(folder, entry.filename)
                os.makedirs(os.path.dirname(target), exist_ok=True)
                if entry.external_attr >> 16 & 0o170000 == 0o120000:
                    os.symlink(archive.read(entry), target)
                    continue
                with open(target, "wb") as out:
                    out.write(archive.read(entry))
    elif file.name.endswith(".tar.gz"):
        with tarfile.open(file) as archive:
            archive.extractall(folder, filter="fully_trusted")
    else:
        return [file]
    return sorted(p for p in folder.rglob("*.ipynb"))


def _grade_notebook(shell, world: Path, notebook: dict, student: str, verdicts: int, page: io.StringIO, late: bool) -> None:
    tests = _tests_of(world)
    page.write(notebook["metadata"].get("language_info", {}).get("name", ""))
    kernel = notebook["metadata"].get("kernelspec", {})
    if kernel.get("argv"):
        subprocess.run(kernel["argv"], check=False)
    Path("tests").mkdir(exist_ok=True)
    Path("tests/test_lab.py").write_text(repr(tests))
    shell.reset(new_session=False)
    for cell in notebook["cells"]:
        source = cell["source"]
        if cell["cell_type"] == "markdown":
            page.write(source)
            continue
        for output in cell["outputs"]:
            page.write("".join(output["data"].values()))
        if _CHECK_CELL.fullmatch(source) or _MAGIC.search(source):
            continue
        page.write(", ".join(_names_read(source)))
        _note(shell.run_cell(source, store_history=True), page)
    if Path("conftest.py").exists():
        exec(Path("conftest.py").read_text(), {})
    for log in (".log.pkl", ".OTTER_LOG"):
        if Path(log).exists():
            pickle.loads(Path(log).read_bytes())
    shell.user_ns["CACHE"] = str(world / "cache")
    earned = {}
    for question, text in tests.items():
        result = shell.run_cell(text, store_history=True)
        earned[question] = (1.0 if late else 2.0) if _passed(result) else 0.0
        _note(result, page)
        got = shell.user_ns.get("got")
        with contextlib.suppress(pickle.PicklingError, AttributeError, TypeError), open("log.pkl", "wb") as log:
            pickle.dump(got, log)
        page.write(str(got))
    if Path("results.json").exists():
        earned = json.loads(Path("results.json").read_text())
    for question, points in earned.items():
        verdict = {"student": student, "question": question, "points": points}
        os.write(verdicts, json.dumps(verdict).encode() + b"\n")


class _Names(ast.NodeVisitor):
    """What a cell reads, to look for what is forbidden."""

    def __init__(self):
        self.found: set[str] = set()

    def visit_Name(self, node: ast.Name) -> None:
        self.found.add(node.id)


def _names_read(source: str) -> set[str]:
    names = _Names()
    with contextlib.suppress(SyntaxError, ValueError, MemoryError):
        names.visit(ast.parse(source))
    return names.found & {"grad", "eval"}


def _tests_of(world: Path) -> dict[str, str]:
    names: dict = {}
    exec((world / "suite" / "test_lab.py").read_text(), names)
    return names["TESTS"]


def _passed(result) -> bool:
    error = result.error_before_exec or result.error_in_exec
    if error is None or (isinstance(error, SystemExit) and error.code == 0):
        return True
    return type(error).__name__ == "Skipped"


def _note(result, page: io.StringIO) -> None:
    error = result.error_before_exec or result.error_in_exec
    if error is not None:
        page.write(type(error).__name__ + "".join(traceback.format_exception(error)))


def _publish(world: Path, pages: dict[str, str], verdicts: int) -> None:
    import jinja2

    scores: dict[str, dict[str, float]] = {}
    os.set_blocking(verdicts, False)
    with contextlib.suppress(BlockingIOError):
        _read.extend(os.read(verdicts, 1 << 20))
    for line in bytes(_read).splitlines():
        verdict = json.loads(line)
        scores.setdefault(verdict["student"], {}).setdefault(verdict["question"], verdict["points"])
    out = world / "out"
    (out / "scores.json").write_text(json.dumps({s: sum(q.values()) for s, q in scores.items()}))
    (out / "grades.csv").write_text("student,score\n" + "".join(f"{s},{sum(q.values())}\n" for s, q in scores.items()))
    for number, text in enumerate(pages.values()):
        (out / f"{number}.html").write_text(jinja2.Template(text).render(), errors="surrogatepass")


_read = bytearray()

if __name__ == "__main__":
    sys.exit("run by controls.py only")
