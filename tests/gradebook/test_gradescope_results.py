"""results.json made from reports, and the package's contents: no container needed."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parents[1] / name) for name in ("report", "grading")]

import report_samples as samples  # noqa: E402
from gradescope_container import check_fields  # noqa: E402

from autograder.gradebook.gradescope import Metadata, read_metadata, report_hash, results, ungraded, write_results  # noqa: E402
from autograder.model import Outcome, Report, Status, Submission  # noqa: E402
from autograder.packaging.prepared import Prepared  # noqa: E402


def entries(content: dict) -> dict[str, dict]:
    return {t["extra_data"]["autograder_question"]: t for t in content["tests"]}


def text_of(content: dict) -> str:
    return json.dumps(content, ensure_ascii=False)


def test_every_outcome_has_one_visible_entry_and_a_fault_is_no_zero():
    content = results(samples.everything(), samples.ASSIGNMENT, seconds=61.4)
    check_fields(content)
    shown = entries(content)
    assert list(shown) == [q.id for q in samples.ASSIGNMENT.questions]
    assert (shown["softplus"]["score"], shown["softplus"]["max_score"], shown["softplus"]["status"]) == (1.0, 2.0, "failed")
    assert "score" not in shown["tape"] and "status" not in shown["tape"] and "no points are lost" in shown["tape"]["output"]
    assert "score" not in shown["why_depth"] and "A person reads this answer" in shown["why_depth"]["output"]
    assert "Blocked by" in shown["backprop"]["output"]
    assert content["output"].startswith("THIS RESULT IS NOT FINAL") and "1 of 7 questions" in content["output"].replace("\n", " ")
    assert content["execution_time"] == 61 and content["extra_data"]["status"] == "incomplete"
    perfect = entries(results(samples.perfect(), samples.ASSIGNMENT))
    assert {t.get("status") for t in perfect.values()} == {"passed", None}


def test_the_author_s_hints_and_the_student_s_own_values_are_told_and_nothing_hidden_is():
    content = results(samples.everything(), samples.ASSIGNMENT)
    shown = entries(content)["softplus"]["output"]
    for words in ("NOT YET: For x >> 0 softplus(x) is x.", "Take the exponential", "your result: Array([inf,  0.]", "RIGHT"):
        assert words in shown
    assert "Cell 13 raised an error" in content["output"] and "jpn" in content["output"]
    for secret in (samples.SECRET, samples.STAFF, samples.REVIEW, "Test::"):
        assert secret not in text_of(content)


def test_what_a_student_wrote_is_plain_text():
    content = results(samples.hostile(), samples.ASSIGNMENT)
    check_fields(content)
    raw = text_of(content)
    assert "\x1b" not in raw and "\u202e" not in raw and "\\u001b" not in raw
    assert all(t["output_format"] == "text" for t in content["tests"]) and content["output_format"] == "text"


def test_a_notebook_that_cannot_be_read_gets_one_paragraph():
    content = results(samples.unreadable(), samples.ASSIGNMENT)
    check_fields(content)
    assert content["score"] == 0 and content["output"].count("\n\n") == 0 and "the file is empty" in content["output"]
    assert all(t.get("score", 0) == 0 for t in content["tests"])


def test_the_last_score_stands_in_for_what_the_grader_failed_on(tmp_path):
    first = results(samples.perfect(), samples.ASSIGNMENT)
    older = {"submission_time": "2026-03-01T00:00:00+00:00", "results": {"tests": [{"score": 1.0, "extra_data": None}]}}
    newer = {"submission_time": "2026-03-02T00:00:00+00:00", "score": 22.0, "results": first}
    path = tmp_path / "submission_metadata.json"
    path.write_text(json.dumps({"id": 77, "created_at": "2026-03-03", "previous_submissions": [newer, older]}))
    metadata = read_metadata(path)
    assert metadata.id == "77" and metadata.earlier["tape"] == 4.0
    content = results(samples.everything(), samples.ASSIGNMENT, earlier=metadata.earlier)
    check_fields(content)
    assert entries(content)["tape"]["score"] == 4.0 and "stand" in entries(content)["tape"]["output"]
    assert entries(content)["softplus"]["score"] == 1.0, "what was graded counts as it was graded"


@pytest.mark.parametrize(
    "text", [None, "", "[]", "null", "{", '{"id": {"a": 1}, "previous_submissions": 3}', '{"id": true, "created_at": 7}',
             '{"previous_submissions": [1, {"results": {"tests": [null, {"extra_data": 3}, {"score": "x"}]}}]}', "[" * 100_000]
)  # fmt: skip
def test_odd_metadata_is_no_reason_to_stop(tmp_path, text):
    path = tmp_path / "submission_metadata.json"
    if text is not None:
        path.write_text(text)
    assert read_metadata(path) == Metadata()


def test_what_is_written_first_is_valid_and_says_what_to_do(tmp_path):
    bare = Report("week03/lab", "Week 3", Submission("", ""), Status.INCOMPLETE)
    content = results(ungraded(samples.ASSIGNMENT, bare), samples.ASSIGNMENT, ended=False)
    check_fields(content)
    assert "stopped before it had finished" in content["output"] and "Hand in the same" in content["output"]
    write_results(tmp_path / "results" / "results.json", content)
    write_results(tmp_path / "results" / "results.json", content)
    assert json.loads((tmp_path / "results" / "results.json").read_text()) == content
    assert [p.name for p in (tmp_path / "results").iterdir()] == ["results.json"]


def test_the_report_s_hash_is_the_same_for_the_same_result():
    report = samples.everything()
    slower = dataclasses.replace(report, seconds=99.0, cpu_seconds=98.0)
    better = dataclasses.replace(report, questions=(dataclasses.replace(report.questions[0], score=2.0), *report.questions[1:]))
    assert report_hash(report) == report_hash(slower) != report_hash(better)


# ----------------------------------------------------------------------------------------------------- the package


def double_and(course, other: str):
    from grading_commands import week_of

    week_of(course)
    course.add(2, {"other": f"def other(x):\n    return '{other}'"}, f"""
    @question("other", reference="none")
    class TestOther:
        def test_it(self, student):
            require(student.other(1) == "{other}", "no")
    """)  # fmt: skip
    course.write_answer(1, "right_add", '"""Adds."""\ndef double(x):\n    return x + x\n')
    wrong = '"""Nothing.\n\nquestion: double\nfails: TestDouble::test_values\n"""\ndef double(x):\n    return x\n'
    course.write_answer(1, "wrong_same", wrong)
    return course


def test_a_package_holds_one_assignment_and_no_secret_of_the_course(small_course, tmp_path):
    from autograder.grading.preparing import prepare
    from autograder.packaging.builder import build_package

    course = double_and(small_course, "neighbour-marker").load()
    path = tmp_path / "out" / "p.zip"
    made = build_package(course, "week01/lab", path)
    assert (made.points, made.by_hand) == (4.0, 0)
    first = path.read_bytes()
    build_package(course, "week01/lab", path)
    assert path.read_bytes() == first, "the same course, the same bytes"
    with zipfile.ZipFile(path) as archive:
        names, everything = archive.namelist(), b"\n".join(archive.read(n) for n in archive.namelist())
        assert {"setup.sh", "run_autograder", "requirements.txt", "target.json"} <= set(names)
        assert archive.getinfo("run_autograder").external_attr >> 16 & 0o111
        assert sorted(n for n in names if n.startswith("trusted/")) == ["trusted/right_add.ipynb", "trusted/solution.ipynb"]
        secret = archive.read("secret").decode()
        requirements = archive.read("requirements.txt").decode()
        target = json.loads(archive.read("target.json"))
    assert b"neighbour-marker" not in everything and course.secret().hex().encode() not in everything
    assert path.stat().st_mode & 0o077 == 0, "others on this machine cannot read it"
    assert "jax==" in requirements and "--hash=sha256:" in requirements and "jupyterlab==" not in requirements
    assert Prepared.of(prepare(course, "week01/lab"), 10, 768).assignment.points == 4.0 and target["minutes"] == 10
    again = prepare(course, "week01/lab", "gradescope-77")
    assert again.secret.hex() == secret, "staff repeat a submission by its epoch"
    assert prepare(course, "week01/lab").secret == course.secret()


def test_progress_is_told_question_by_question(engine, small_course, tmp_path):
    from grading_commands import week_of

    from autograder.grading.one import grade_one

    course = week_of(small_course)
    path = tmp_path / "ada.ipynb"
    path.write_text(course.with_code("week01/lab", "def triple(x):\n    return x"))
    told: list[Report] = []
    report = grade_one(engine, course.target("week01/lab"), Submission("ada", "ada"), path, progress=told.append)
    assert [[q.outcome for q in r.questions] for r in told] == [
        [Outcome.PASSED, Outcome.GRADER_FAULT], [Outcome.PASSED, Outcome.FAILED],
    ]  # fmt: skip
    assert all(r.status is Status.INCOMPLETE for r in told) and report.status is Status.GRADED


def test_the_first_results_and_the_jails_start_wait_for_no_library():
    """JAX takes a second to import, on half a core two: the jail begins to import its own meanwhile."""
    asks = (
        "import sys, autograder.packaging.container, autograder.grading.engine, autograder.grading.target; "
        "sys.exit(', '.join({'jax', 'pytest', 'scipy', 'nbformat', 'IPython'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"imported already: {done.stderr}"
