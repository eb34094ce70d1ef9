"""Class lists, times and worksheets as spreadsheets and Moodle save them anywhere: read right, and what was guessed is said."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from pathlib import Path

import pytest

from autograder.errors import CourseError
from autograder.gradebook.lms import Export, fill_template
from autograder.gradebook.sheet import read_sheet
from autograder.marks.final_marks import FinalMark
from autograder.model import Report, Status, Submission
from autograder.platforms.csv_cells import read_csv
from autograder.platforms.local_times import local_time
from autograder.roster import read_roster

ZONE = zoneinfo.ZoneInfo("Asia/Shanghai")


@pytest.fixture
def saved(tmp_path):
    def _saved(data: bytes, name: str = "list.csv") -> Path:
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    return _saved


class TestCharacterSets:
    @pytest.mark.parametrize(
        ("encoding", "names"),
        [
            ("cp1252", "Jürgen Groß|Anna Müller"),
            ("cp1252", "Seán O’Brien|Ana Šarić".replace("ć", "c")),
            ("cp1252", "José Núñez|João"),
            ("cp1252", "Åsa Öberg|Bjørn Sæther"),
            ("cp1252", "François Lefèvre|Renée"),
            ("cp1250", "Łukasz Łoś|Jan Žižka"),
            ("cp1250", "Jiří Dvořák|Lukáš"),
            ("cp1250", "Małgorzata Wójcik"),
            ("mac-roman", "Jürgen Groß|Renée|José"),
            ("gb18030", "王伟|李娜|陈晓明"),
            ("gb18030", "欧阳修"),
            ("cp1251", "Иван Петров|Мария"),
            ("cp932", "山田太郎|佐藤花子"),
            ("cp949", "김철수|박영희"),
            ("cp950", "王小明|陳美麗"),
            ("cp1253", "Γιώργος Παπαδόπουλος"),
            ("cp1254", "Ayşe Yılmaz|Çağrı"),
            ("cp850", "Jürgen Groß"),
            ("cp1256", "محمد"),
        ],
    )
    def test_guessed_by_the_names_themselves_and_said(self, saved, encoding, names):
        rows = "".join(f"s{n};{name}\r\n" for n, name in enumerate(names.split("|")))
        roster = read_roster(saved(f"student;name\r\n{rows}".encode(encoding)))
        assert [p.name for p in roster.people] == names.split("|")
        said = "\n".join(roster.notes)
        assert encoding in said and names.split("|")[0] in said and "semicolons" in said and "CSV UTF-8" in said

    @pytest.mark.parametrize(
        ("encoding", "name"), [("cp1250", "Gergő"), ("iso8859-2", "Šárka"), ("cp852", "Łukasz"), ("koi8-r", "Иван")]
    )
    def test_told_by_the_names_of_what_was_handed_in(self, saved, encoding, name):
        file = saved(f"student,name\na,{name}\n".encode(encoding))
        (person,) = read_roster(file, names=[f"{name} X_71001_assignsubmission_file", "lab.ipynb"]).people
        assert person.name == name

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_unicode_and_separators(self, saved, encoding, delimiter):
        text = f"sep={delimiter}\r\n" if delimiter == ";" else ""
        rows = (["student", '"full\r\nname"', "points"], ["a", '"Doe, Zoë"', '"7,5"'])
        text += "".join(delimiter.join(row) + "\r\n" for row in rows)
        file = saved(text.encode(encoding))
        assert read_csv(file).rows()[1][1] == ["a", "Doe, Zoë", "7,5"]
        assert read_sheet(file).data() == text.encode(encoding)

    @pytest.mark.parametrize("line", ["sep=;\n", "SEP=;\r\n", '"sep=;"\n', "\ufeffsep=;\r\n", "sep=\t\n"])
    def test_excels_first_line_is_no_heading(self, saved, line):
        d = "\t" if "\t" in line else ";"
        (person,) = read_roster(saved(f"{line}student{d}name\nsaric{d}Ana\n".encode())).people
        assert person.student == "saric" and person.line == 3

    def test_a_heading_with_commas_between_semicolons(self, saved):
        file = saved("Nachname, Vorname;E-Mail-Adresse;Punkte\nGroß, Jürgen;j@x.de;7,5\nLi, Al;a@x.de;10\n".encode())
        assert [p.student for p in read_roster(file).people] == ["j@x.de", "a@x.de"]

    def test_macintosh_line_ends(self, saved):
        roster = read_roster(saved("student,name\ra,Zoë\rb,Jürgen\r".encode("mac-roman")))
        assert [p.name for p in roster.people] == ["Zoë", "Jürgen"]

    def test_spreadsheets_and_damage_are_named(self, saved):
        for data in (b"PK\x03\x04xx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"a\x00\x01\x02bc\x00d"):
            with pytest.raises(CourseError, match="Save the spreadsheet as CSV"):
                read_roster(saved(data))
        with pytest.raises(CourseError, match="damaged"):
            read_roster(saved(b"\xff\xfea"))


TIMES = [
    "Freitag, 3. April 2026, 21:00",
    "vendredi 3 avril 2026, 21:00",
    "viernes, 3 de abril de 2026, 21:00",
    "venerdì, 3 aprile 2026, 21:00",
    "vrijdag, 3 april 2026, 21:00",
    "sexta-feira, 3 de abril de 2026 às 21:00",
    "piątek, 3 kwietnia 2026, 21:00",
    "pátek, 3. dubna 2026, 21.00",
    "perjantai, 3. huhtikuuta 2026, 21:00",
    "2026. április 3., péntek, 21:00",
    "3 Nisan 2026, Cuma, 21:00",
    "пятница, 3 апреля 2026, 21:00",
    "2026年04月3日 星期五 21:00",
    "2026年 04月 3日(金曜日) 21:00",
    "Friday, 3 April 2026, 9:00 PM",
    "2026-04-03 21:00",
    "Apr 3, 2026 9:00 PM",
]


@pytest.mark.parametrize("text", TIMES)
def test_times_in_any_language(text):
    assert local_time(text) == dt.datetime(2026, 4, 3, 21)


@pytest.mark.parametrize("text", ["soon", "-", "", "03/04/2026 21:00", "3.4.2026", "April", "21:00", "2026", "x" * 5000])
def test_what_is_no_time(text):
    when = local_time(text)
    assert when is None or text == "2026"


# title of the participant's column, word, name, email, status, grade, max, may change, submitted, graded, comment; full marks
WORKSHEETS = {
    "de": (
        "ID",
        "Teilnehmer/in",
        "Vollständiger Name",
        "E-Mail-Adresse",
        "Bewertung",
        "Bestwertung",
        "Zuletzt geändert (Abgabe)",
        "20,00",
        "Freitag, 3. April 2026, 21:00",
    ),
    "fr": (
        "Identifiant",
        "Participant ",
        "Nom complet",
        "Adresse de courriel",
        "Note",
        "Note maximale",
        "Dernière modification (travail remis)",
        "20,00",
        "vendredi 3 avril 2026, 21:00",
    ),
    "es": (
        "Identificador",
        "Participante ",
        "Nombre completo",
        "Dirección de correo",
        "Calificación",
        "Calificación máxima",
        "Última modificación (entrega)",
        "20,00",
        "viernes, 3 de abril de 2026, 21:00",
    ),
    "it": (
        "Identificatore",
        "Partecipante ",
        "Nome",
        "Indirizzo email",
        "Valutazione",
        "Valutazione massima",
        "Ultima modifica (consegna)",
        "20,00",
        "venerdì, 3 aprile 2026, 21:00",
    ),
    "zh": ("标识符", "参与者", "全名", "电子邮件地址", "成绩", "最高分", "最后修改(提交)", "20.00", "2026年04月3日 星期五 21:00"),
    "ru": (
        "Идентификатор",
        "Участник ",
        "Полное имя",
        "Адрес электронной почты",
        "Оценка",
        "Максимум",
        "Изменено (ответ)",
        "20,00",
        "пятница, 3 апреля 2026, 21:00",
    ),
    "en": (
        "Identifier",
        "Participant ",
        "Full name",
        "Email address",
        "Grade",
        "Maximum grade",
        "Last modified (submission)",
        "20.00",
        "Friday, 3 April 2026, 9:00 PM",
    ),
}


def worksheet_of(language: str, delimiter: str = ",") -> str:
    identifier, word, name, email, grade, most, changed, full, when = WORKSHEETS[language]
    head = [identifier, name, email, "Status", grade, most, "?", changed, "(graded)", "Feedback"]
    rows = [
        head,
        [f"{word}71001", "Jürgen Groß", "j.gross@uni.example", "ok", "", full, "Ja", when, "-", ""],
        [f"{word}71002", "Anna Müller", "a.m@uni.example", "ok", "", full, "Ja", "-", "-", ""],
    ]
    return "".join(delimiter.join(f'"{c}"' if set(c) & set(" ,;") else c for c in row) + "\r\n" for row in rows)


class TestMoodleInOtherLanguages:
    @pytest.mark.parametrize("language", WORKSHEETS)
    def test_people_and_times(self, saved, language):
        roster = read_roster(saved(worksheet_of(language).encode("utf-8-sig")), ZONE)
        assert [p.student for p in roster.people] == ["j.gross@uni.example", "a.m@uni.example"]
        assert roster.find([("participant", "71002")]).name == "Anna Müller"
        assert roster.times == {"j.gross@uni.example": dt.datetime(2026, 4, 3, 21, tzinfo=ZONE)}

    @pytest.mark.parametrize("language", WORKSHEETS)
    @pytest.mark.parametrize("delimiter", [",", ";"])
    def test_a_mark_goes_into_the_grades_column_as_it_is_written_there(self, saved, language, delimiter):
        file = saved(worksheet_of(language, delimiter).encode("utf-8-sig"))
        report = Report("week03/lab", "Week 3 lab", Submission("j.gross@uni.example", "x"), Status.GRADED)
        mark = FinalMark("j.gross@uni.example", 17.5, 20.0, report=report)
        written = fill_template("moodle", file, Export("week03/lab", "Week 3 lab", [mark]))
        file.write_bytes(written.data)
        rows = read_csv(file).rows()
        comma = "," in WORKSHEETS[language][7]
        assert [row[4] for _, row in rows[1:]] == ["17,5" if comma else "17.5", ""]
        assert not [n for n in written.notes if "change it there first" in n]

    @pytest.mark.parametrize(
        "heading",
        [
            "Vorname,Nachname,ID-Nummer,E-Mail-Adresse",
            "Prénom,Nom de famille,Numéro d'identification,Adresse de courriel",
            "Nombre,Apellido(s),Número de ID,Dirección de correo",
            "名,姓,学号,电子邮件地址",
        ],
    )
    def test_the_list_of_participants(self, saved, heading):
        (person,) = read_roster(saved(f"{heading}\nJürgen,Groß,0017,j@uni.example\n".encode())).people
        assert (person.student, person.first, person.last) == ("0017", "Jürgen", "Groß")

    def test_the_list_of_participants_in_a_language_that_is_not_known(self, saved):
        (person,) = read_roster(saved("Etunimi X,Sukunimi X,Tunniste,Osoite\nAino,Järvi,17,a@uni.example\n".encode())).people
        assert person.student == "a@uni.example" and person.sortable == "Järvi, Aino"

    def test_ids_that_begin_alike_are_no_participants(self, saved):
        roster = read_roster(saved(b"ID,Name,a,b,c,d,e\nstud1001,X Y,1,2,3,4,5\nstud1002,Z W,1,2,3,4,5\n"))
        assert [p.student for p in roster.people] == ["stud1001", "stud1002"]
