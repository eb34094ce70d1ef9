"""The staff's page, table and spreadsheet: right numbers, nobody forgotten, nothing that a student wrote is obeyed."""

from __future__ import annotations

import csv
import dataclasses
import io
import re

import pytest
import report_samples as samples
from report_samples import ASSIGNMENT
from rich.console import Console

from autograder.model import Outcome, QuestionResult, Status, Submission
from autograder.notebook.intake import safe_name
from autograder.report.class_report import class_csv, class_table, feedback_link, render_class
from autograder.report.class_statistics import (
    histogram,
    question_statistics,
    score_statistics,
    test_statistics,
)


def one(points: float, score: float, student: str, status: Status = Status.GRADED):
    question = QuestionResult("softplus", "A smooth hinge", points, score, Outcome.PARTIAL)
    return samples.report(student, question, status=status)


class TestNumbers:
    def test_only_final_scores_count(self):
        reports = [one(10, s, f"s{s}") for s in (0, 4, 6, 10)]
        reports += [one(10, 0, "x", Status.INCOMPLETE), samples.unreadable()]
        found = score_statistics(reports)
        assert (found.count, found.mean, found.median, found.lowest, found.highest) == (4, 5.0, 5.0, 0, 10)
        assert (found.lower_quartile, found.upper_quartile) == (3.0, 7.0)

    def test_of_nobody_and_of_one(self):
        assert score_statistics([samples.unreadable()]) is None
        single = score_statistics([one(10, 7, "a")])
        assert (single.count, single.lower_quartile, single.median) == (1, 7, 7)

    def test_histogram_bins_are_closed_below_and_full_marks_are_in_the_last(self):
        for score, expected in ((0, 0), (0.99, 0), (1, 1), (7, 7), (9.99, 9), (10, 9)):
            assert histogram([one(10, score, "a")]).index(1) == expected, score
        assert sum(histogram([one(10, 5, "a"), one(10, 5, "b"), samples.unreadable()])) == 2

    def test_written_questions_do_not_count_in_the_histogram(self):
        marked = dataclasses.replace(samples.why_depth(), score=3.0)
        half = dataclasses.replace(samples.softplus(False), score=0.0)
        assert histogram([samples.report("a", half, marked)])[0] == 1

    def test_questions_in_the_assignments_order_with_all_outcomes(self):
        found = question_statistics(samples.class_of(), ASSIGNMENT)
        assert [q.id for q in found] == [q.id for q in ASSIGNMENT.questions]
        backprop = found[2]
        assert backprop.count(Outcome.BLOCKED) == 5 and backprop.attempts == 22
        assert backprop.mean == pytest.approx(17 * 6 / 22)
        assert found[5].mean == 4.0, "a grader's fault is not a zero"
        assert found[6].mean is None

    def test_lost_points_are_shared_by_weight_and_add_up(self):
        found = {t.id: t for t in test_statistics([samples.everything()]) if t.question == "forward"}
        assert found["Test::test_rectangular"].lost == pytest.approx(2.0)
        assert found["Test::test_deep"].lost == pytest.approx(1.0)
        assert found["Test::test_square"].lost == 0

    def test_the_costliest_test_comes_first_and_rates_are_of_verdicts(self):
        found = test_statistics(samples.class_of())
        assert found[0].id == "Test::test_loss" and found[0].lost == 39 and found[0].rate == 0
        blocked = next(t for t in found if t.id == "Test::test_differences")
        assert blocked.rate is None and (blocked.failed, blocked.other) == (0, 5)
        assert [t.lost for t in found] == sorted((t.lost for t in found), reverse=True)


@pytest.fixture(scope="module")
def page() -> str:
    return render_class(samples.class_of(), ASSIGNMENT)


class TestThePage:
    def test_everybody_is_on_it_with_a_link(self, page):
        for report in samples.class_of():
            assert f'href="./feedback/{safe_name(report.submission.student)}.html"' in page

    def test_what_needs_a_person_is_on_it(self, page):
        for expected in (
            "carol.ipynb: the file is empty",
            "tape: the sandbox could not be started",
            "getattr(jax, name) in cell 7",
            "deadline: stopped after 60 s",
            "submitted/alice (1).ipynb",
            "A: namespaces, Landlock 7, seccomp",
            "cdcdcdcdcdcd",
            "One update lowers the loss.",
        ):
            assert expected in page, expected

    def test_two_findings_in_one_submission_are_told_from_two_submissions(self):
        report = samples.perfect()
        first, *others = report.questions
        first = dataclasses.replace(first, needs_review=("one thing", "another"))
        page = render_class([dataclasses.replace(report, questions=(first, *others))], ASSIGNMENT)
        assert '<span class="chip">2 in 1 submission</span>' in page and "<b>1</b> to review" in page

    def test_a_submission_to_look_at_as_a_whole_and_notes_on_files_are_listed(self):
        report = dataclasses.replace(
            samples.perfect(), needs_review=("one cell's error costs 3 of 4 questions",), notes=("cell 0 asks for `torch`",)
        )
        page = render_class([report], ASSIGNMENT)
        assert "<td>the whole notebook</td><td class=\"text\">one cell&#39;s error costs 3 of 4 questions</td>" in page
        assert "Notes on the files" in page and "cell 0 asks for `torch`" in page and "<b>1</b> to review" in page

    def test_only_our_own_script_is_on_it(self, page):
        assert len(re.findall(r"<script\b", page)) == 1 and "<img" not in page
        assert "\x1b" not in page and "\u202e" not in page
        assert re.search(r"script-src &#39;sha256-|script-src 'sha256-", page)

    def test_a_links_address_cannot_become_a_scheme(self):
        page = render_class([samples.perfect()], ASSIGNMENT, link=lambda r: 'javascript:alert(1)" onclick="x')
        assert 'href="./javascript%3Aalert%281%29%22%20onclick%3D%22x"' in page

    def test_tests_that_everybody_passed_are_apart(self, page):
        start, hidden = page.index("Tests, the costliest first"), page.index("tests that everybody passed")
        assert start < page.index("Test::test_loss") < page.index("Test::test_differences") < hidden
        assert hidden < page.index("Test::test_shape")

    def test_mixed_suites_and_missing_sandboxes_are_warned_of(self):
        a = samples.perfect("a")
        b = dataclasses.replace(samples.perfect("b"), suite_sha256="00", isolation="none: --unsafe-no-sandbox")
        page = render_class([a, b], ASSIGNMENT)
        assert "different versions of the hidden suite" in page and "without a sandbox" in page
        assert "different versions" not in render_class([a], ASSIGNMENT)

    def test_a_class_of_nobody(self):
        assert "0</b> submissions" in render_class([], ASSIGNMENT)

    def test_order_of_reports_does_not_matter(self, page):
        assert render_class(samples.class_of()[::-1], ASSIGNMENT) == page

    def test_links_of_different_students_differ(self):
        links = [feedback_link(samples.perfect(s)) for s in ("a/b", "a_b", "a b", "A/B")]
        assert len(set(links)) == 4


class TestTheSpreadsheet:
    def rows(self, reports):
        return list(csv.DictReader(io.StringIO(class_csv(reports), newline="")))

    def test_one_row_each(self):
        rows = {r["student"]: r for r in self.rows(samples.class_of())}
        assert len(rows) == 24
        bob = rows["bob"]
        assert (bob["status"], bob["score"], bob["points"], bob["auto_points"]) == ("graded", "22", "25", "22")
        assert (bob["softplus"], bob["softplus_outcome"]) == ("2", "passed")
        assert (bob["why_depth"], bob["why_depth_outcome"]) == ("", "manual")

    def test_what_is_not_final_has_no_score(self):
        rows = {r["student"]: r for r in self.rows(samples.class_of())}
        assert rows["alice"]["score"] == "" and rows["alice"]["tape"] == "" and rows["alice"]["softplus"] == "1"
        assert rows["carol"]["score"] == "" and "empty" in rows["carol"]["reason"]

    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "\t=", "\r=", "\n=", " \n="])
    def test_formulas_are_neutralised(self, start):
        text = f'{start}HYPERLINK("http://x","y"),"\n'
        report = samples.report("x", reason=text, submission=Submission(text, text), status=Status.UNREADABLE)
        (row,) = self.rows([report])
        for cell in (row["student"], row["reason"]):
            assert cell[0] == "'" and "\n" not in cell and "HYPERLINK" in cell

    def test_a_formula_behind_a_semicolon_is_none(self):
        """Where the comma is a decimal sign, a spreadsheet splits rows at semicolons."""
        line = class_csv([one(2, 1, "x;=1+1")]).splitlines()[1]
        assert line.startswith('"x;\'=1+1",')

    def test_a_question_only_some_reports_have(self):
        rows = self.rows([one(2, 1, "a"), samples.report("b", samples.why_depth())])
        assert rows[1]["softplus"] == "" and rows[0]["why_depth_outcome"] == ""


class TestTheTable:
    def printed(self, reports, width=100):
        console = Console(width=width, record=True, file=io.StringIO(), force_terminal=False)
        console.print(class_table(reports))
        return console.export_text()

    def test_it_fits_and_names_everybody(self):
        text = self.printed(samples.class_of())
        assert max(map(len, text.splitlines())) <= 100
        assert "2/18…" in text and "incomplete: tape" in text and "unreadable: carol" in text
        assert re.search(r"^bob +2 +4 +6 +3 +3 +4 +✎ +22/22", text, re.MULTILINE)
        assert "\x1b" not in text and "\u202e" not in text

    @pytest.mark.parametrize("width", [60, 80, 100, 140])
    def test_no_towers_at_any_width(self, width):
        """A long reason or name takes a line of its own below the table, never a column a few letters wide."""
        long = "week03_lab_final_version_2.ipynb: the file is not a notebook but a web page. Open it in Jupyter and save it."
        name = "maximiliane_von_und_zu_hohenstein_71001"
        reports = [*samples.class_of(), samples.report(name, status=Status.UNREADABLE, reason=long)]
        text = self.printed(reports, width)
        assert max(map(len, text.splitlines())) <= width
        rows = text.partition("1 softplus")[0].splitlines()
        assert len(rows) == 1 + len(reports), "one line each"
        flat = " ".join(text.split())
        assert f"{name}: unreadable: {long}" in flat
        below = text[text.index(f"! {name}") :].splitlines()
        assert len(below) <= 2 + (len(name) + len(long)) // (width - 20), "not folded at every word"

    def test_many_questions_become_signs(self):
        questions = [
            QuestionResult(f"q{i}", "Q", 1.0, float(i % 2), Outcome.PASSED if i % 2 else Outcome.FAILED) for i in range(12)
        ]
        text = self.printed([samples.report("bob", *questions)])
        assert "✗ ✓ ✗ ✓" in text and "6/12" in text

    def test_markup_of_rich_is_text(self):
        text = self.printed([samples.report("[bold red]x[/]", status=Status.UNREADABLE, reason="[link=http://x]y[/link]")])
        assert "[bold red]x[/]" in text and "[link=" in text
