"""The student notebook in a real JupyterLab in a headless browser: renamed, beside another week's, Run All."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest
from kernel import PROJECT

from autograder.notebook.student import student_notebook, to_text

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.skipif(not CHROMIUM, reason="no Chromium is installed")]
TOKEN = "not-secret-in-a-test"
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]


@pytest.fixture
def lab(tmp_path):
    """A JupyterLab server on a free port of the loopback, serving a folder; yields (folder, address)."""
    folder = tmp_path / "served"
    folder.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = tmp_path / "settings"
    env = {
        **os.environ,
        "PYTHONPATH": str(PROJECT),
        "JUPYTER_CONFIG_DIR": str(settings),
        "JUPYTERLAB_SETTINGS_DIR": str(settings),
    }
    env.update(JUPYTERLAB_WORKSPACES_DIR=str(settings), JUPYTER_RUNTIME_DIR=str(tmp_path / "runtime"))
    env.pop("JPY_SESSION_NAME", None)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}", "--ip=127.0.0.1"]
    command += [f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={folder}", "--ServerApp.open_browser=False"]
    with open(tmp_path / "server.log", "w") as log:
        server = subprocess.Popen(command, env=env, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(120):
                try:
                    urllib.request.urlopen(f"{address}/api?token={TOKEN}", timeout=2)
                    break
                except OSError:
                    time.sleep(0.5)
            yield folder, address
        finally:
            server.terminate()
            server.wait(20)


def test_run_all_on_the_stubs_then_an_answer(lab, source, tmp_path):
    from playwright.sync_api import expect, sync_playwright

    folder, address = lab
    notebook = student_notebook(source)
    (folder / "my week 3.ipynb").write_text(to_text(notebook))
    other = nbformat.reads(to_text(notebook), 4)
    other.metadata.autograder.assignment = "week04/lab"
    other.metadata.otter.tests = {}
    nbformat.write(other, folder / "another.ipynb")
    with sync_playwright() as play:
        browser = play.chromium.launch_persistent_context(
            str(tmp_path / "profile"),
            executable_path=CHROMIUM,
            headless=True,
            args=FLAGS,
            viewport={"width": 1200, "height": 2600},
        )
        page = browser.new_page()
        page.goto(f"{address}/lab/tree/my week 3.ipynb?token={TOKEN}", timeout=90_000)
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=90_000)
        page.wait_for_selector(".jp-Toolbar-kernelStatus, .jp-Notebook-ExecutionIndicator", timeout=60_000, state="attached")
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).click()
        cells = page.locator(".jp-Notebook .jp-Cell")
        check = cells.filter(has_text='grader.check("softplus")')
        expect(check).to_contain_text("softplus is not written yet", timeout=90_000)
        # The later check ran too: Run All was not stopped by the first one or by the demonstration.
        second = cells.filter(has_text='grader.check("twice")')
        expect(second).to_contain_text("shadow is not written yet", timeout=60_000)
        assert "Traceback" not in check.inner_text()
        solution = cells.filter(has_text="def softplus").first
        solution.locator(".cm-content").click()
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.insert_text("def softplus(x):\n    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))")
        page.keyboard.press("Shift+Enter")
        page.keyboard.press("Shift+Enter")
        expect(check).to_contain_text("Hidden tests follow when your notebook is graded", timeout=60_000)
        assert re.search(r"✓\s*softplus", check.inner_text())
        page.screenshot(path=str(tmp_path / "jupyterlab.png"))
        browser.close()
