"""The student's page: it tells what a student may know, in an order that helps, and nothing else."""

from __future__ import annotations

import dataclasses
import html.parser
import re
import time

import pytest
import report_samples as samples
from report_samples import HOSTILE, REVIEW, SECRET, STAFF

from autograder import model
from autograder.model import Call, Mark, Outcome, QuestionResult, Status, TestResult
from autograder.report.feedback import render_feedback


class Reader(html.parser.HTMLParser):
    """Collects a page's text, tags and attributes, and insists that what opens closes."""

    VOID = frozenset({"meta", "br", "img", "link"})

    def __init__(self, page: str):
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict]] = []
        self.text: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.text.append(" ")
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not (self.open and self.open[-1] == "style"):
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join("".join(self.text).split())


def read(report) -> Reader:
    return Reader(render_feedback(report))


def section(report, title: str) -> str:
    """The text of one question's card."""
    page = render_feedback(report)
    cards = re.findall(r'<section class="card.*?</section>', page, re.DOTALL)
    (card,) = [c for c in cards if title in c.split("</h2>")[0]]
    return Reader(card).words


class TestWhatIsTold:
    def test_the_score_counts_only_what_is_settled(self):
        words = read(samples.everything()).words
        assert "2 / 18 so far" in words
        assert "3 more points are for answers that a person marks" in words and "4 more points are still to be graded" in words

    def test_full_marks(self):
        words = read(samples.perfect()).words
        assert "22 / 22" in words and "so far" not in words and "Well done" in words

    def test_a_marked_written_answer_joins_the_score(self):
        done = dataclasses.replace(samples.why_depth(), score=2.5)
        words = read(samples.report("bob", samples.complete("softplus"), done)).words
        assert "4.5 / 5" in words and "more points" not in words

    def test_a_failed_test_shows_the_authors_words_and_the_students_values(self):
        words = section(samples.everything(), "A smooth hinge")
        for expected in (
            "For x >> 0 softplus(x) is x.",
            "Take the exponential of a number that is never large",
            "the result has an infinite entry at index 0",
            "softplus(x)",
            "Array([ 800., -800.], dtype=float32)",
            "Array([inf, 0.], dtype=float32)",
            "1 of 2 checks is right: 1 of 2 points.",
            "softplus(x) is log(1 + e^x) for moderate x.",
            "defined twice, in cells 5 and 12",
        ):
            assert expected in words, expected

    def test_one_cause_is_told_once(self):
        words = section(samples.everything(), "The forward pass")
        assert words.count("in forward") == 1 and "These 2 checks stop for the same reason" in words
        assert "Widths may differ" in words and "Any depth works" in words
        assert "(1.6 points; 0.8 points of other checks wait for it)" in words

    def test_a_stub_is_told_in_one_line(self):
        stub = "Not solved yet: the function still raises NotImplementedError."
        tests = tuple(
            samples.failed(
                "q", f"t{i}", f"Title {i}.", message=stub, traceback=f"trace {i}",
                calls=(Call(f"f{i}(x)", (("x", f"Array([{i}.])"),), "", f"NotImplementedError: f{i}: write here"),),
            )
            for i in range(3)
        )  # fmt: skip
        words = read(samples.report("x", QuestionResult("q", "Q", 1.0, 0.0, Outcome.FAILED, tests))).words
        assert words.count(stub) == 1 and "Title 2." in words and "Array" not in words and "trace" not in words

    def test_no_line_is_told_twice(self):
        line = "Your code ended the Python process (exit status 1)."
        test = samples.failed("q", "t", "Title.", message=line, calls=(Call("f(x)", (), "", line),))
        words = read(samples.report("x", QuestionResult("q", "Q", 1.0, 0.0, Outcome.FAILED, (test,)))).words
        assert words.count(line) == 1 and "f(x)" in words

    def test_different_results_with_one_message_stay_apart(self):
        message = "the shape is (3,) where (4,) is expected"
        tests = tuple(
            samples.failed("q", f"t{i}", f"Title {i}.", message=message, calls=(Call(f"f({i})", (), "Array([0.])"),))
            for i in range(2)
        )
        words = read(samples.report("x", QuestionResult("q", "Q", 1.0, 0.0, Outcome.FAILED, tests))).words
        assert words.count(message) == 2 and "same reason" not in words

    def test_blocked_names_what_to_fix_first(self):
        words = section(samples.everything(), "Backpropagation by hand")
        assert "Blocked by “The forward pass of a deep network”: fix that first" in words and "Not yet" not in words

    def test_what_a_blocked_question_saw_comes_after_what_to_fix_first(self):
        calls = (Call("backprop(params, x)", (), "Array([1.])"),)
        test = samples.failed("backprop", "t", "Gradients agree with differences.", calls=calls)
        blocked = dataclasses.replace(samples.backprop(), tests=(test,))
        page = render_feedback(samples.report("x", samples.forward(), blocked))
        card = page[page.index('id="q2"') :]
        assert card.index("fix that first") < card.index("Gradients agree") < card.index("<details>")
        assert card.index("<details>") < card.index("backprop(params, x)")

    def test_a_broken_rule_is_the_reason_and_not_the_checks(self):
        rule = "This question is to be solved without `jax.grad`, which cell 7 uses in line 3."
        full = samples.complete("backprop")
        banned = dataclasses.replace(full, score=0.0, outcome=Outcome.FAILED, notes=(rule,))
        words = section(samples.report("x", banned), full.title)
        assert "not answered as it asks: This question is to be solved without jax.grad" in words
        assert "0 / 6" in words and "The check is right, but" in words

    def test_a_blocked_question_left_to_a_person(self):
        manual = dataclasses.replace(samples.backprop(), score=None)
        words = read(samples.report("x", samples.forward(), manual)).words
        assert "1 / 4" in words and "6 more points are for answers that a person marks" in words

    def test_where_to_start_is_what_others_wait_for(self):
        words = read(samples.everything()).words
        assert "place to start: “The forward pass of a deep network”, because another question waits for it" in words

    def test_the_graders_fault_is_ours(self):
        words = read(samples.everything()).words
        assert "our fault, not yours: no marks are lost" in words
        card = section(samples.everything(), "Reverse-mode autodiff")
        assert "No marks are lost" in card and "– / 4" in card and "Not yet" not in card

    def test_the_reason_of_a_grader_fault_is_for_staff(self):
        assert "sandbox" not in render_feedback(samples.everything())

    def test_not_run_and_by_hand(self):
        assert "Not run –Two updates are two single ones." in section(samples.everything(), "Training on handwritten")
        assert "A person reads this answer" in section(samples.everything(), "Why depth helps")

    def test_a_gated_pass_says_that_it_waits(self):
        assert "one entry per class. (0.8 points, counted once the checks" in section(samples.everything(), "The forward pass")
        full = samples.complete("softplus")
        gated = dataclasses.replace(full, tests=tuple(dataclasses.replace(t, gated=True) for t in full.tests))
        assert "counted once" not in read(samples.report("x", gated)).words

    def test_cells_carry_the_numbers_of_notes_and_tracebacks(self):
        words = read(samples.everything()).words
        assert "Cell 13 raised an error" in words and "Cell 21 was stopped" in words and "return jpn.sqrt" in words

    def test_an_unreadable_file_says_what_to_do(self):
        words = read(samples.unreadable()).words
        assert "the file is empty. Save the notebook." in words and "/ 0" not in words

    def test_other_files_are_named_without_the_staffs_folders(self):
        words = read(samples.everything()).words
        assert "alice (1).ipynb" in words and "submitted/" not in words


class TestWhatIsNeverTold:
    def test_nothing_for_staff_is_on_the_page(self):
        page = render_feedback(samples.everything())
        for secret in (SECRET, "off by inf", STAFF, "SUITE-SOURCE", REVIEW, "getattr", "Landlock", "cdcdcd"):
            assert secret not in page, secret

    @pytest.mark.parametrize(
        ("record", "field"),
        [
            (model.TestResult, "comparisons"),
            (model.TestResult, "staff_detail"),
            (model.QuestionResult, "needs_review"),
            (model.Report, "needs_review"),
            (model.Report, "isolation"),
            (model.Report, "suite_sha256"),
            (model.Report, "epoch"),
        ],
    )
    def test_fields_for_staff_do_not_change_the_page(self, record, field):
        report = samples.everything()
        assert render_feedback(_without(report, record, field)) == render_feedback(report)

    def test_a_passing_test_with_comparisons_shows_none(self):
        test = dataclasses.replace(samples.passed("q", "t", "Title."), comparisons=(model.Comparison("1", SECRET, "", True),))
        page = render_feedback(samples.report("x", QuestionResult("q", "Q", 1.0, 1.0, Outcome.PASSED, (test,))))
        assert SECRET not in page


def _without(report, record, field):
    """The report with a field of every such record set to its default."""
    if isinstance(report, tuple):
        return tuple(_without(r, record, field) for r in report)
    if not dataclasses.is_dataclass(report):
        return report
    values = {f.name: _without(getattr(report, f.name), record, field) for f in dataclasses.fields(report)}
    if isinstance(report, record):
        values[field] = next(f.default for f in dataclasses.fields(report) if f.name == field)
    return type(report)(**values)


class TestHostileStrings:
    def test_no_markup_of_a_student_survives(self):
        reader = read(samples.hostile())
        ordinary = {tag for tag, _ in read(samples.everything()).tags}
        assert {tag for tag, _ in reader.tags} <= ordinary and "script" not in ordinary and "img" not in ordinary
        assert "<script>alert(1)</script>" in reader.words, "shown as text"
        assert not [name for _, attrs in reader.tags for name in attrs if name.startswith("on")]

    def test_control_characters_are_gone_or_visible(self):
        page = render_feedback(samples.hostile())
        assert "\x1b" not in page and "\u202e" not in page and "owned" not in page and "\\u202e" in page

    @pytest.mark.parametrize("text", [HOSTILE, "{{ 7 * 7 }}", "{% raw %}", "</style><b>", "`<i>`", "&lt;b&gt;", "\ud800"])
    def test_every_text_field_is_shown_as_text(self, text):
        report = _filled(samples.everything(), text)
        reader = read(report)
        assert not {"script", "img", "b", "i"} & {tag for tag, _ in reader.tags}
        assert "49" not in reader.words

    def test_floods_are_capped(self):
        flood = "x" * 5_000_000
        call = Call(flood, ((flood, flood),), flood, flood)
        test = TestResult("t", "q", "Title.", Outcome.FAILED, message=flood, calls=(call,) * 50, traceback=flood)
        report = samples.report("x", QuestionResult("q", "Q", 1.0, 0.0, Outcome.FAILED, (test,)))
        started = time.monotonic()
        assert len(render_feedback(report)) < 100_000
        assert time.monotonic() - started < 5


def _filled(record, text):
    """The record with every string, at any depth, replaced by `text`."""
    if isinstance(record, str) and not isinstance(record, (Outcome, Status)):
        return text
    if isinstance(record, tuple):
        return tuple(_filled(r, text) for r in record)
    if dataclasses.is_dataclass(record):
        return type(record)(**{f.name: _filled(getattr(record, f.name), text) for f in dataclasses.fields(record)})
    return record


class TestThePageItself:
    @pytest.mark.parametrize("make", [samples.everything, samples.perfect, samples.unreadable, samples.hostile])
    def test_it_loads_nothing(self, make):
        page = render_feedback(make())
        reader = Reader(page)
        assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in reader.tags}
        assert all(a.get("href", "#").startswith("#") for _, a in reader.tags)
        style = page[page.index("<style>") : page.index("</style>")]
        assert "url(" not in style and "@import" not in style
        assert "default-src 'none'" in page

    def test_every_link_has_a_target(self):
        tags = read(samples.everything()).tags
        ids = [a["id"] for _, a in tags if "id" in a]
        assert len(ids) == len(set(ids))
        assert {a["href"][1:] for t, a in tags if t == "a"} <= set(ids)
        assert all(i in ids for _, a in tags for i in a.get("aria-labelledby", "").split())

    def test_the_same_report_gives_the_same_page(self):
        assert render_feedback(samples.everything()) == render_feedback(
            model.from_json(model.Report, model.to_json(samples.everything()))
        )


def test_the_hand_in_time_is_told_by_the_clock_of_the_due_time():
    """Late by eight hours, or in time? Two clocks on one page leave that to the student."""
    report = samples.report("ada")
    submission = dataclasses.replace(report.submission, submitted_at="2026-04-03T16:30:00+00:00")
    mark = Mark(20.0, 20.0, due="2026-04-03T23:59:00+08:00")
    page = render_feedback(dataclasses.replace(report, submission=submission, mark=mark))
    assert "4 April 2026, 00:30 UTC+08:00" in page and "16:30" not in page
