"""A notebook editor without a window: a real kernel, cells run one by one as a person runs them (a kernel tells the difference).

Saves when a cell presses the editor's save key, as JupyterLab does (test_in_jupyterlab.py has the real one).
"""

from __future__ import annotations

import os
import queue
import sys
import time
from pathlib import Path

import nbformat
from jupyter_client.manager import KernelManager
from nbformat import NotebookNode

SECONDS = 240


class Editor:
    """An open notebook.

    Args:
        notebook: what is shown.
        path: the file behind it; None for an editor that keeps it elsewhere, such as Colab.
        folder: where the kernel runs; by default where the file is.
        python: whose kernel it is.
        saves: whether the save key does anything.
        env: more variables of the kernel; None removes one.
    """

    def __init__(self, notebook: NotebookNode, path: Path | None, *, folder: Path | None = None, python: str = sys.executable,
                 saves: bool = True, env: dict[str, str | None] | None = None):  # fmt: skip
        self.notebook, self.path, self._saves = nbformat.from_dict(notebook), path, saves
        folder = folder or path.parent
        folder.mkdir(parents=True, exist_ok=True)
        if path is not None:
            self.save()
        changed = {"JPY_SESSION_NAME": None, "PYTHONPATH": None, "PYTHONDONTWRITEBYTECODE": "1", **(env or {})}
        kept = {k: v for k, v in os.environ.items() if k not in changed}
        self._manager = KernelManager(kernel_name="python3")
        self._manager.kernel_spec.argv = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        self._manager.start_kernel(cwd=str(folder), env=kept | {k: v for k, v in changed.items() if v is not None})
        self._client = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=60)

    def __enter__(self) -> Editor:
        return self

    def __exit__(self, *_) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    def save(self) -> None:
        nbformat.write(self.notebook, self.path)

    def cell(self, cell_id: str) -> NotebookNode:
        return next(c for c in self.notebook.cells if c["id"] == cell_id)

    def run(self, cell_id: str) -> str:
        """All that the cell shows in the end: text, HTML, the last state of what was replaced, errors."""
        return self.run_code(self.cell(cell_id).source)

    def run_all(self) -> dict[str, str]:
        return {c["id"]: self.run(c["id"]) for c in self.notebook.cells if c.cell_type == "code"}

    def run_code(self, code: str) -> str:
        sent = self._client.execute(code, allow_stdin=True, stop_on_error=False)
        shown: list[str] = []
        places: dict[str, int] = {}
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            try:
                message = self._client.get_iopub_msg(timeout=1)
            except queue.Empty:
                continue
            if message["parent_header"].get("msg_id") != sent:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                return "\n".join(shown)
            if kind == "stream":
                shown.append(content["text"])
            elif kind == "error":
                shown.append("\n".join(content["traceback"]))
            elif kind in ("display_data", "execute_result", "update_display_data"):
                self._display(content, shown, places)
        raise TimeoutError(f"the cell did not end within {SECONDS} s: {code[:80]}")

    def _display(self, content: dict, shown: list[str], places: dict[str, int]) -> None:
        text = "\n".join(str(content["data"].get(mime, "")) for mime in ("text/html", "text/plain"))
        name = content.get("transient", {}).get("display_id", "")
        if name in places:
            shown[places[name]] = text
        else:
            places[name] = len(shown)
            shown.append(text)
        if "keydown" in content["data"].get("application/javascript", "") and self._saves and self.path is not None:
            self.save()
