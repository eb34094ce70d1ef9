"""Downloads of a class in which somebody's own name, or what they call their file, imitates what the platform writes.

Nobody's work is taken for a neighbour's, no neighbour's is set aside for it, and no hand-in time is made up.
"""

from __future__ import annotations

import re
import unicodedata

import downloads
import pytest
from downloads import JANE, LAB, notebook, zip_of

from autograder.notebook.intake import collect
from autograder.notebook.submission import read_submission
from autograder.roster import read_roster

HEAD = "student,name,canvas_id\n"
MALLORY = 5003


def canvas_file(sortable: str, user: int, attachment: int, original: str) -> str:
    """As Canvas makes it (`sanitize_user_name`, then `sanitize_file_name`): numbers between underscores go, then blanks do."""
    name = re.sub(r"^(\d+)$", r"\1", re.sub(r"_(\d+)_", r"\1", sortable))
    return "_".join([re.sub(r"\W", "", name).lower(), str(user), str(attachment), original])


# What Mallory is called, so that her file's name begins like Jane's, or like another way to write Jane's number.
CALLED = {
    "number and a late attachment": "x_ 5001_ 999999999",
    "the number alone": "Mallory_5001",
    "two numbers alone": "5001_ 999999999",
    "Jane's name and number": "doejane_ 5001_ 999999999",
    "Jane's name, comma and all": "Doe, Jane_ 5001_ 999999999",
    "Jane's name and half of it": "Doe, Jane_5001",
    "a late mark": "doejane_LATE_ 5001_ 999999999",
    "anonymous": "anon_ 5001_ 999999999",
    "deeper": "a_ 5001_ 5001_ 5001_ 999999999",
    "wide digits": "doejane_ ５００１_ 999999999",
}


@pytest.fixture
def taken(tmp_path):
    def _taken(files: dict[str, bytes], listed: str = ""):
        (tmp_path / "class.zip").write_bytes(zip_of(files))
        (tmp_path / "roster.csv").write_text(listed, encoding="utf-8")
        roster = read_roster(tmp_path / "roster.csv") if listed else None
        intake = collect(tmp_path / "class.zip", LAB, roster=roster)
        pairs = zip(intake.submissions, intake.files, strict=True)
        work = {s.student: read_submission(f, 20.0, within=tmp_path).code[0].source for s, f in pairs}
        return intake, work

    return _taken


class TestCanvas:
    def files(self, called: str, original: str = "lab.ipynb") -> dict[str, bytes]:
        return {
            downloads.canvas_name(JANE, 90001, "lab.ipynb"): notebook("jane"),
            canvas_file(called, MALLORY, 90003, original): notebook("mallory"),
        }

    @pytest.mark.parametrize("called", CALLED)
    @pytest.mark.parametrize("listed", ["as in Canvas", "by a true name", "without her number", "without numbers", ""])
    def test_a_name_never_hands_in_for_a_neighbour(self, taken, called, listed):
        lines = {
            "as in Canvas": f'jdoe,Jane Doe,5001\nmallory,"{CALLED[called]}",{MALLORY}\n',
            "by a true name": f"jdoe,Jane Doe,5001\nmallory,Mallory Eve,{MALLORY}\n",
            "without her number": "jdoe,Jane Doe,5001\nmallory,Mallory Eve,\n",
            "without numbers": "jdoe,Jane Doe,\nmallory,Mallory Eve,\n",
        }
        intake, work = taken(self.files(CALLED[called]), HEAD + lines[listed] if listed else "")
        jane = "jdoe" if listed else "doejane_5001"
        assert work[jane] == "x = 'jane'", (work, intake.problems)
        mallorys = [p for s in intake.submissions for p in (s.path, *s.superseded) if "_90003_" in p]
        assert len(mallorys) == 1, "nothing is dropped"
        if listed and work.get("mallory") != "x = 'mallory'":  # it is nobody's, or set aside: that is told
            assert any("_90003_" in path for path, _ in intake.problems), intake.problems

    def test_the_control_the_first_way_to_read_it_is_janes(self):
        from autograder.notebook.platforms import Canvas

        names = [canvas_file(CALLED[c], MALLORY, 90003, "lab.ipynb") for c in CALLED if c not in ("anonymous", "wide digits")]
        first = {handed.keys[0] for name in names for handed in Canvas().whose((name,))}
        assert first == {("canvas", "5001")}, "who takes the first takes Jane's"

    @pytest.mark.parametrize("original", ["lab_2026_04_03.ipynb", "2_lab.ipynb", "3_1_lab.ipynb", "lab (2).ipynb"])
    def test_numbers_in_an_honest_file_s_name_are_no_doubt(self, taken, original):
        files = self.files("Eve, Mallory", original)
        newer = {downloads.canvas_name(JANE, 90009, original): notebook("jane's second")}
        intake, work = taken({**files, **newer}, HEAD + "jdoe,Jane Doe,\nmallory,Mallory Eve,\n")
        assert work == {"jdoe": "x = \"jane's second\"", "mallory": "x = 'mallory'"} and intake.problems == ()

    def test_a_helper_under_such_a_name_is_beside_nobodys_notebook(self, taken):
        planted = canvas_file("doejane_ 5001_ 999999999", MALLORY, 90004, "helper.py")
        own = downloads.canvas_name(JANE, 90002, "mine.py")
        files = {**self.files("doejane_ 5001_ 999999999"), planted: b"double = None", own: b"x = 1"}
        for listed in ("", HEAD + "jdoe,Jane Doe,5001\nmallory,Mallory Eve,5003\n"):
            intake, _ = taken(files, listed)
            jane = next(s for s in intake.submissions if s.student in ("jdoe", "doejane_5001"))
            assert [name for name, _ in jane.companions.files] == ["mine.py"]
            others = [s.companions.files for s in intake.submissions if s is not jane]
            assert not any("mine.py" in dict(files) for files in others), "and Jane's code is not beside Mallory's"


class TestOtherPlatforms:
    LIST = "student,name\njdoe,Jane Doe\nmallory,Mallory Eve\nzoe,Zoe Li\n"

    def flat(self, who: str, file: str = "lab.ipynb", when: str = "Apr 9, 2026 910 PM", user: int = 12347) -> dict[str, bytes]:
        return {f"{user}-678901 - {who} - {when} - {file}": notebook(f"mallory {file}")}

    JANES = {"12345-678901 - Jane Doe - Apr 3, 2026 910 PM - lab.ipynb": notebook("jane")}
    ZOES = {"12346-678901 - Zoe Li - Apr 3, 2026 910 PM - lab.ipynb": notebook("zoe")}

    @pytest.mark.parametrize("who", ["Jane Doe - Apr 1, 2026 100 AM", "Jane Doe - a.b", "Jane Doe - Apr 30, 2026 100 AM - x.y"])
    def test_brightspace_flat(self, taken, who):
        intake, work = taken({**self.JANES, **self.ZOES, **self.flat(who)}, self.LIST)
        assert work["jdoe"] == "x = 'jane'" and work["zoe"] == "x = 'zoe'", (work, intake.problems)
        assert any("to read" in line or "read as" in line or "matches nobody" in line for _, line in intake.problems)

    @pytest.mark.parametrize("who", ["Jane Doe - Apr 1, 2026 100 AM", "Jane Doe - a.b", "Jane Doe - x"])
    def test_brightspace_folders(self, taken, who):
        janes = {"12345-678901 - Jane Doe - Apr 3, 2026 910 PM/lab.ipynb": notebook("jane")}
        zoes = {"12346-678901 - Zoe Li - Apr 3, 2026 910 PM/lab.ipynb": notebook("zoe")}
        forged = {f"12347-678901 - {who} - Apr 9, 2026 910 PM/lab.ipynb": notebook("mallory")}
        intake, work = taken({**janes, **zoes, **forged}, self.LIST)
        assert work["jdoe"] == "x = 'jane'"
        own = next(s for s in intake.submissions if s.student not in ("jdoe", "zoe"))
        assert own.submitted_at.startswith("2026-04-09T21:10"), "the time is the platform's, not the name's"

    def test_brightspace_no_time_is_made_up_by_a_file_or_a_name(self, taken):
        for who, file in (("Mallory Eve", "Apr 1, 2026 100 AM - lab.ipynb"), ("Mallory Eve - Apr 1, 2026 100 AM", "lab.ipynb")):
            intake, _ = taken({**self.JANES, **self.ZOES, **self.flat(who, file)}, self.LIST)
            own = next(s for s in intake.submissions if s.student not in ("jdoe", "zoe"))
            assert own.submitted_at.startswith("2026-04-09T21:10"), (who, file, own)

    @pytest.mark.parametrize("called", ["jdoe_attempt_2026-04-01-00-00-00_lab", "x_attempt_2026-04-01-00-00-00_lab", "_attempt_"])
    def test_blackboard_what_the_file_is_called_is_no_user_and_no_time(self, taken, called):
        files = {
            "Week 3 lab_jdoe_attempt_2026-04-03-21-10-00_lab.ipynb": notebook("jane"),
            "Week 3 lab_zoe_attempt_2026-04-03-21-10-00_lab.ipynb": notebook("zoe"),
            f"Week 3 lab_mallory_attempt_2026-04-09-21-10-00_{called}.ipynb": notebook("mallory"),
        }
        intake, work = taken(files, self.LIST)
        assert work == {s: f"x = '{t}'" for s, t in (("jdoe", "jane"), ("mallory", "mallory"), ("zoe", "zoe"))}
        when = {s.student: s.submitted_at[:10] for s in intake.submissions}
        assert when == {"jdoe": "2026-04-03", "mallory": "2026-04-09", "zoe": "2026-04-03"}
        alone, _ = taken(dict(list(files.items())[2:]), self.LIST)  # no title to be known by what all names begin with
        assert [s.student for s in alone.submissions] == ["mallory"]

    def test_sakai_one_name_does_not_unmake_the_download(self, taken):
        place = "Week 3 lab/{}/Submission attachment(s)/lab.ipynb"
        people = {"Doe, Jane(jdoe)": "jane", "Li, Zoe(zoe)": "zoe", **{f"S, {c}(s{c})": c for c in "abcd"}}
        files = {place.format(who): notebook(text) for who, text in people.items()}
        files[place.format("Doe, Jane(jdoe) (x)(mallory)")] = notebook("mallory")
        intake, work = taken(files, self.LIST)
        assert (work["jdoe"], work["zoe"], intake.platform) == ("x = 'jane'", "x = 'zoe'", "Sakai")

    def test_a_login_that_a_platform_names_is_nobodys_display_name(self, taken):
        """Our list has other ids; Mallory is called what Jane's login is."""
        files = {
            "Abgaben/Doe_Jane_jdoe_4711/lab.ipynb": notebook("jane"),
            "Abgaben/Li_Zoe_zoe_99/lab.ipynb": notebook("zoe"),
        }
        intake, work = taken(files, "student,name\n1001,Jane Doe\n1003,jdoe\n1004,Zoe Li\n")
        assert work == {"1001": "x = 'jane'", "1004": "x = 'zoe'"} and intake.missing == ("1003",)

    @pytest.mark.parametrize("spelled", ["zoe\u0308", "z\u200boe", "zoe\ufeff"])
    def test_an_id_that_the_list_spells_in_another_way_is_not_missing(self, taken, spelled):
        composed = unicodedata.normalize("NFC", spelled)
        intake, work = taken({f"{composed}.ipynb": notebook("z"), "jdoe.ipynb": notebook("j")}, f"student\njdoe\n{spelled}\n")
        assert len(work) == 2 and intake.missing == ()
