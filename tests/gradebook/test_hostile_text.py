"""Nothing that a student wrote runs in the browser of whoever marks it, and mathematics is still mathematics."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hostile_markdown import FETCHED, LED
from jinja2 import Environment

from autograder.gradebook.safe_markdown import markdown2html
from autograder.model import Call, Outcome, QuestionResult, Report, Status, Submission, TestResult
from autograder.platforms.nbgrader.comments import code_span, comments, escaped

_HARMLESS = "p|code|strong|em|ul|li|a|img|pre|div|span|br|h1|table|tr|td|th|thead|tbody|blockquote"
LIVE = re.compile(rf"<(?!/?(?:{_HARMLESS})\b)|\son\w+=|javascript:", re.I)


def html(markdown: str, **cell) -> str:
    environment = Environment()
    environment.filters["markdown2html"] = markdown2html
    return environment.from_string("{{ text | markdown2html }}").render(text=markdown, cell=cell)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)>",
        "[click](javascript:alert(1))",
        "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<form action=http://evil><input name=score></form>",
        "```{=html}\n<script>alert(1)</script>\n```",
        "<style>body{display:none}</style>",
        "![p](http://evil/read-by-ta.png)",
        "<div id='why' class='nbgrader_cell score'>",
    ],
)
def test_markdown_in_an_answer_is_dead(text):
    shown = html(text)
    assert not LIVE.search(re.sub(r"&lt;.*?&gt;", "", shown)), shown
    assert "evil" not in re.findall(r'(?:src|href|action)="([^"]*)"', shown).__repr__()
    assert 'id="' not in shown and "nbgrader_cell" not in shown


class Addresses(HTMLParser):
    """Everything in a page that a browser may take for an address, decoded as a browser does it."""

    def __init__(self, page: str):
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        harmless = {"alt", "title", "class", "rel", "target"}
        self.found += [value for name, value in attrs if name not in harmless]


@pytest.mark.parametrize("text", [*FETCHED.values(), *LED.values()], ids=[*FETCHED, *(f"a link: {name}" for name in LED)])
def test_no_address_of_an_answer_is_left_but_whole_ones_of_public_hosts(text):
    left = Addresses(html(text.replace("HOST", "evil.example"))).found
    assert [a for a in left if a != "https://example.org"] == []


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("[x](https://example.org/a_(b)?c=1&d=2#e)", "https://example.org/a_(b)?c=1&d=2#e"),
        ("see https://arxiv.org/abs/1611.01232", "https://arxiv.org/abs/1611.01232"),
        ("<ada@example.org>", "mailto:ada@example.org"),
        ("[above](#1.2-Kinks)", "#1.2-Kinks"),
        ("<td style='text-align: right; width: 50%'>", "text-align: right; width: 50%"),
    ],
)
def test_honest_links_and_columns_stay(text, address):
    shown = html(f"<table><tr>{text}x</td></tr></table>" if text.startswith("<td") else text)
    assert [a.rstrip(";") for a in Addresses(shown).found] == [address]
    assert 'rel="noopener noreferrer"' in shown or "://" not in address, "whoever is linked to learns nothing of the page"


def test_mathematics_tables_and_pasted_pictures_are_shown():
    assert html("$a<b$ and $x_1 < y_2$") == "<p>$a&lt;b$ and $x_1 &lt; y_2$</p>\n"
    assert "<td>1</td>" in html("| a | b |\n|---|---|\n| 1 | 2 |")
    pasted = {"p.png": {"image/png": "iVBORw0KGgo="}}
    assert 'src="data:image/png;base64,iVBORw0KGgo="' in html("![p](attachment:p.png)", attachments=pasted)
    assert "<img" in html("![p](attachment:lost.png)"), "nbconvert alone would refuse the whole page"


@pytest.mark.parametrize(
    "text", ["*a* _b_ `c` [d](e) <b>f</b> # g", "1. x", "- x", "| a |", "a\\*b", "&lt;script&gt;", "$x$ ~~y~~"]
)
def test_escaped_text_says_just_what_it_says(text):
    shown = re.sub(r"</?p>|\n", "", html(escaped(text)))
    assert shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text


@pytest.mark.parametrize("text", ["`", "a`b``c", "``", "<script>", "x\ny"])
def test_a_code_span_cannot_be_left(text):
    shown = html(code_span(text))
    assert shown.startswith("<p><code>") and shown.count("<code>") == 1 and "<script" not in shown


def test_a_comment_shows_the_hint_and_the_students_values_harmlessly():
    call = Call("f(x)", (("x", "`<img src=x onerror=alert(1)>"),), error="ValueError: </code><script>alert(1)</script>")
    test = TestResult(
        "T::t", "f", "Slopes are finite.", Outcome.FAILED,
        hint="Take the `log` first.", calls=(call,), message="expected a number", staff_detail="SECRET",
    )  # fmt: skip
    question = QuestionResult("f", "F", 2, 0.0, Outcome.FAILED, (test,), needs_review=("look at getattr",))
    report = Report("week01/lab", "Lab", Submission("ada", "ada.ipynb"), Status.GRADED, (question,))
    text = comments(report)["f"]
    shown = html(text)
    assert "Slopes are finite" in shown and "<code>log</code>" in shown and "expected a number" in shown
    assert "SECRET" not in text and "getattr" not in text
    assert "<script" not in shown and "<img" not in shown
