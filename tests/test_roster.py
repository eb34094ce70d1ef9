"""The class list: columns of every platform, odd encodings, and no guess where two people fit."""

from __future__ import annotations

import datetime as dt

import pytest

from autograder.errors import CourseError
from autograder.roster import Roster, read_roster


@pytest.fixture
def roster(tmp_path):
    def read(text: str | bytes, name: str = "roster.csv") -> Roster:
        (tmp_path / name).write_bytes(text.encode() if isinstance(text, str) else text)
        return read_roster(tmp_path / name)

    return read


@pytest.mark.parametrize(
    ("heading", "row", "student"),
    [
        ("student,email", "jdoe,j@x", "jdoe"),
        ("Student ID,Name", "jdoe,Jane Doe", "jdoe"),
        ("User_Name;First Name;Surname", "jdoe;Jane;Doe", "jdoe"),
        ("id\tname\temail", "jdoe\tJane Doe\tj@x", "jdoe"),
        ("name,Email Address", "Jane Doe,j@x", "j@x"),
        ("First name,Last name,ID number,Email address", "Jane,Doe,0017,j@x", "0017"),
        ("First Name,Last Name,SID,Email,Role", "Jane,Doe,0017,j@x,Student", "0017"),
        ("Student,ID,SIS User ID,SIS Login ID,Section", '"Doe, Jane",5001,0017,jdoe,A', "jdoe"),
        ("Student,ID,SIS User ID,SIS Login ID,Section", '"Doe, Jane",5001,0017,,A', "0017"),
        ("Student,ID,SIS User ID,SIS Login ID,Section", '"Doe, Jane",5001,,,A', "5001"),
        ("Identifier,Full name,Email address", "Participant 71001,Jane Doe,j@x", "j@x"),
    ],
)
def test_the_id_comes_from_the_best_column(roster, heading, row, student):
    (person,) = roster(f"{heading}\r\n{row}\r\n").people
    assert person.student == student


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_encodings_of_spreadsheets(roster, encoding):
    (person,) = roster("student,name\nzoe,Zoë Núñez\n".encode(encoding)).people
    assert (person.student, person.name) == ("zoe", "Zoë Núñez")


def test_every_spelling_of_a_name_and_number_finds_its_person(roster):
    heading = "student,first name,last name,email,sid,canvas id\n"
    found = roster(heading + "zo,Zoë Ann,O'Brien-Núñez,Zoe.O@Uni.example,007,51\nx,Xi,Y,x@y,8,52\n")
    for key in (
        ("any", "zo"), ("any", "ZO"), ("any", "zoe.o@uni.example"), ("any", "zoe.o"), ("any", "007"), ("sis", "007"),
        ("canvas", "51"), ("name", "O'Brien-Núñez, Zoë Ann"), ("name", "Zoë Ann O'Brien-Núñez"), ("name", "obriennúñezzoëann"),
    ):  # fmt: skip
        person = found.find([key])
        assert person is not None and person.student == "zo", key
    assert found.find([("participant", "99"), ("name", "Xi Y")]).student == "x"
    assert found.find([("name", "Nobody")]) is None and found.find([]) is None


def test_two_people_of_one_name_are_never_guessed(roster):
    found = roster("student,name\na,Kim Lee\nb,Kim Lee\n")
    assert found.find([("name", "Kim Lee")]) is None and found.find([("any", "b")]).student == "b"


def test_a_namesake_who_is_not_on_the_list_is_nobody_on_it(roster):
    found = roster("student,name,canvas id,email\na,Kim Lee,51,a@x\n")
    assert found.find([("canvas", "52"), ("name", "leekim")]) is None
    assert found.find([("canvas", "51"), ("name", "somebody")]).student == "a"
    assert found.find([("sis", "7"), ("email", "alias@x"), ("name", "Kim Lee")]).student == "a", "the list has no such number"


def test_times(roster):
    found = roster("student,submitted at\na,2026-04-03T23:59:00+02:00\nb,2026-04-03 12:00\nc,\nd,-\n")
    assert found.times["a"].isoformat() == "2026-04-03T23:59:00+02:00"
    assert found.times["b"] == dt.datetime(2026, 4, 3, 12, tzinfo=dt.UTC) and set(found.times) == {"a", "b"}


MISTAKES = {
    "no such column": ("points,comment\n1,x\n", "none of its columns (points, comment) identifies students"),
    "empty": ("", "is empty"),
    "a heading only": ("student,email\n", "lists nobody"),
    "one id twice": ("student\na\nb\na\n", "lines 2 and 4 have the same id 'a'"),
    "a spreadsheet": (b"PK\x03\x04\x00\x00", "Save the spreadsheet as CSV"),
    "day or month": ("student,submitted at\na,03/04/2026 12:00\n", "may be day or month first"),
    "no time": ("student,submitted at\na,soon\n", "'soon' is no time"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_name_the_file_and_the_remedy(roster, mistake):
    text, words = MISTAKES[mistake]
    with pytest.raises(CourseError) as caught:
        roster(text)
    assert "roster.csv" in str(caught.value) and words in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(CourseError, match=r"cannot be read \(No such file"):
        read_roster(tmp_path / "none.csv")


def test_rows_without_an_id_are_listed(roster):
    found = roster("student,comment\na,x\n,who?\n")
    assert len(found.people) == 1 and "line 3: no id" in found.problems[0]
