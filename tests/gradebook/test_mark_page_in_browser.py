"""The marking page in a real browser: a TA marks a class with the keyboard alone, and nothing that a student wrote runs."""

from __future__ import annotations

import csv
import shutil

import pytest
from marking_desk import desk, hand_in_and_grade

pytestmark = [pytest.mark.slow, pytest.mark.browser]
RESULTS = "grades/week01/lab"


@pytest.fixture
def page(tmp_path):
    sync_api = pytest.importorskip("playwright.sync_api")
    system = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_api.sync_playwright() as driver:
        try:
            browser = driver.chromium.launch(executable_path=system, args=["--no-sandbox", "--disable-gpu", "--no-first-run"])
        except sync_api.Error as problem:
            pytest.skip(f"no Chromium here: {problem}")
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        page.elsewhere, page.complaints, page.asked = [], [], []
        page.on("request", lambda r: r.url.startswith(("http://127.0.0.1:", "data:")) or page.elsewhere.append(r.url))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (page.asked.append(dialog.type), dialog.dismiss()))
        yield page
        browser.close()


@pytest.fixture
def course(term, tmp_path):
    hand_in_and_grade(term, tmp_path / "in")
    return term


def rows(course, name: str) -> dict[str, dict[str, str]]:
    with open(course.root / RESULTS / name, newline="", encoding="utf-8") as file:
        return {r["student"]: r for r in csv.DictReader(file)}


def shows(page, student: str) -> None:
    """Waits until this student's answer is open."""
    page.locator(".who h2", has_text=student).wait_for()


def test_a_class_is_marked_with_the_keyboard_alone(course, page):
    with desk(course) as ta:
        page.goto(ta.address)
        shows(page, "ada")
        assert page.title().startswith("ada: ") and page.locator(".answer em").inner_text() == "Because"
        # The caret stands in the points from the start: type them, Tab to the comment, save from there.
        page.keyboard.type("2,5")
        page.keyboard.press("Tab")
        page.keyboard.type("First line.")
        page.keyboard.press("Enter")
        page.keyboard.type("Say no more.")  # "n" and "z" are letters here
        page.keyboard.press("Control+Enter")
        shows(page, "bob")
        assert "Saved: ada." in page.locator("[role=status]").inner_text()
        page.keyboard.press("f")  # full points
        assert page.locator("#points").input_value() == "3"
        page.keyboard.press("z")  # none
        page.keyboard.press("Enter")
        shows(page, "cy")
        page.keyboard.press("n")
        shows(page, "dan")
        assert page.locator("#next").count() == 0, "the last that could be read"
        page.keyboard.press("p")
        shows(page, "cy")
        page.keyboard.press("p")
        shows(page, "bob")
        page.keyboard.press("u")
        shows(page, "cy")
        page.keyboard.press("c")
        page.keyboard.type("Good.")
        page.keyboard.press("Escape")
        page.keyboard.type("1")
        page.keyboard.press("Enter")
        page.get_by_text("Nothing else waits.").wait_for()
        code, said = ta.stop()
    assert code == 0 and "0 of 4 answers wait" in said and "no answers of eve" in said, said
    marks = {s: (r["points"], r["comment"]) for s, r in rows(course, "manual.csv").items()}
    assert marks == {"ada": ("2.5", "First line.\nSay no more."), "bob": ("0", ""), "cy": ("1", "Good.")}
    assert {s: r["why"] for s, r in rows(course, "grades.csv").items()} == {
        "ada": "2.5", "bob": "0", "cy": "1", "dan": "0", "eve": ""
    }  # fmt: skip
    assert (page.elsewhere, page.complaints, page.asked) == ([], [], [])


def test_a_mistyped_mark_keeps_the_comment_and_an_unsaved_one_is_asked_about(course, page):
    with desk(course) as ta:
        page.goto(ta.address)
        page.keyboard.type("30")
        page.keyboard.press("Tab")
        page.keyboard.type("Long words that took a while.")
        page.keyboard.press("Control+Enter")
        assert "is no number of points: write 0 to 3" in page.locator("[role=alert]").inner_text()
        assert page.locator("#comment").input_value() == "Long words that took a while."
        page.locator("#points").fill("3")
        page.locator("#next").click()  # not saved: the browser asks, and stays where the answer is no
        assert page.asked == ["beforeunload"]
        shows(page, "ada")
        page.locator("#points").press("Enter")
        shows(page, "bob")
        ta.stop()
    assert rows(course, "manual.csv")["ada"]["comment"] == "Long words that took a while."


@pytest.mark.parametrize("width", [375, 1400])
def test_the_page_fits_its_window_and_nothing_of_the_student_runs(course, page, width, tmp_path):
    page.set_viewport_size({"width": width, "height": 900})
    with desk(course) as ta:
        page.goto(ta.address)
        shows(page, "ada")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert page.title() != "stolen" and page.locator(".answer script, .answer img[src]").count() == 0
        page.screenshot(path=tmp_path / f"mark-{width}.png", full_page=True)
        ta.stop()
    assert (page.elsewhere, page.complaints) == ([], [])
