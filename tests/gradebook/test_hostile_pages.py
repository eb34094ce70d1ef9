"""A marker opens a hostile submission in formgrader, in a real browser: nothing is fetched, and what ran is on the page."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import nbformat
import pytest
from formgrader_page import CHROMIUM, Formgrader, server
from grading_commands import autograder
from hostile_markdown import FETCHED
from nbconvert.filters import markdown2html as careless
from nbformat.v4 import new_code_cell
from nbgrader_commands import nbgrader
from small_term import LAB, hand_in

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.skipif(not CHROMIUM, reason="no Chromium is installed")]
NAME, NOTEBOOK = "week01-lab", "lab"


class Attacker(BaseHTTPRequestHandler):
    """The attacker's server; below /page/ it shows each text as nbconvert alone would."""

    def do_GET(self):
        _, page, name = (*self.path.split("/", 2), "")[:3]
        self.send_response(200 if page == "page" else 404)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        if page == "page" and name.isdigit():
            self.wfile.write(careless(list(texts(self.server.host).values())[int(name)]).encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def attacker() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Attacker) as running:
        running.host = f"127.0.0.1:{running.server_address[1]}"
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running.host
        running.shutdown()


def texts(host: str) -> dict[str, str]:
    return {name: text.replace("HOST", host) for name, text in FETCHED.items()}


def asked_for(page, address: str) -> set[str]:
    """What the browser asks for when it opens a page, ids of submissions left out; not the page itself."""
    asked: list[str] = []
    note = lambda request: asked.append(request.url)
    page.on("request", note)
    page.goto(address, wait_until="load")
    page.wait_for_timeout(1500)  # for what scripts of the page ask for
    page.remove_listener("request", note)
    nameless = {re.sub(r"[0-9a-f]{32}", "ID", url) for url in asked}
    return nameless - {re.sub(r"[0-9a-f]{32}", "ID", address)}


def test_nothing_is_fetched_and_everything_that_ran_is_shown(term, tmp_path, attacker):
    made = autograder(term, "nbgrader", "init")
    assert made.returncode == 0, made.stdout + made.stderr
    setup = next(c.source for c in nbformat.reads(term.stub(LAB), 4).cells if c.id == "setup")
    for student, answer, extra in (
        ("ada", "\n\n".join(texts(attacker).values()), setup.split("\n")[0] + "\nran = 'unseen'"),
        ("bob", "Because.", "ran = 1"),
    ):
        notebook = nbformat.reads(term.solved(LAB), 4)
        cell = next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "why")
        cell.source = answer
        notebook.cells.insert(0, new_code_cell(extra))
        hand_in(term, student, nbformat.writes(notebook))
    book = term.root / "nbgrader"
    nbgrader(book, "autograde", NAME)
    scratch = tmp_path / "pages"
    scratch.mkdir()
    with server(book, scratch) as address, Formgrader(address, scratch) as ta:
        for number, name in enumerate(FETCHED):
            page = f"http://{attacker}/page/{number}"
            assert asked_for(ta.page, page) - {f"http://{attacker}/favicon.ico"}, f"control: {name} fetches nothing anywhere"
        pages = {}
        for student in ("bob", "ada"):
            ta.open_submission(NAME, NOTEBOOK, student)
            pages[student] = asked_for(ta.page, ta.page.url)
        assert ta.page.locator("#notebook-container").first.inner_text().count("ran = 'unseen'") == 1
        ta.shoot("hostile", full=True)
    assert pages["ada"] - pages["bob"] == set() and pages["bob"], "a hostile answer asks for no more than a harmless one"
