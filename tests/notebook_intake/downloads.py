"""Downloads of a class as Canvas, Moodle and Gradescope make them: names, folders, dates and data files as in their code.

One class for all: Jane Doe, Zoë O'Brien-Núñez, two Kim Lees who only their numbers tell apart, and Max who handed in nothing.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import v4

LAB = "week03/lab"


@dataclass(frozen=True)
class Student:
    id: str  # the course's
    first: str
    last: str
    email: str
    sis: str
    canvas: int
    participant: int

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def canvas_name(self) -> str:
        """As `sanitize_user_name` and `sanitize_file_name` of Canvas's content_zipper.rb make it of the sortable name."""
        return re.sub(r"\W", "", f"{self.last}, {self.first}".lower())


JANE = Student("jdoe", "Jane", "Doe", "jane.doe@uni.example", "1000001", 5001, 71001)
ZOE = Student("zobrien", "Zoë", "O'Brien-Núñez", "zoe@uni.example", "0000007", 5002, 71002)
KIM1 = Student("klee1", "Kim", "Lee", "kim.lee@uni.example", "1000003", 5003, 71003)
KIM2 = Student("klee2", "Kim", "Lee", "k.lee@uni.example", "1000004", 5004, 71004)
MAX = Student("mmuster", "Max", "Muster", "max@uni.example", "1000005", 5005, 71005)
CLASS = (JANE, ZOE, KIM1, KIM2, MAX)


def notebook(text: str, assignment: str | None = LAB) -> bytes:
    nb = v4.new_notebook(cells=[v4.new_code_cell(f"x = {text!a}")])
    if assignment:
        nb.metadata["autograder"] = {"assignment": assignment}
    return nbformat.writes(nb).encode()


def zip_of(files: dict[str, bytes], when: dict[str, tuple[int, ...]] | None = None) -> bytes:
    """A zip; `when` gives entries their dates, all others that of the download."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, (when or {}).get(name, (2026, 4, 8, 10, 0, 0)))  # type: ignore[arg-type]
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return out.getvalue()


def unpacked(folder: Path, data: bytes) -> Path:
    """The zip unpacked as an unpacker does, dates included."""
    import os
    import time

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            path = folder / info.filename
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(archive.read(info))
            stamp = time.mktime((*info.date_time, 0, 0, -1))
            os.utime(path, (stamp, stamp))
    return folder


# Canvas --------------------------------------------------------------------------------------------------------------


def canvas_name(student: Student, attachment: int, original: str, late: bool = False) -> str:
    return "_".join([student.canvas_name, *(["LATE"] if late else []), str(student.canvas), str(attachment), original])


def canvas_zip() -> bytes:
    """Jane in time; Zoë late, resubmitted (Canvas adds -1); a zip of Kim's; two attachments of the other Kim; a typed answer."""
    return zip_of(
        {
            canvas_name(JANE, 90001, "lab.ipynb"): notebook("jane"),
            canvas_name(ZOE, 90007, "lab-1.ipynb", late=True): notebook("zoe"),
            canvas_name(KIM1, 90003, "my work.zip"): zip_of({"work/lab.ipynb": notebook("kim1"), "work/plot.png": b"png"}),
            canvas_name(KIM2, 90004, "lab.ipynb"): notebook("kim2 first"),
            canvas_name(KIM2, 90012, "lab-1.ipynb"): notebook("kim2 second"),
            f"{JANE.canvas_name}_{JANE.canvas}_text.html": b"<p>see my notebook</p>",
        }
    )


CANVAS_GRADEBOOK = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Week 2 lab (441),Week 3 lab (442),Labs Current Score,Final Score\r\n"
    ",,,,,,Manual Posting,(read only),(read only)\r\n"
    "    Points Possible,,,,,10,25,(read only),(read only)\r\n"
    + "".join(f'"{s.last}, {s.first}",{s.canvas},{s.sis},{s.id},DLT-01,9.50,,95.00,47.50\r\n' for s in CLASS)
    + '"Student, Test",5999,,9f8a7c,DLT-01,,,,\r\n'
)

# Moodle --------------------------------------------------------------------------------------------------------------


def moodle_prefix(student: Student, kind: str = "file") -> str:
    """As `get_student_prefix` of Moodle's mod_assign downloader makes it."""
    return unicodedata.normalize("NFC", f"{student.name}_{student.participant}_assignsubmission_{kind}")


def moodle_files(folders: bool = True) -> dict[str, bytes]:
    join = "/" if folders else "_"
    return {
        moodle_prefix(JANE) + join + "lab.ipynb": notebook("jane"),
        moodle_prefix(ZOE) + join + "lab.zip": zip_of({"lab.ipynb": notebook("zoe")}),
        moodle_prefix(KIM1) + join + ("deep/er/lab.ipynb" if folders else "lab.ipynb"): notebook("kim1"),
        moodle_prefix(KIM2) + join + "lab (2).ipynb": notebook("kim2"),
        moodle_prefix(KIM2, "onlinetext") + join + "onlinetext.html": b"<p>hello</p>",
    }


def moodle_zip(folders: bool = True, dated: bool = False) -> bytes:
    """`dated`: as Moodle before 4.0, which kept the files' dates."""
    files = moodle_files(folders)
    days = {name: (2026, 4, 1 + n, 12, 0, 0) for n, name in enumerate(files)}
    return zip_of(files, days if dated else None)


MOODLE_WORKSHEET = (
    "\ufeffIdentifier,Full name,ID number,Email address,Status,Grade,Maximum grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\r\n"
    + "".join(
        f"Participant {s.participant},{s.name},{s.sis},{s.email},{status},,25.00,Yes,{when},-,\r\n"
        for s, status, when in (
            (JANE, "Submitted for grading - ", '"Thursday, 2 April 2026, 11:05 PM"'),
            (ZOE, "Submitted for grading - 1 day 2 hours late - ", '"Sunday, 5 April 2026, 1:59 AM"'),
            (KIM1, "Submitted for grading - ", '"Friday, 3 April 2026, 11:59 PM"'),
            (KIM2, "Submitted for grading - ", '"Friday, 3 April 2026, 9:00 AM"'),
            (MAX, "No submission - ", "-"),
        )
    )
)
MOODLE_PARTICIPANTS = "First name,Last name,ID number,Email address,Groups\r\n" + "".join(
    f"{s.first},{s.last},{s.sis},{s.email},\r\n" for s in CLASS
)

# Gradescope ----------------------------------------------------------------------------------------------------------

GRADESCOPE_METADATA = """---
submission_200001:
  :submitters:
  - :name: Jane Doe
    :sid: '1000001'
    :email: jane.doe@uni.example
  :created_at: 2026-04-03 21:10:05.123456000 Z
  :score: 0.0
  :status: processed
  :history:
  - :id: 199990
    :created_at: 2026-04-02 08:00:00.000000000 Z
    :score: 0.0
submission_200002:
  :submitters:
  - :name: "Zo\\xEB O'Brien-N\\xFA\\xF1ez"
    :sid: '0000007'
    :email: zoe@uni.example
  :created_at: 2026-04-05 01:59:00.000000000 +02:00
submission_200003:
  :submitters:
  - :name: Kim Lee
    :sid: '1000003'
    :email: kim.lee@uni.example
  - :name: Kim Lee
    :sid: '1000004'
    :email: k.lee@uni.example
  :created_at: 2026-04-01 10:00:00.000000000 Z
"""


def gradescope_zip(metadata: str | None = GRADESCOPE_METADATA) -> bytes:
    root = "assignment_77_export/"
    files = {
        root + "submission_200001/lab.ipynb": notebook("jane"),
        root + "submission_200002/work/lab.ipynb": notebook("zoe"),
        root + "submission_200002/__MACOSX/._lab.ipynb": b"\x00",
        root + "submission_200003/lab.ipynb": notebook("kims"),
    }
    if metadata is not None:
        files[root + "submission_metadata.yml"] = metadata.encode()
    return zip_of(files)


GRADESCOPE_ROSTER = "First Name,Last Name,SID,Email,Role,Section\n" + "".join(
    f"{s.first},{s.last},{s.sis},{s.email},Student,DLT-01\n" for s in CLASS
)
ROSTER = "student,name,email,sid,canvas_id\n" + "".join(f"{s.id},{s.name},{s.email},{s.sis},{s.canvas}\n" for s in CLASS)
