"""Hostile uploads to a package: here by the package's own run.py, and (slow, as root) in the container's layout, end to end."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import unicodedata
import zipfile
from pathlib import Path

import hostile_upload as upload
import pytest
from gradescope_container import Container, check_fields
from hostile_upload import ANSI, ATTEMPTS, BIDI, HTML, LEFT, METADATA, RIGHT_TRIPLE
from machine import needs_root
from small_course import SmallCourse

from autograder.gradebook.gradescope import Metadata, read_metadata

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
MARKERS = (upload.SUITE_MARKER, upload.SOLUTION_MARKER, upload.METADATA_MARKER)


class Extracted:
    """A package below `top`, run by this environment's Python instead of a container's."""

    def __init__(self, package: Path, top: Path):
        self.top = top
        with zipfile.ZipFile(package) as archive:
            archive.extractall(top / "source")
        build = top / "environment" / "build"
        build.mkdir(parents=True)
        for made in [*(ROOT / "build").glob("xla-flags-*"), *(ROOT / "build").glob("fonts")]:
            (shutil.copytree if made.is_dir() else shutil.copyfile)(made, build / made.name)

    def run(self, word: str) -> str:
        program = [sys.executable, "-I", str(self.top / "source" / "run.py"), word]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        done = subprocess.run(program, cwd="/", env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return done.stdout.decode("utf-8", "surrogateescape")

    def grade(self, put, metadata: object = None) -> tuple[dict, str]:
        """`put` makes the upload in a folder."""
        for name in ("submission", "results"):
            shutil.rmtree(self.top / name, ignore_errors=True)
            (self.top / name).mkdir()
        put(self.top / "submission")
        (self.top / "submission_metadata.json").write_text(json.dumps(metadata))
        printed = self.run("grade")
        results = json.loads((self.top / "results" / "results.json").read_text())
        check_fields(results)
        return results, printed

    def state(self) -> str:
        """Everything of ours that must stay as it is."""
        digest = hashlib.sha256()
        for path in sorted(p for p in (self.top / "source").rglob("*") if p.is_file() and "__pycache__" not in p.parts):
            digest.update(str(path).encode() + path.read_bytes())
        return digest.hexdigest()


def harmless(results: dict, printed: str, left: list[Path]) -> None:
    """Plain text only, nothing of ours in it, nothing left behind."""
    shown = json.dumps(results, ensure_ascii=False)
    for text in [results["output"], *(t["output"] + t["name"] for t in results["tests"]), printed]:
        assert not [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") and c not in "\n\t"], repr(text)
    assert {results["output_format"], *(t["output_format"] for t in results["tests"])} == {"text"}
    assert results["stdout_visibility"] == "hidden" and all("name_format" not in t for t in results["tests"])
    assert not [m for m in MARKERS if m in shown + printed]
    assert len(shown) < 300_000 and len(printed) < 20_000
    assert left == []


def left_in(top: Path) -> list[Path]:
    found = [p for p in top.rglob(f"*{LEFT}*") if not p.is_symlink()]
    return found + [p for p in (top / "results").iterdir() if p.name != "results.json"]


def score_of(results: dict, question: str) -> float:
    return next(t["score"] for t in results["tests"] if t["extra_data"]["autograder_question"] == question)


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("package")
    return upload.package_of(SmallCourse(folder / "course"), folder / "package.zip")


@pytest.fixture(scope="module")
def extracted(package, tmp_path_factory) -> Extracted:
    made = Extracted(package, tmp_path_factory.mktemp("extracted") / "autograder")
    said = made.run("setup")
    assert "the solution, graded like a submission: 4 of 4 points" in said, said
    return made


def test_one_upload_with_everything_in_it(extracted):
    before = extracted.state()
    results, printed = extracted.grade(lambda folder: upload.put(folder, extracted.top), METADATA)
    assert (score_of(results, "double"), score_of(results, "triple")) == (0.0, 2.0), results["output"] + printed
    (told,) = [t["output"] for t in results["tests"] if t["extra_data"]["autograder_question"] == "double"]
    assert "loot: {}" in " ".join(told.split()), told
    assert "&lt;" not in told and "<script>" in told, "shown as it was written: Gradescope escapes plain text"
    harmless(results, printed, left_in(extracted.top))
    assert extracted.state() == before
    assert results["extra_data"]["epoch"] == "gradescope-178", "an id is letters and digits"
    assert "\nScore: 100" not in results["output"]


def test_the_control_the_same_upload_owns_a_naive_autograder(extracted, tmp_path):
    top = tmp_path / "autograder"
    for name in ("submission", "results"):
        (top / name).mkdir(parents=True)
    shutil.copytree(extracted.top / "source", top / "source")
    upload.put(top / "submission", top)
    (top / "submission" / "pipe.ipynb").unlink()  # it would wait for ever, which is another way to win
    (top / "submission_metadata.json").write_text(json.dumps(METADATA))
    (top / "results" / "results.json").write_text("{}")  # of an earlier run: there is something to read
    program = [sys.executable, str(HERE / "naive_gradescope.py"), str(top)]
    done = subprocess.run(program, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    results = json.loads((top / "results" / "results.json").read_text())
    assert results["score"] == 100 and results["output_format"] == "html", "forged"
    own = json.loads((top / "results" / "own.json").read_text())
    loot = json.loads(own["output"].partition("loot: ")[2].rpartition("<script>")[0])
    assert upload.SUITE_MARKER in loot["the suite"] and upload.METADATA_MARKER in loot["the metadata"]
    assert HTML in own["output"] and ANSI in own["output"] and BIDI in own["output"]
    missing = set(ATTEMPTS) - set(loot) - {"modules of the grader"}
    assert missing == set(), missing
    assert (top / LEFT).exists(), "a file called json.py was imported in place of Python's"


def test_a_notebook_that_says_much_is_cut(extracted):
    cells = [f"raise ValueError({'x' * 2000!r} + '{n}' + {HTML!r})" for n in range(300)]
    loud = "def double(x):\n    print('y' * 10**5)\n    return {'k' * 500 + str(i): 'v' * 500 for i in range(2000)}"
    metadata = {"autograder": {"assignment": "week01/lab"}, "kernelspec": {"name": HTML, "language": ANSI}}
    text = upload.notebook(*cells, loud, RIGHT_TRIPLE, **metadata)
    results, printed = extracted.grade(lambda folder: (folder / f"{'z' * 200}.ipynb").write_text(text))
    assert score_of(results, "double") == 0.0 and score_of(results, "triple") == 2.0, results["output"][:2000]
    harmless(results, printed, left_in(extracted.top))


@pytest.mark.parametrize(
    "metadata",
    [
        {"id": 10**400}, {"id": [1]}, {"id": "\x1b[2J\n../../x"}, {"id": "x" * 10**6}, {"id": True, "created_at": "x\ny" * 10**5},
        {"users": [{"name": HTML}] * 1000}, {"previous_submissions": [[], {"results": {"tests": [{"score": 1}] * 1000}}]},
    ],
)  # fmt: skip
def test_what_a_user_is_called_and_odd_metadata_change_nothing(tmp_path, metadata):
    path = tmp_path / "submission_metadata.json"
    path.write_text(json.dumps(metadata))
    told = read_metadata(path)
    assert told.id.isascii() and len(told.id) <= 60 and (not told.id or told.id.replace("-", "").replace("_", "").isalnum())
    assert len(told.created_at) <= 60 and told.created_at.isprintable()


@pytest.mark.parametrize("score", ["NaN", "Infinity", "-Infinity", "1e999", "-5", "true", "null", '"4"', "1" + "0" * 400])
def test_a_score_of_before_that_is_none_is_left_out(tmp_path, score):
    """Else results.json could not be written at all: JSON has no such number."""
    path = tmp_path / "submission_metadata.json"
    test = f'{{"score": {score}, "extra_data": {{"autograder_question": "double"}}}}'
    path.write_text(f'{{"previous_submissions": [{{"results": {{"tests": [{test}]}}}}]}}')
    assert read_metadata(path) == Metadata()


# ------------------------------------------------------------------------------------------------------ the container


@pytest.fixture(scope="module")
def container(package, tmp_path_factory) -> Container:
    made = Container(package, tmp_path_factory.mktemp("gradescope"))
    assert "4 of 4 points" in made.setup()
    return made


def of_students() -> list[str]:
    """Processes of users that the grader gives to submissions."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            uid = path.stat().st_uid
            if uid >= 1_000_000 and "/autograder/environment" in (path / "cmdline").read_text():
                found.append(path.name)
        except OSError:
            continue
    return found


class Uploads(Container):
    """The container, with uploads that a dictionary of names cannot hold."""

    @classmethod
    def of(cls, made: Container) -> Uploads:
        other = object.__new__(cls)
        other.__dict__.update(made.__dict__)
        return other

    def _run(self, program, group, timeout):
        if "/autograder/run_autograder" in program and (self.top / "submission" / "lab.ipynb").exists():
            upload.put_links(self.top / "submission", Path("/autograder"))
        return super()._run(program, group, timeout)


@pytest.mark.slow
@needs_root
class TestInTheContainer:
    TOP = Path("/autograder")

    @pytest.mark.parametrize("refused", [(), ("--landlock",)], ids=["landlock", "old_kernel"])
    def test_one_upload_with_everything_in_it(self, container, refused):
        before = set(of_students())
        run = Uploads.of(container).grade(upload.files(self.TOP), METADATA, *refused)
        more = run.results["extra_data"]
        assert more["status"] == "graded" and more["isolation"].startswith("B"), run.printed
        assert (run.entry("double")["score"], run.entry("triple")["score"]) == (0.0, 2.0), run.text
        told = re.search(r"loot: (\{.*?\})<script>", " ".join(run.entry("double")["output"].split()))
        # Without Landlock what all users may see of processes can be seen: their command lines, which name no secret.
        assert told and set(json.loads(told[1])) <= ({"the grader's arguments"} if refused else set()), told
        harmless(run.results, run.printed, left_in(container.top))
        assert not set(of_students()) - before

    def test_the_next_student_meets_the_same_grader(self, container):
        right = upload.notebook("def double(x):\n    return 2 * x", RIGHT_TRIPLE)
        first = container.grade({"lab.ipynb": right}, {"id": 5})
        flood = "import sys\ndef double(x):\n    while True: print('z' * 10**6)"
        hang = "def triple(x):\n    while True: pass"
        hostile = container.grade({"lab.ipynb": upload.notebook(upload.loot_cell(self.TOP), flood, hang)}, {"id": 6})
        assert hostile.score == 0 and hostile.results["extra_data"]["status"] == "graded"
        again = container.grade({"lab.ipynb": right}, {"id": 5})
        assert {**first.results, "execution_time": 0} == {**again.results, "execution_time": 0}
        assert first.score == 4.0
