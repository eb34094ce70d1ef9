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


@pytest.fixture
def open_page(tmp_path):
    """A function that opens an address in a new page of a headless Chromium; files that it downloads go to `tmp_path`."""
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch_persistent_context(
            str(tmp_path / "profile"),
            executable_path=CHROMIUM,
            headless=True,
            args=FLAGS,
            viewport={"width": 1200, "height": 2600},
        )

        def open_notebook(address: str, name: str):
            page = browser.new_page()
            page.goto(f"{address}/lab/tree/{name}?token={TOKEN}", timeout=90_000)
            page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=90_000)
            # A cell that is run before the kernel is there is not run at all.
            expect(page.locator("#jp-main-statusbar")).to_contain_text("Idle", timeout=90_000)
            return page

        yield open_notebook
        browser.close()


def menu(page, name: str, item: str) -> None:
    page.get_by_role("menuitem", name=name, exact=True).click()
    page.get_by_text(item, exact=True).click()


def replace_text(page, cell, text: str) -> None:
    cell.locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(text)


def test_run_all_on_the_stubs_then_an_answer_then_hand_in(lab, open_page, source, tmp_path):
    from playwright.sync_api import expect

    folder, address = lab
    notebook = student_notebook(source)
    (folder / "my week 3.ipynb").write_text(to_text(notebook))
    other = nbformat.reads(to_text(notebook), 4)
    other.metadata.autograder.assignment = "week04/lab"
    other.metadata.otter.tests = {}
    nbformat.write(other, folder / "another.ipynb")
    page = open_page(address, "my week 3.ipynb")
    cells = page.locator(".jp-Notebook .jp-Cell")
    expect(page.get_by_text("there is nothing to edit in it")).to_have_count(1)  # the first line of what is folded away
    expect(page.get_by_text("CarriedLibrary")).to_have_count(0)
    menu(page, "Run", "Run All Cells")
    check = cells.filter(has_text='grader.check("softplus")')
    expect(check).to_contain_text("softplus is not written yet", timeout=90_000)
    # The later check ran too: Run All was not stopped by the first one or by the demonstration.
    second = cells.filter(has_text='grader.check("twice")')
    expect(second).to_contain_text("shadow is not written yet", timeout=60_000)
    assert "Traceback" not in check.inner_text()
    # What is unsolved can be handed in, by Run All as well.
    submit = cells.filter(has_text="grader.submit()").last
    expect(submit).to_contain_text("3 of 3 questions have no answer yet", timeout=120_000)
    copy = folder / "hand_in" / "week03_lab.ipynb"
    assert "def softplus" in copy.read_text()

    solution = cells.filter(has_text="def softplus").first
    replace_text(page, solution, "def softplus(x):\n    return max(x, 0.0)")
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    expect(check).to_contain_text("softplus(0) is log 2", timeout=60_000)  # a helpful message, for a wrong answer
    replace_text(page, solution, "def softplus(x):\n    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))")
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    expect(check).to_contain_text("Hidden tests follow when your notebook is graded", timeout=60_000)
    assert re.search(r"✓\s*softplus", check.inner_text())

    # Nobody has saved: the submit cell does.
    assert "log1p" not in (folder / "my week 3.ipynb").read_text()
    submit.locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    expect(submit).to_contain_text("2 of 3 questions have no answer yet", timeout=120_000)
    text = submit.inner_text()
    assert re.search(r"✓\s*1. A smooth hinge.*the public check passes", text, re.DOTALL)
    assert "not written yet: Tower, shadow" in text
    assert "there is no answer yet" in text and "Ready to hand in: hand_in/week03_lab.ipynb" in text
    handed_in = nbformat.read(copy, 4)
    assert "log1p" in next(c.source for c in handed_in.cells if c["id"] == "softplus-solution")
    page.screenshot(path=str(tmp_path / "jupyterlab.png"))
    with page.expect_download(timeout=20_000) as download:
        submit.get_by_role("link", name="hand_in/week03_lab.ipynb").click()
    assert download.value.suggested_filename == "week03_lab.ipynb"
