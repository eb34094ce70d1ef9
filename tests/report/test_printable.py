"""Text from strangers: what a terminal would obey is gone, what an eye would miss is spelled out."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.report.printable import one_line, printable, printable_name, shorten


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;owned\x07title", "title"),
        ("\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\", "click"),
        ("\x9b31mred", "red"),
        ("\x1bP payload \x1b\\x", "x"),
        ("\x1bcreset", "reset"),
        ("\x1b]0;never closed", "0;never closed"),
        ("a\x08b\x00c\x07", "a\\x08b\\x00c\\x07"),
        ("10%\r20%\r\n30%", "10%\n20%\n30%"),
        ("user\u202egnp.exe", "user\\u202egnp.exe"),
        ("a\u2066b\u2069\u200b\ufeff", "a\\u2066b\\u2069\\u200b\\ufeff"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("half \ud800", "half \\ud800"),
        ("line\u2028end", "line\\u2028end"),
        ("tab\tand\nline stay; ξ, 学, 👩\u200d🔬 too", "tab\tand\nline stay; ξ, 学, 👩\u200d🔬 too"),
    ],
)
def test_examples(raw, shown):
    assert printable(raw) == shown


@given(st.text(alphabet=st.characters(codec=None) | st.sampled_from("\x1b[]PX^_\x07\\\x9b\x9d\x9c;mA0\u202e\r\n")))
def test_nothing_left_can_steer_a_terminal_or_reorder_a_line(text):
    shown = printable(text)
    kept = {c for c in shown if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
    assert kept <= set("\n\t\u200c\u200d")
    assert "\n" not in one_line(text) and len(one_line(text)) <= 300
    shown.encode()


@given(st.text(max_size=3000), st.integers(20, 200), st.integers(3, 20))
def test_shortened_text_keeps_both_ends_and_its_promise(text, chars, lines):
    short = shorten(text, chars, lines)
    assert len(short) <= chars + 60 and short.count("\n") <= lines + 3
    whole = printable(text)
    if len(whole) > chars or whole.count("\n") >= lines:
        assert "left out" in short and short[0] == whole[0] and short[-1] == whole[-1]
    else:
        assert short == whole


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_names_are_printed_one_to_one(a, b):
    name = lambda raw: raw.replace(b"\xcc", b"").decode("utf-8", "surrogateescape")
    composed = lambda text: unicodedata.normalize("NFC", text)
    first, second = name(a), name(b)
    assert (printable_name(first) == printable_name(second)) == (composed(first) == composed(second))
