"""Run All on a half-solved notebook, in a real kernel: what waits for a question says so in one line."""

from __future__ import annotations

import nbformat
import pytest
from kernel import outputs, run, texts

from autograder.notebook.student import student_notebook

PLOT = """\
import matplotlib.pyplot as plt

fig, ax = plt.subplots()
curve = [softplus(x) for x in (0.0, 1.0)]
ax.plot(curve);
"""
DEMOS = {
    "plot": PLOT,
    "later": "print(len(curve))",
    "latest": "points = curve + [1]",
    "tower": "import jax\n\njax.jit(lambda x: x * Tower().height(3))(2.0)",
    "mistake": "print(courve)",
    "works": "print(scaled(21))",
}
RIGHT = "def softplus(x):\n    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))"


@pytest.fixture(scope="module")
def demonstrations():
    tags = {"tags": ["demo", "raises-exception"]}
    return [nbformat.v4.new_code_cell(text, id=name, metadata=tags) for name, text in DEMOS.items()]


def kinds(executed, cell_id: str) -> list[str]:
    return [o.output_type for o in outputs(executed, cell_id)]


def test_a_demonstration_of_an_unsolved_question_says_which_in_one_line(source, tmp_path, demonstrations):
    notebook = student_notebook(source)
    hinge = next(i for i, c in enumerate(notebook.cells) if c["id"] == "twice-check")
    notebook.cells[hinge + 1 : hinge + 1] = demonstrations
    executed = run(notebook, tmp_path / "x.ipynb")
    for name in ("plot", "later", "latest", next(c["id"] for c in executed.cells if c["id"].startswith("demo"))):
        (shown,) = outputs(executed, name)  # no picture, no traceback, nothing on stderr
        assert shown.output_type == "display_data", name
        said = shown.data["text/plain"]
        assert said.startswith("Not run to the end: “1. A smooth hinge") and "” (softplus) is not solved yet." in said, name
        assert "\n" not in said
    assert "“2. Two pieces” (Tower.height) is not solved yet" in texts(executed, "tower")
    assert kinds(executed, "tower") == ["display_data"]
    assert outputs(executed, "mistake")[0].ename == "NameError" and kinds(executed, "works") == ["stream"]


def test_solved_it_runs_as_ever(source, tmp_path, demonstrations):
    """The same kernel: solved after the first Run All, and run again."""
    notebook = student_notebook(source)
    again = [nbformat.v4.new_code_cell(RIGHT, id="solved"), *(c.copy() for c in demonstrations[:3])]
    for cell in again[1:]:
        cell["id"] += "-again"
    notebook.cells += [*(c.copy() for c in demonstrations[:3]), *again]
    executed = run(notebook, tmp_path / "x.ipynb")
    assert kinds(executed, "plot") == kinds(executed, "later") == ["display_data"]
    assert kinds(executed, "plot-again") == ["display_data"] and "image/png" in outputs(executed, "plot-again")[0].data
    assert texts(executed, "later-again").strip() == "2" and outputs(executed, "latest-again") == []


def test_no_cell_stops_run_all_and_other_errors_do(source, tmp_path):
    """Without Jupyter's tag, as editors that know nothing of it run a notebook."""
    notebook = student_notebook(source)
    at = next(i for i, c in enumerate(notebook.cells) if c["id"] == "softplus-check")
    notebook.cells.insert(at, nbformat.v4.new_code_cell("softplus(1.0)", id="mine"))
    run(notebook, tmp_path / "x.ipynb")
    notebook.cells.insert(at, nbformat.v4.new_code_cell("raise NotImplementedError('mine')", id="stops"))
    with pytest.raises(Exception, match=r"NotImplementedError\S*: mine"):
        run(notebook, tmp_path / "y.ipynb")
