"""Copies, conflicts and versions of one student's file: one student, the newest counts, the staff are told, and no id is lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from downloads import LAB, notebook

from autograder.notebook.intake import Intake, collect
from autograder.roster import read_roster

# By programs: operating systems, cloud drives, editors, browsers, in their users' languages.
COPIES = """
Copy of bela|Copy (2) of bela|Copy_of_bela|Kopie von bela|Kopie-von-bela|Copie de bela|Copia de bela|Copia di bela
Cópia de bela|Còpia de bela|Kopie van bela|Kopia av bela|Kopi af bela|Kopia bela|Kopie souboru bela
Kopio tiedostosta bela|Копия bela|Копія bela|Bản sao của bela|bela のコピー|“bela”的副本|bela másolata|bela kopyası
Copy of Copy of bela|Kopie von bela (1)|bela - Copy|bela - Copy (2)|bela - Kopie|bela - Kopie (3)|bela - Copie
bela - Copia|bela - Cópia|bela — копия|bela - コピー|bela - 副本|bela - 복사본|bela copy|bela copy 2|bela Kopie|bela Kopie 2
bela copie|bela copia 3|bela 副本|bela (copy)|bela (another copy)|bela (3rd copy)|bela (Kopie)|bela (3. Kopie)|bela (1)
bela(2)|bela (1) (1)|bela-Copy1|bela-checkpoint|bela~|bela (conflicted copy 2026-04-02)
bela (Bela's conflicted copy 2026-04-02)|bela (In Konflikt stehende Kopie von Belas-PC 2026-04-02)
bela (Copie en conflit de PC-BELA 2026-04-02)|bela (copia en conflicto de Bela 2026-04-02)
bela (Konflikt 2026-04-02 101112)|bela (case conflict)|bela (Case Conflict 1)
bela (SFConflict bela@uni.example 2026-04-02-10-11-12)|bela.sync-conflict-20260402-101112-ABCDEFG|bela [conflicted]
bela_conflict-20260402-101112|bela_DISKSTATION_Apr-02-101112-2026_Conflict|bela_conflicted_copy_2026-04-02
bela-DESKTOP-7H3K2L1|bela-LAPTOP-AB12CD34
"""
# By people: what may be a part of an id, too.
VERSIONS = """
bela_final|bela_final_v2|bela_v2|bela-v3|bela final|bela (final)|bela_FINAL|bela_version2|bela_corrected|bela_korrigiert
bela_endgültig|bela_resubmission|bela_2026-04-02|bela_backup|Copy of bela_final
"""
GUESSES = "final bela|bela_really_final|bela_SERVER_Conflict|"
GUESSES += "bela_neu2|bela 2|bela 13|bela-PCNAME|bela-UNI-PC07|bela-Belas-MacBook-Pro|bela_neu|bela_old"


def names(table: str) -> list[str]:
    return [name for line in table.strip().splitlines() for name in line.split("|")]


@pytest.fixture
def put(tmp_path):
    def _put(name: str, when: int = 1000, content: bytes | None = None) -> Path:
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(notebook(name) if content is None else content)
        os.utime(path, (when, when))
        return path

    return _put


@pytest.fixture
def collected(tmp_path):
    def _collect(*roster: str) -> Intake:
        people = None
        if roster:
            (tmp_path / "roster.csv").write_text("\n".join(["student", *roster]), encoding="utf-8")
            people = read_roster(tmp_path / "roster.csv")
        return collect(tmp_path / "in", LAB, roster=people)

    return _collect


def told(intake: Intake) -> str:
    return "\n".join([*intake.notes, *(f"{path}: {line}" for path, line in intake.problems)])


class TestOneStudent:
    @pytest.mark.parametrize("name", [*names(COPIES), *names(VERSIONS), *names(GUESSES)])
    def test_the_newest_of_two_counts_and_the_staff_are_told(self, put, collected, name):
        put("bela_week03_lab.ipynb", when=100), put(f"{name}_week03_lab.ipynb", when=200)
        for listed in ((), ("bela", "fay")):
            intake = collected(*listed)
            assert [(s.student, Path(s.path).name) for s in intake.submissions] == [("bela", f"{name}_week03_lab.ipynb")]
            assert [Path(p).name for p in intake.submissions[0].superseded] == ["bela_week03_lab.ipynb"]
            assert "counts for 'bela': the newest (1970-01-01 00:03 UTC, the file's date)" in told(intake)

    @pytest.mark.parametrize(
        "mark",
        [" (1)", " - Kopie", " (conflicted copy 2026-04-02)", ".sync-conflict-20260402-101112-ABCDEFG", "_final", "_final_v2",
         "-1", "2", " 2", "-PCNAME", "-checkpoint"],
    )  # fmt: skip
    def test_behind_the_assignments_name(self, put, collected, mark):
        put("bela_week03_lab.ipynb", when=100), put(f"bela_week03_lab{mark}.ipynb", when=200)
        (submission,) = collected().submissions
        assert submission.student == "bela" and Path(submission.path).name == f"bela_week03_lab{mark}.ipynb"

    @pytest.mark.parametrize("name", ["Kopie von bela", "bela (2)", "bela - Copy", "bela_final"])
    def test_folders_and_archives(self, put, collected, name):
        from downloads import zip_of

        put("bela/lab.ipynb", when=100), put(f"{name}/lab.ipynb", when=200)
        put(f"{name}.zip", when=300, content=zip_of({"lab.ipynb": notebook("zip")}))
        (submission,) = collected("bela").submissions
        assert submission.student == "bela" and ".zip" in submission.path

    def test_an_older_copy_does_not_count(self, put, collected):
        put("bela_lab.ipynb", when=200), put("Copy of bela_lab.ipynb", when=100)
        (submission,) = collected().submissions
        assert Path(submission.path).name == "bela_lab.ipynb" and "'bela'" in told(collected())

    def test_equally_old_ones_are_asked_about(self, put, collected):
        put("bela_lab.ipynb"), put("Kopie von bela_lab.ipynb")
        assert [line for _, line in collected("bela").problems if "make sure that this is the right one" in line]


class TestIdsStayWhole:
    @pytest.mark.parametrize("login", names("bela_final|bela 2|bela-1|bela_v2|copy of|bela (1)|bela-PCNAME|kopie"))
    def test_an_id_on_the_class_list_is_that_id(self, put, collected, login):
        put("bela_lab.ipynb"), put(f"{login}_lab.ipynb", when=2000)
        intake = collected("bela", login)
        assert [s.student for s in intake.submissions] == sorted(["bela", login]) and not intake.submissions[0].superseded

    def test_who_has_both_ids_on_the_list_is_asked(self, put, collected):
        put("bela_lab.ipynb"), put("bela_final_lab.ipynb")
        assert "if it is another file of 'bela', rename it to bela (1)" in told(collected("bela", "bela_final"))

    @pytest.mark.parametrize(
        "name",
        names(
            "copycat|collab|s-1|team_12|ab03|anna_alt|jonas_neu|KIM-LEE|jean-pierre|Team 2|finale|v2|Konflikt|jo (Josephine)"
            "|wolf-DIETER"
        ),
    )
    def test_ids_that_only_look_like_copies(self, put, collected, name):
        put(f"{name}_lab.ipynb")
        assert [s.student for s in collected().submissions] == [name]

    def test_teams_are_no_copies_of_one_another(self, put, collected):
        put("Team 1.ipynb"), put("Team 2.ipynb"), put("Team 3.ipynb")
        assert [s.student for s in collected().submissions] == ["Team 1", "Team 2", "Team 3"]

    def test_nbgraders_folders_are_ids(self, put, collected):
        put("bela_final/week03-lab/lab.ipynb"), put("bela/week03-lab/lab.ipynb")
        assert [s.student for s in collected().submissions] == ["bela", "bela_final"]

    def test_who_is_on_no_list_is_graded_and_told(self, put, collected):
        put("bela2_lab.ipynb"), put("bela_lab.ipynb")
        intake = collected("bela")
        assert [s.student for s in intake.submissions] == ["bela", "bela2"] and "matches nobody" in told(intake)

    def test_doubtful_marks_are_asked_about_and_sure_ones_noted(self, put, collected):
        put("bela_final_lab.ipynb"), put("Copy of fay_lab.ipynb"), put("goro-1_lab.ipynb")
        ((path, line),) = collected().problems
        assert Path(path).name == "bela_final_lab.ipynb" and line.startswith("counted as 'bela': 'final' is taken for")
        assert line.endswith("if that is a part of an id, give the class list with --roster")
        listed = collected("bela", "fay", "goro")
        assert [Path(p).name for p, _ in listed.problems] == ["goro-1_lab.ipynb"] and len(listed.notes) == 2

    def test_a_copy_that_names_nobody(self, put, collected):
        for name in ("Copy of lab", "lab - Kopie", "week03_lab_final", "lab 2"):
            put(f"{name}.ipynb")
        intake = collected()
        assert len(intake.submissions) == 4 and told(intake).count("does not say whose it is") == 4


class TestNamesThatLookAlike:
    @pytest.mark.parametrize("other", ["be\u200bla", "bela\ufeff", "be\u00adla", "bela\u00a0", "\u2060bela"])
    def test_characters_that_nobody_sees(self, put, collected, other):
        put("bela.ipynb", when=100), put(f"{other}.ipynb", when=200)
        intake = collected()
        assert [s.student for s in intake.submissions] == ["bela"] and "U+" in told(intake)
        assert [s.student for s in collected("bela").submissions] == ["bela"]

    def test_a_no_break_space_within_a_name(self, put, collected):
        put("Bela\u00a0Bo.ipynb", when=200), put("Bela Bo.ipynb", when=100)
        assert [s.student for s in collected().submissions] == ["Bela Bo"] and "no-break space" in told(collected())

    @pytest.mark.parametrize("other", ["b\u0435la", "bel\u0430", "BELA", "\uff42ela", "be1a"])
    def test_letters_that_look_alike_are_two_students_and_told(self, put, collected, other):
        put("bela.ipynb"), put(f"{other}.ipynb")
        intake = collected()
        assert len(intake.submissions) == 2 and ("look alike" in told(intake) or "only in case" in told(intake))

    @pytest.mark.parametrize("other", ["b\u0435la", "bel\u0430_lab", "Copy of bel\u0430"])
    def test_against_the_class_list(self, put, collected, other):
        put(f"{other}.ipynb")
        intake = collected("bela", "fay")
        assert "bela" in intake.missing and "only looks like 'bela'" in told(intake)

    def test_composed_and_decomposed_are_one_also_on_the_list(self, put, collected):
        put("Rene\u0301.ipynb", when=2), put("Ren\u00e9_lab.ipynb", when=1)
        assert [s.student for s in collected("Ren\u00e9").submissions] == ["Ren\u00e9"]


def test_hostile_names_cost_nothing(put, collected):
    hostile = ("conflict" + "_a" * 100, "(" * 200, "-pc" * 70, "copy of " * 25, "a" + " " * 230, "b" + "-_" * 100)
    for n, name in enumerate(hostile):
        put(f"{n}{name}.ipynb")
    assert len(collected().submissions) == 6  # an exponential search would take for ever
