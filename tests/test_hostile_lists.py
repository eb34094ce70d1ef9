"""What a class list makes of people who chose their names with care: everybody is found, by what is theirs, and nobody else."""

from __future__ import annotations

import csv
import io

import pytest
from hostile_names import NAMES, as_written, people, steers

from autograder.errors import CourseError
from autograder.gradebook.sheet import read_sheet
from autograder.roster import read_roster


@pytest.fixture
def roster(tmp_path):
    def read(rows: list[list[str]] | bytes):
        data = rows if isinstance(rows, bytes) else as_written(rows).encode()
        (tmp_path / "list.csv").write_bytes(data)
        return read_roster(tmp_path / "list.csv")

    return read


@pytest.mark.parametrize("attack", NAMES)
def test_the_neighbours_are_found_by_everything_that_is_theirs(roster, attack):
    found = roster(people(NAMES[attack]))
    for keys in ([("any", "jdoe")], [("canvas", "5001")], [("any", "1000001")], [("login", "jdoe"), ("any", "jdoe")],
                 [("login", "zoe")], [("sis", "0000007")], [("name", "O'Brien, Zoë")]):  # fmt: skip
        person = found.find(keys)
        assert person is not None and person.student == ("jdoe" if "5001" in person.keys.values() else "zoe"), keys
    jane = found.find([("name", "Jane Doe")])
    assert jane is None if attack == "a neighbour's name" else jane.student == "jdoe"


def test_the_control_a_name_would_have_been_taken_for_an_id(roster):
    """Both are in the same column of keys where names and ids are not kept apart."""
    found = roster(people("jdoe"))
    assert [p.student for p in found.people if "jdoe" in (p.student, p.name)] == ["jdoe", "mallory"]


def test_ids_that_differ_in_case_or_width_are_each_their_own(roster):
    found = roster([["student", "sid"], ["jdoe", "1"], ["JDOE", "2"], ["ｊｄｏｅ", "3"]])
    assert [found.find([("any", i)]).student for i in ("jdoe", "JDOE", "ｊｄｏｅ")] == ["jdoe", "JDOE", "ｊｄｏｅ"]
    assert found.find([("any", "Jdoe")]) is None


def test_the_same_id_but_for_what_nobody_sees_is_refused_in_one_line(roster):
    with pytest.raises(CourseError, match="by all that can be seen") as caught:
        roster([["student"], ["jdoe"], ["jd\u200boe"]])
    assert len(str(caught.value)) < 400


def test_a_name_that_is_an_id_never_keeps_its_owner_off_the_list(roster):
    for rows in ([["jdoe", "Jane"], ["", "jdoe"]], [["", "jdoe"], ["jdoe", "Jane"]]):
        found = roster([["student", "name"], *rows])
        assert [p.name for p in found.people] == ["Jane"] and "its name is the id of line" in found.problems[0]


def test_a_quote_that_opens_swallows_nobody(roster):
    data = b'student,name\njdoe,Jane\nmallory,"Mallory\nzoe,Zoe\nali,Ali\n'
    assert len(list(csv.reader(io.StringIO(data.decode())))) == 3, "the control: csv reads it without a word"
    with pytest.raises(CourseError, match="line 3: the quote that opens here is never closed"):
        roster(data)


def test_one_line_in_another_character_set_changes_no_name_of_others(roster):
    data = "student,name\nzoe,Zoë Núñez\nali,Ångström\n".encode() + b"mallory,M\xe9chant\n"
    assert "Ã" in data.decode("cp1252"), "the control: what all names become where one line decides"
    for mark in (b"", b"\xef\xbb\xbf"):
        found = roster(mark + data)
        assert [p.name for p in found.people][:2] == ["Zoë Núñez", "Ångström"]
        assert any("but for line 4" in note for note in found.notes)


def test_bytes_that_are_no_text_go_back_as_they_were(tmp_path):
    data = "student,name,points\nzoe,Zoë,\nali,Åke,\n".encode() + b"mallory,M\xe9,7\r\n"
    (tmp_path / "t.csv").write_bytes(data)
    assert read_sheet(tmp_path / "t.csv").data() == data


@pytest.mark.parametrize("inside", [b"\x00", b"\xef\xbb\xbf", "\u202e".encode(), b"\x1b[2J", b"\x08\x08"])
def test_what_is_no_letter_costs_nobody_the_list(roster, inside):
    rows = b"student,name\n" + b"".join(b"s%d,Student %d\n" % (n, n) for n in range(40))
    found = roster(rows + b"mal" + inside + b"lory,Mal" + inside + b"lory\n")
    assert len(found.people) == 41 and not steers("".join(p.student for p in found.people) + "".join(found.problems))


def test_fields_without_end(roster):
    """A name of megabytes costs the time of reading it, and an id of that length is nobody's."""
    long = "\u0301\u0316" * 500_000
    found = roster([["student", "name", "email"], ["jdoe", long, "j@x"], [long, "x", "m@x"], ["zoe", "Zoë", "=" * 10**6]])
    assert [p.student for p in found.people] == ["jdoe", "zoe"] and "more than 200 characters" in found.problems[0]


def test_patterns_of_moodles_tables_take_one_pass_over_a_cell(roster):
    long = "a" * 100_000
    rows = [["Identifier", "b", "c", "d", "e", "f", "g"], *([f"{long}{n}x", "a@" + "." * 90_000, *"-----"] for n in range(3))]
    with pytest.raises(Exception, match=r"same id|identifies students|lists nobody"):
        roster(rows)


def test_columns_twice_are_told_and_the_first_counts(roster):
    found = roster([["student", "email", "Student", "E-Mail"], ["jdoe", "j@x", "mallory", "m@x"]])
    assert found.people[0].student == "jdoe" and "two columns are called 'student'" in found.problems[0]


def test_one_odd_name_does_not_decide_what_a_column_is(roster):
    """Moodle's participants in a language that is not known: by what nearly all cells look like."""
    head = ["Etunimi X", "Sukunimi X", "Laji", "Osoite"]
    rows = [head, *(["Aino", f"Järvi {c}", "", f"{c}@x.example"] for c in "abcdefgh")]
    odd = ["M4ll0ry", "x@y.zz", "jane@uni.example", "mallory@x.example"]
    found = roster([*rows, odd])
    assert [p.student for p in found.people] == [*(f"{c}@x.example" for c in "abcdefgh"), "mallory@x.example"]
    assert found.people[0].sortable == "Järvi a, Aino"
