"""nbgrader's formgrader in a real notebook server and a real headless browser."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from nbgrader_commands import ROOT

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_TOKEN = "not-secret-in-a-test"
_FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
PATIENCE = 600_000  # ms: one click grades a submission, on a machine that may be busy


@contextlib.contextmanager
def server(folder: Path, scratch: Path) -> Iterator[str]:
    """A Jupyter server in nbgrader's course directory, as a TA starts it; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    env = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "JUPYTER_CONFIG_DIR": str(scratch / "settings")}
    env |= {"JUPYTER_RUNTIME_DIR": str(scratch / "runtime"), "JUPYTER_DATA_DIR": str(scratch / "data")}
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", f"--port={port}", "--ip=127.0.0.1"]
    command += [f"--IdentityProvider.token={_TOKEN}", f"--ServerApp.root_dir={folder}"]
    with open(scratch / "server.log", "w") as log:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(240):
                try:
                    urllib.request.urlopen(f"{address}/api?token={_TOKEN}", timeout=2)
                    break
                except OSError:
                    time.sleep(0.5)
            yield address
        finally:
            process.terminate()
            process.wait(60)


class Formgrader:
    """What a TA does on formgrader's pages. Use as a context manager."""

    def __init__(self, address: str, scratch: Path):
        self._address, self._scratch = address, scratch
        self._shots = 0

    def __enter__(self) -> Formgrader:
        from playwright.sync_api import sync_playwright

        self._playing = sync_playwright().start()
        self._browser = self._playing.chromium.launch_persistent_context(
            str(self._scratch / "profile"), executable_path=CHROMIUM, headless=True, args=_FLAGS,
            viewport={"width": 1200, "height": 1000},
        )  # fmt: skip
        self.page = self._browser.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.goto(f"{self._address}/tree?token={_TOKEN}", wait_until="commit")
        return self

    def __exit__(self, *_) -> None:
        self._browser.close()
        self._playing.stop()

    def go(self, where: str) -> None:
        """Opens a page below /formgrader/."""
        self.page.goto(f"{self._address}/formgrader/{where}")

    def shoot(self, name: str, *, full: bool = False) -> Path:
        """A screenshot, numbered in the order of the term."""
        self._shots += 1
        path = self._scratch / f"{self._shots:02}-{name}.png"
        self.page.screenshot(path=str(path), full_page=full)
        return path

    def press(self, assignment: str, student: str, button: str) -> str:
        """Clicks a student's "autograde", "generate-feedback" or "release-feedback", and returns what the page then says."""
        self.go(f"manage_submissions/{assignment}")
        row = self.page.locator("tr", has=self.page.locator(f".student-id:text-is('{student}')"))
        row.locator(f".{button} a").click()
        modal = self.page.locator(".modal.in, .modal.show")
        modal.wait_for(state="visible")
        said = modal.inner_text()
        modal.get_by_role("button", name="OK").or_(modal.locator(".modal-footer button")).first.click()
        modal.wait_for(state="hidden")
        return said

    def open_submission(self, assignment: str, notebook: str, student: str) -> None:
        """Opens the marking page of a student's submission, from the list, where names are shown on request."""
        self.go(f"gradebook/{assignment}/{notebook}")
        row = self.page.locator("tbody tr", has=self.page.locator(f"a.name-shown:text-is('{student}')"))
        row.locator(".glyphicon-eye-open").click()
        row.locator("a.name-shown").click()
        self.page.locator("div#notebook-container").first.wait_for()
        self.page.wait_for_load_state()

    def mark(self, question: str, score: float, comment: str) -> None:
        """Types a score and a comment beside an answer, and waits until the page has saved them."""
        from playwright.sync_api import expect

        box = self.page.locator(f"input.score#{question}")
        box.scroll_into_view_if_needed()
        for element, text in ((box, str(score)), (self.page.locator(f"#{question}-comment"), comment)):
            with self.page.expect_response(lambda r: "/formgrader/api/" in r.url and r.request.method == "PUT") as answer:
                element.fill(text)
                element.press("Tab")
            assert answer.value.ok
        expect(box).to_have_value(str(score))
