"""The pages in a real browser: they fit a phone, sort on a click, obey their own content policy and run nothing else."""

from __future__ import annotations

import shutil

import pytest
import report_samples as samples
from report_samples import ASSIGNMENT

from autograder.report.class_report import render_class
from autograder.report.feedback import render_feedback

pytestmark = [pytest.mark.slow, pytest.mark.browser]
PAGES = {
    "everything": lambda: render_feedback(samples.everything()),
    "hostile": lambda: render_feedback(samples.hostile()),
    "unreadable": lambda: render_feedback(samples.unreadable()),
    "class": lambda: render_class(samples.class_of(), ASSIGNMENT),
}


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as driver:
        system = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        try:
            found = driver.chromium.launch(
                executable_path=system, args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
            )
        except sync_api.Error as problem:
            pytest.skip(f"no Chromium here: {problem}")
        yield found
        found.close()


@pytest.fixture
def show(browser, tmp_path):
    """Opens a page from disk and collects what it complained of; requests beyond the file itself are complaints."""

    def _show(name: str, width: int = 1000, scheme: str = "light"):
        (tmp_path / "page.html").write_text(PAGES[name](), encoding="utf-8")
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (page.complaints.append("dialog"), dialog.dismiss()))
        page.on("request", lambda r: r.url.endswith("/page.html") or page.complaints.append(r.url))
        page.goto((tmp_path / "page.html").as_uri())
        return page

    return _show


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [320, 375, 768, 1400])
def test_no_page_is_wider_than_its_window(show, name, width):
    page = show(name, width)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["everything", "class"])
def test_every_text_has_enough_contrast(show, name, scheme):
    """WCAG 2.2 AA: 4.5 for text (3 where it is large), against the nearest painted background."""
    low = show(name, 1200, scheme).evaluate(
        """() => {
          const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
          const rgba = (colour) => {
            canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
            return canvas.getImageData(0, 0, 1, 1).data;
          };
          const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
            .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
            .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
          const behind = (node) => {
            for (; node; node = node.parentElement) {
              const colour = rgba(getComputedStyle(node).backgroundColor);
              if (colour[3] === 255) return colour;
            }
            return [255, 255, 255, 255];
          };
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), low = [];
          for (let text = walker.nextNode(); text; text = walker.nextNode()) {
            const node = text.parentElement;
            if (!text.textContent.trim() || !node.getClientRects().length || node.tagName === "SCRIPT") continue;
            const style = getComputedStyle(node);
            const [a, b] = [light(rgba(style.color)), light(behind(node))].sort((x, y) => y - x);
            const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.6 && style.fontWeight >= 700);
            const ratio = (a + 0.05) / (b + 0.05);
            if (ratio < (large ? 3 : 4.5)) low.push([text.textContent.trim().slice(0, 40), ratio.toFixed(2), style.color]);
          }
          return low;
        }"""
    )
    assert low == []


def test_a_click_on_a_heading_sorts_by_number(show):
    page = show("class", 1400)
    column = "document.querySelectorAll('table.heat tbody tr')"
    totals = f"Array.from({column}, r => parseFloat(r.cells[8].dataset.sort))"
    button = page.locator("table.heat thead th", has_text="total").locator("button")
    button.click()
    ascending = page.evaluate(totals)
    assert ascending == sorted(ascending) and len(set(ascending)) > 3
    button.click()
    assert page.evaluate(totals) == sorted(ascending, reverse=True)
    assert page.locator("th[aria-sort=descending]").count() == 1
    page.locator("table.heat thead th", has_text="student").locator("button").click()
    names = page.evaluate(f"Array.from({column}, r => r.cells[0].textContent)")
    assert names.index("student02") < names.index("student10") and names.index("alice") < names.index("bob")


def test_headings_can_be_reached_and_pressed_by_keyboard(show):
    page = show("class", 1400)
    page.locator("table.heat thead th button").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("table.heat th[aria-sort=ascending]").count() == 1


def test_scripts_that_are_not_ours_would_not_run(show):
    page = show("class")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.owned = 1\">')")
    page.wait_for_timeout(200)
    assert page.evaluate("window.owned") is None
    assert any("Content Security Policy" in c for c in page.complaints), "blocked, not merely absent"


def test_paper_shows_all_of_a_long_traceback(show):
    page = show("everything")
    page.emulate_media(media="print")
    cut = page.evaluate(
        "Array.from(document.querySelectorAll('pre')).filter(p => p.getClientRects().length)"
        ".filter(p => p.scrollHeight > p.clientHeight + 1 || p.scrollWidth > p.clientWidth + 1).length"
    )
    assert cut == 0
