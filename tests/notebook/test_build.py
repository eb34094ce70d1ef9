"""`build`: what it writes, what it only reports, and that a second build changes nothing."""

import shutil
import zipfile

import nbformat
from click.testing import CliRunner
from kernel import PROJECT

from autograder.cli import main
from autograder.release.build import build


def test_a_build_writes_and_a_second_one_changes_nothing(small):
    path = small.course.assignment_paths("week03/lab").student
    first = build(small.course)
    assert first.ok and [b.id for b in first.changed] == ["week03/lab"]
    assert (first.built[0].questions, first.built[0].points) == (3, 7)
    before = path.read_bytes(), path.stat().st_mtime_ns
    second = build(small.course)
    assert second.ok and second.changed == () and (path.read_bytes(), path.stat().st_mtime_ns) == before
    nbformat.validate(nbformat.read(path, 4))
    assert [p.name for p in path.parent.iterdir()] == ["lab.ipynb"] and path.stat().st_mode & 0o777 == 0o644


def test_check_finds_stale_missing_and_edited_notebooks_and_writes_nothing(small):
    path = small.course.assignment_paths("week03/lab").student
    assert not build(small.course, check=True).ok and not path.exists()
    build(small.course)
    assert build(small.course, check=True).ok
    fresh = path.read_bytes()
    path.write_bytes(fresh.replace(b"The end.", b"The End."))
    assert not build(small.course, check=True).ok
    path.write_bytes(fresh)
    small.edit("# The end.", "# The very end.")
    result = build(small.course, check=True)
    assert not result.ok and [b.id for b in result.changed] == ["week03/lab"] and path.read_bytes() == fresh


def test_the_page_for_students_is_built_too(small):
    """Set-up, dates and requirements stand beside the notebooks, and a change of a date makes the page stale."""
    folder = small.course.assignments_folder
    assert {p.path.name for p in build(small.course).pages if p.changed} == {"README.md", "requirements-student.txt"}
    page = (folder / "README.md").read_text()
    assert "# A small course: notebooks" in page and "[Week 3, lab: Small things](week03_small/lab.ipynb)" in page
    assert "| Fri 2026-03-13 15:05 | Fri 2026-03-20 23:59 |" in page
    assert "jaxtyping>=" in (folder / "requirements-student.txt").read_text()
    course = small.root / "course.toml"
    course.write_text(course.read_text().replace("due_days = 7", "due_days = 8"))
    result = build(small.course, check=True)
    assert not result.ok and result.stale and result.changed == ()
    assert build(small.course).ok and build(small.course, check=True).ok


def test_answers_are_released_after_the_due_date_only(small, tmp_path, monkeypatch):
    """In zips and folders of another name: nobody unpacks them over a notebook with work in it."""
    monkeypatch.chdir(small.root)
    assert build(small.course).ok

    course = (small.root / "course.toml").read_text()

    def release(*words: str, due: str = "2020-03-20"):
        text = course + f"[week.lab]\nreleased = 2019-12-01T12:00:00\ndue = {due}T23:59:00\n"
        (small.root / "course.toml").write_text(text)
        build(small.course)
        done = CliRunner().invoke(main, ["release", "week03", "--to", str(tmp_path / "out"), *words], catch_exceptions=False)
        return done.exit_code, " ".join(done.output.split())

    status, said = release("--with-answers", due="2999-03-20")
    assert status == 1 and "week03/lab is due 2999-03-20 23:59 (Europe/Berlin)" in said and "--before-due" in said
    assert not (tmp_path / "out").exists()
    assert release("--with-answers", "--before-due", due="2999-03-20")[0] == 0
    assert release("--with-answers")[0] == release()[0] == 0
    texts = {}
    for name in ("week03", "week03_with_answers"):
        with zipfile.ZipFile(tmp_path / "out" / f"{name}.zip") as archive:
            texts[name] = archive.read(f"{name}/lab.ipynb").decode()
    assert "folded* answer" not in texts["week03"] and "folded* answer" in texts["week03_with_answers"]
    private = ("model answer", "rubric's secret", "base * n + 41", "note for staff")
    assert not any(secret in texts["week03_with_answers"] for secret in private)
    small.edit('answer="softplus"', "instructor=true")
    status, said = release("--with-answers")
    assert status == 1 and "there is no answer= cell in week03/lab" in said


def test_a_changed_library_makes_the_notebook_stale(small):
    """Students' notebooks carry it: what is released and what is graded with must not drift apart."""
    library = small.root / "course_lib"
    shutil.copytree(PROJECT / "course_lib", library, ignore=shutil.ignore_patterns("__pycache__"))
    build(small.course)
    assert build(small.course, check=True).ok
    (library / "data.py").write_text((library / "data.py").read_text() + "\n\nNEW = 1\n")
    assert not build(small.course, check=True).ok


def test_a_mistake_in_one_does_not_keep_the_other_from_being_built(small):
    build(small.course)
    old = small.course.assignment_paths("week03/lab").student.read_bytes()
    homework = small.lab.with_name("homework.py")
    homework.write_text(small.lab.read_text().replace("week03/lab", "week03/homework"))
    small.suite.with_name("test_homework.py").write_text(small.suite.read_text())
    small.edit("points=3", "points=4")
    result = build(small.course)
    assert not result.ok and [b.id for b in result.built] == ["week03/homework"]
    assert "points do not add up" in str(result.errors[0])
    assert small.course.assignment_paths("week03/lab").student.read_bytes() == old
    assert build(small.course, ["week03/homework"]).ok


def test_a_notebook_without_source_is_reported_not_deleted(small):
    build(small.course)
    small.lab.unlink()
    result = build(small.course)
    student = small.course.assignment_paths("week03/lab").student
    assert not result.ok and result.orphans == (student,) and student.exists()
