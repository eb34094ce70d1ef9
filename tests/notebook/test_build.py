"""`build`: what it writes, what it only reports, and that a second build changes nothing."""

import nbformat

from autograder.build import build


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
