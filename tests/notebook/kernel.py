"""Runs a notebook as a student would: a real kernel, in the folder that holds the file, with `course_lib` importable."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
from nbclient import NotebookClient

PROJECT = Path(__file__).resolve().parents[2]


def run(notebook: nbformat.NotebookNode, path: Path, extra_env: dict[str, str] | None = None) -> nbformat.NotebookNode:
    """Save `notebook` at `path`, run all its cells (Run All: a cell tagged raises-exception does not stop it)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    executed = nbformat.read(path, 4)
    env = {**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONDONTWRITEBYTECODE": "1", **(extra_env or {})}
    env.pop("JPY_SESSION_NAME", None)
    client = NotebookClient(executed, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}})
    client.execute(env=env)
    return executed


def outputs(notebook: nbformat.NotebookNode, cell_id: str) -> list[nbformat.NotebookNode]:
    return next(c for c in notebook.cells if c["id"] == cell_id).outputs


def texts(notebook: nbformat.NotebookNode, cell_id: str) -> str:
    """All that a cell shows, HTML as it is."""
    parts = []
    for output in outputs(notebook, cell_id):
        if output.output_type == "error":
            parts.append("\n".join(output.traceback))
        elif output.output_type == "stream":
            parts.append(output.text)
        else:
            parts += [str(v) for v in output.data.values()]
    return "\n".join(parts)
