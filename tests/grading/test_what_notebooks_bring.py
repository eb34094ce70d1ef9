"""Notebooks written elsewhere, through the commands: what was missing is told, and costs nothing by itself."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from grading_commands import DOUBLE, SUITE, TRIPLE, autograder, reports, score, week_of
from nbformat.v4 import new_code_cell, new_notebook


@pytest.fixture
def week(small_course):
    return week_of(small_course)


def notebook(*cells: str) -> str:
    made = new_notebook(cells=[new_code_cell(c) for c in cells], metadata={"autograder": {"assignment": "week01/lab"}})
    return nbformat.writes(made)


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_what_was_missing_is_told_and_a_cell_that_costs_most_is_put_before_the_staff(week, tmp_path):
    folder = write(
        tmp_path / "in",
        {
            "colab.ipynb": notebook("from google.colab import drive\ndrive.mount('/x')\nimport jax", DOUBLE, TRIPLE),
            "gpu.ipynb": notebook("import jax\njax.config.update('jax_platform_name', 'gpu')", DOUBLE, TRIPLE),
            "needs.ipynb": notebook("import torchx", DOUBLE, "def triple(x):\n    return torchx.tensor(3) * x"),
            "costly.ipynb": notebook(
                "import numpy as np\nrate = 1 / 0\nfrom functools import cache as mark", f"@mark\n{DOUBLE}", f"@mark\n{TRIPLE}"
            ),
            "typo.ipynb": notebook(f"{DOUBLE}\n{TRIPLE}\ndef third(x:\n    return x"),
        },
    )
    said = autograder(week, "grade", "week01/lab", "--from", folder, "--ignore-late", "--no-gradebook").stdout
    found = reports(week)
    assert {n: score(r) for n, r in found.items()} == {"colab": 4, "gpu": 4, "needs": 2, "costly": 0, "typo": 0}
    does_nothing = "`google.colab` does nothing where this is graded, and nothing was taken for it."
    assert found["colab"]["notes"] == [f"Cell 1 (`from google.colab import drive`): {does_nothing}"]
    (setting,) = found["gpu"]["notes"]
    assert setting.startswith("Cell 1 (`import jax`): settings for") and "`jax_platform_name`" in setting
    assert not found["colab"]["needs_review"] and not found["gpu"]["needs_review"]
    reasons = {name: found[name]["needs_review"][0] for name in ("needs", "costly", "typo")}
    assert "1 question has no points, and cell 1 (`import torchx`): `torchx` is not installed" in reasons["needs"]
    costs = "one cell's error costs 2 of 2 questions: cell 1"
    assert reasons["costly"].startswith(f"{costs} (`import numpy as np`), ZeroDivisionError")
    assert reasons["typo"].startswith(f"{costs} (`def double(x):`), SyntaxError")
    flat = " ".join(said.split())
    assert f"! costly: {costs} (`import numpy as np`), ZeroDivisionError" in flat
    page = (week.root / "grades/week01/lab/class.html").read_text()
    assert "one cell&#39;s error costs 2 of 2 questions" in page and "google.colab" in page
    student = (week.root / "grades/week01/lab/feedback/needs.html").read_text()
    assert "torchx" in student and "A person should look" not in student


IMPORTS = "import jax\nimport jax.numpy as jnp"


def test_modules_and_data_that_students_bring_along(small_course, tmp_path):
    small_course.add(1, {"double": DOUBLE, "triple": TRIPLE}, SUITE, extra={"triple": 'bans="autodiff"'})
    both = f"{IMPORTS}\n{DOUBLE}\n{TRIPLE}\n"
    slopes = f"{IMPORTS}\n{DOUBLE}\ndef triple(x):\n    return 3 * x * jax.grad(lambda t: t)(1.0)\n"
    folder = write(
        tmp_path / "in",
        {
            "written.ipynb": notebook(f"%%writefile mine.py\n{both}", "%load_ext autoreload\n%autoreload 2\nfrom mine import *"),
            "again.ipynb": notebook(
                "%%writefile mine.py\nfactor = 1", "import mine", f"%%writefile -a mine.py\n{both}",
                "import importlib\nimportlib.reload(mine)\ndouble, triple = mine.double, mine.triple",
            ),
            "beside/lab.ipynb": notebook(
                "import helper, numpy as np\nfrom mylib.ops import triple\nfactor = np.loadtxt('data/factor.csv')",
                "def double(x):\n    return helper.times(x, float(factor))",
            ),
            "beside/helper.py": "def times(x, by):\n    return by * x\n",
            "beside/mylib/__init__.py": "",
            "beside/mylib/ops.py": "from .inner import three\ndef triple(x):\n    return three * x\n",
            "beside/mylib/inner.py": "three = 3\n",
            "beside/data/factor.csv": "2\n",
            "beside/numpy.py": "raise RuntimeError('not numpy')\n",
            "banned/lab.ipynb": notebook("from helper import double, triple"),
            "banned/helper.py": slopes,
            "run/lab.ipynb": notebook("%run helper.py"),
            "run/helper.py": slopes,
            "hidden.ipynb": notebook(f"open('late.py', 'w').write({slopes!r})\nfrom late import double, triple"),
        },
    )  # fmt: skip
    grade = ("grade", "week01/lab", "--from", folder, "--ignore-late", "--no-gradebook")
    autograder(small_course, *grade)
    found = reports(small_course)
    assert {n: score(r) for n, r in found.items()} == {"written": 4, "again": 4, "beside": 4, "banned": 2, "run": 4, "hidden": 4}
    triple = {n: next(q for q in r["questions"] if q["id"] == "triple") for n, r in found.items()}
    assert "without `jax.grad`, which helper.py uses" in triple["banned"]["notes"][0]
    assert "no cell defines `triple`" in triple["run"]["needs_review"][0]
    assert "late.triple" in triple["hidden"]["needs_review"][0]
    assert not any(triple[n]["needs_review"] for n in ("written", "again", "beside"))
    assert any("`numpy.py`, beside the notebook, was left out" in note for note in found["beside"]["notes"])
    (folder / "beside/helper.py").write_text("def times(x, by):\n    return 0 * x\n")
    said = autograder(small_course, *grade, "--yes").stdout
    assert "1 submission to grade" in said
    assert score(reports(small_course)["beside"]) == 2
