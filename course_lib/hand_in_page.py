"""PUBLIC: what a student sees while and after `grader.submit()` runs. Escapes all that it is given; decides nothing."""

from __future__ import annotations

import html
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass

GOOD, BAD = "#2e9d5b", "#d1495b"
_AHEAD = "This runs here, but not where submissions are graded. Change it, save, and run this cell again:"

# JupyterLab and Notebook let no kernel save; pressing their key does. The time keeps a saved output from doing it again when
# the notebook is opened next time; Mac and others have other keys. Other editors ignore it.
_SAVE = """
if (Math.abs(Date.now() - %d) < 120000) {
  const mac = /Mac/.test(navigator.platform);
  const target = document.activeElement || document.body;
  target.dispatchEvent(new KeyboardEvent('keydown', {key: 's', code: 'KeyS', keyCode: 83, which: 83, ctrlKey: !mac, metaKey: mac,
    bubbles: true, cancelable: true}));
}
"""


@dataclass(frozen=True)
class Row:
    """A question's line: is it fine, its title, what was found; `answered`, if there is an answer, right or not."""

    good: bool
    title: str
    text: str
    answered: bool = True


@dataclass(frozen=True)
class Page:
    """The same in HTML and in plain text."""

    markup: str
    plain: str


class Box:
    """The cell's one output, replaced as things go on."""

    def __init__(self):
        from IPython.display import DisplayHandle

        self._handle = DisplayHandle()
        self._handle.display({"text/plain": ""}, raw=True)

    def show(self, page: Page) -> None:
        self._handle.update({"text/html": page.markup, "text/plain": page.plain}, raw=True)

    def save(self) -> None:
        """Ask the editor to save the notebook."""
        script = _SAVE % int(time.time() * 1000)
        self._handle.update({"application/javascript": script, "text/plain": "Saving the notebook ..."}, raw=True)


def running(done: int, count: int) -> Page:
    what = f"{done} of {count} cells" if done < count else "the public checks"
    text = f"Running the notebook in a fresh kernel: {what} ..."
    return _boxed("#888", f"<div>{text}</div>", text)


def refused(why: str) -> Page:
    return _boxed(BAD, f"<b>Nothing to hand in yet.</b> {html.escape(why)}", f"Nothing to hand in yet. {why}")


def finished(path: str, origin: str, rows: list[Row], notes: list[str], ahead: Sequence[str] = ()) -> Page:
    """The file, what it was made from, the questions, what else was noticed, and what will fail where it is graded (`ahead`)."""
    size = f"({os.path.getsize(path) / 1000:.0f} kB)"
    shown = os.path.relpath(path)
    shown = path if shown.startswith("..") else shown.replace(os.sep, "/")
    verdict = _verdict(rows)
    after = "" if all(row.good for row in rows) else "You may hand it in like this, or go on and run this cell again."
    head = f"Ready to hand in: {shown} {size}"
    link = f'<a href="{html.escape(shown)}" download>{html.escape(shown)}</a>'
    markup = [f"<div><b>Ready to hand in:</b> {link} {size}, made from {html.escape(origin)}. Upload it.</div>", "<table>"]
    for row in rows:
        colour, sign = (GOOD, "✓") if row.good else (BAD, "✗")
        markup.append(
            f'<tr><td style="color:{colour}">{sign}</td><td style="text-align:left"><b>{html.escape(row.title)}</b></td>'
            f'<td style="text-align:left">{html.escape(row.text)}</td></tr>'
        )
    markup.append(f"</table><div>{verdict} {after}</div>")
    for title, lines in (("When the notebook ran from the top in a fresh kernel:", notes), (_AHEAD, ahead)):
        if lines:
            items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
            markup.append(f"<div><b>{title}</b><ul>{items}</ul></div>")
    plain = [head, *(f"  {'ok ' if r.good else '-- '} {r.title}: {r.text}" for r in rows), f"{verdict} {after}", *notes]
    plain += [_AHEAD, *ahead] if ahead else []
    plain.insert(1, f"  made from {origin}")
    return _boxed(BAD if notes or ahead else GOOD, "".join(markup), "\n".join(plain))


def _verdict(rows: Sequence[Row]) -> str:
    """How many questions have no answer yet, and how many have one that their public check does not accept."""
    empty = sum(not row.answered for row in rows)
    wrong = sum(row.answered and not row.good for row in rows)
    of = f"of {len(rows)} questions" if len(rows) != 1 else "question"
    said = [f"{empty} {of} {'has' if empty == 1 else 'have'} no answer yet"] if empty else []
    if wrong:
        said.append(f"{wrong} {'' if empty else f'{of} '}{'does' if wrong == 1 else 'do'} not pass the public check")
    return f"{', '.join(said)}." if said else "Every question has an answer."


def _boxed(colour: str, markup: str, plain: str) -> Page:
    style = f"border-left:4px solid {colour};padding:.4em .8em;margin:.2em 0;line-height:1.45"
    return Page(f'<div style="{style}">{markup}</div>', plain)
