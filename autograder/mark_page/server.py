"""The server behind the marking page: this machine's loopback only, and only for whoever knows the address that was printed.

Other people on this machine, and pages open in the same browser, reach the port, too: every address begins with a secret of its
own, the host's name is checked (a name that somebody else resolves to this machine is none of ours), and forms work nowhere else.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, unquote

from autograder.errors import AutograderError
from autograder.mark_page.desk import MarkingDesk
from autograder.mark_page.page import Typed, address, next_to_do, render_answer, signature
from autograder.marks.by_people import HandMark, checked_points
from autograder.report.pages import number
from autograder.report.printable import one_line

HOST = "127.0.0.1"
MOST_BYTES, MOST_COMMENT = 400_000, 20_000
_READ_ALL_THE_SAME = 8_000_000
_REFRESH_SECONDS = 1.5  # pages over the class are written so long after a mark, and when the server ends
_HEADERS = {
    "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin", "Content-Type": "text/html; charset=utf-8",
}  # fmt: skip


class MarkServer(ThreadingHTTPServer):
    """Serves one desk until it is shut down. Use as a context manager, and `serve_forever`.

    Args:
        port: 0 for any that is free.

    Attributes:
        address: what a person opens.

    Raises:
        OSError: the port is taken.
    """

    daemon_threads = True

    def __init__(self, desk: MarkingDesk, port: int = 0):
        super().__init__((HOST, port), _Handler)
        self.desk, self.secret = desk, secrets.token_urlsafe(24)
        self.base = f"/{self.secret}/"
        self.address = f"http://{HOST}:{self.server_port}{self.base}"
        self._ended = threading.Event()
        self._refresher = threading.Thread(target=self._refresh, daemon=True)
        self._refresher.start()

    def _refresh(self) -> None:
        while not self._ended.wait(_REFRESH_SECONDS):
            self.desk.write_class_pages()

    def server_close(self) -> None:
        """Ends it; what was marked is on every page then."""
        super().server_close()
        self._ended.set()
        self._refresher.join()
        self.desk.write_class_pages()


def _words(mark: HandMark) -> str:
    points = "no points" if mark.points is None else number(mark.points)
    return f"{points}, “{one_line(mark.comment, 200)}”" if mark.comment else points


class _Handler(BaseHTTPRequestHandler):
    server: MarkServer
    server_version, sys_version = "autograder", ""
    timeout = 30  # a connection that says nothing does not hold a thread for ever

    def do_GET(self) -> None:
        place = self._place()
        if place is None:
            return
        desk = self.server.desk
        if place == ("", ""):
            first = desk.questions[0].id
            found = next_to_do(desk, first, "") or ((first, desk.students[0]) if desk.students else None)
            if found is None:
                self._say(HTTPStatus.OK, "No notebook of this class could be read: there is nothing to mark.")
            else:
                self._go_to(*found)
            return
        self._show(*place)

    def do_POST(self) -> None:
        place = self._place()
        if place is None:
            return
        if place == ("", ""):
            self._say(HTTPStatus.NOT_FOUND, "There is no such answer.")
            return
        form = self._form()
        if form is None:
            return
        question, student = place
        points, comment, was = (form.get(key, "").strip() for key in ("points", "comment", "was"))
        comment = comment.replace("\r\n", "\n")[:MOST_COMMENT]
        problem, value = self._checked(question, student, points, was)
        if problem:
            page = render_answer(self.server.desk, self.server.base, question, student, Typed(points, comment, problem))
            self._send(HTTPStatus.UNPROCESSABLE_ENTITY, page)
            return
        try:
            self.server.desk.give(student, question, value, comment)
        except AutograderError as error:
            self._say(HTTPStatus.INTERNAL_SERVER_ERROR, f"Not saved. {error}")
            return
        # On to the next that waits, from here on; the last one stays.
        self._go_to(*(next_to_do(self.server.desk, question, student) or place), saved=student)

    def _checked(self, question: str, student: str, points: str, was: str) -> tuple[str, float | None]:
        """Why a form is not taken, or ""; and the points."""
        desk = self.server.desk
        full = next(q.points for q in desk.questions if q.id == question)
        mark = desk.mark(student, question)
        if was != signature(mark):
            there = "took the mark away" if mark is None else f"gave {_words(mark)}"
            return f"Nothing was saved: somebody {there} in the meantime. Save again to put this in its place.", None
        try:
            return "", checked_points(points, full) if points else None
        except ValueError:
            return f"{points!r} is no number of points: write 0 to {number(full)}.", None

    # What was asked for --------------------------------------------------------------------------------------------

    def _place(self) -> tuple[str, str] | None:
        """Question and student of the address; ("", "") for the desk itself; None where it was refused."""
        hosts = (f"{HOST}:{self.server.server_port}", f"localhost:{self.server.server_port}")
        parts = self.path.partition("?")[0].split("/")
        if self.headers.get("Host") not in hosts:
            self._say(HTTPStatus.MISDIRECTED_REQUEST, "This server answers to its own address only.")
            return None
        if len(parts) < 3 or not hmac.compare_digest(parts[1].encode(), self.server.secret.encode()):
            self._say(HTTPStatus.FORBIDDEN, "Open the address that `autograder mark` printed.")
            return None
        if parts[2:] == [""]:
            return "", ""
        asked = tuple(unquote(p) for p in parts[2:])
        desk = self.server.desk
        if len(asked) != 2 or asked[0] not in {q.id for q in desk.questions} or asked[1] not in desk.students:
            self._say(HTTPStatus.NOT_FOUND, "There is no such answer.")
            return None
        return asked

    def _form(self) -> dict[str, str] | None:
        try:
            length = int(self.headers.get("Content-Length", ""))
        except ValueError:
            length = -1
        if not 0 <= length <= MOST_BYTES:
            self.rfile.read(max(0, min(length, _READ_ALL_THE_SAME)))  # or the browser sees no answer, but a lost connection
            self._say(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A comment may have {MOST_COMMENT} characters. Nothing was saved.")
            return None
        text = self.rfile.read(length).decode("utf-8", "replace")
        return {key: values[-1] for key, values in parse_qs(text, keep_blank_values=True, max_num_fields=20).items()}

    # What is answered ----------------------------------------------------------------------------------------------

    def _show(self, question: str, student: str) -> None:
        query = parse_qs(self.path.partition("?")[2])
        saved = query.get("saved", [""])[-1]
        try:
            page = render_answer(self.server.desk, self.server.base, question, student, saved=saved)
        except AutograderError as error:
            self._say(HTTPStatus.INTERNAL_SERVER_ERROR, str(error))
            return
        self._send(HTTPStatus.OK, page)

    def _go_to(self, question: str, student: str, saved: str = "") -> None:
        self.send_response(HTTPStatus.SEE_OTHER)
        more = f"?saved={quote(saved, safe='')}" if saved else ""
        self.send_header("Location", self.server.base + address(question, student) + more)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _say(self, status: HTTPStatus, text: str) -> None:
        self._send(status, one_line(text, 600), "text/plain; charset=utf-8")

    def _send(self, status: HTTPStatus, text: str, kind: str = "") -> None:
        data = text.encode("utf-8", "backslashreplace")
        self.send_response(status)
        for name, value in _HEADERS.items():
            self.send_header(name, kind if kind and name == "Content-Type" else value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: addresses hold the secret."""
