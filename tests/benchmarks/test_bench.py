"""`make bench` can be believed: what it measures, what it compares, and the keys that others read."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks import against, measure, others, page  # noqa: E402
from benchmarks.labs import three_questions, week3  # noqa: E402
from benchmarks.meters import CommandFailed, counts_all, measured  # noqa: E402
from benchmarks.programs import Handed, Program, class_of, programs_of  # noqa: E402

KEYS = {
    "ratio_nbgrader", "ratio_otter", "cpu_over_floor", "cpu_over_tuned_floor", "per_submission_1000_over_100", "peak_gib",
    "regrade_1000_s", "build_all_s", "help_s", "cache_hit_rate",
}  # fmt: skip


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return three_questions(tmp_path_factory.mktemp("bench"))


def test_submissions_are_made_of_fifty_different_programs_for_each_question(lab):
    programs = programs_of(lab)
    for found in programs.values():
        assert len({ast.dump(ast.parse(p.code)) for p in found}) == len(found) >= 50
    handed = class_of(programs, 300)
    assert len({tuple(p.code for p in one.programs) for one in handed}) == 300
    for number, found in enumerate(programs.values()):
        assert {one.programs[number].name for one in handed} == {p.name for p in found}


def test_a_submission_carries_its_programs_and_nothing_that_only_costs_time(lab):
    programs = programs_of(lab, mutants=False)
    chosen = tuple(found[1] for found in programs.values())
    sources = [c.source for c in Handed("s", chosen).notebook(lab).cells if c.cell_type == "code"]
    assert all(any(p.code == source for source in sources) for p in chosen)
    assert not any("grader" in source for source in sources)


@pytest.mark.skipif(not counts_all(), reason="this kernel counts all processes of a command for root only; make bench says so")
def test_cpu_of_processes_that_nobody_waits_for_is_counted(tmp_path):
    busy = "import time\nwhile time.process_time() < 0.4: pass\nopen('done', 'w')"
    orphan = f'("{sys.executable}" -S -c "{busy}" &); until [ -e done ]; do sleep 0.1; done; sleep 0.1'
    assert measured(["bash", "-c", orphan], tmp_path).cpu >= 0.4


def test_a_command_that_fails_ends_the_benchmark_with_its_words(tmp_path):
    with pytest.raises(CommandFailed, match="no such luck"):
        measured(["bash", "-c", "echo no such luck; exit 3"], tmp_path)


def test_a_submission_that_tools_disagree_about_is_named():
    one = Handed("s0000", (Program("q", "solution", "", True),))
    assert measure.differences("otter", {"s0000": 2.996}, {"s0000": 3.0}, [one]) == []
    (words,) = measure.differences("otter", {"s0000": 1.5}, {"s0000": 3.0}, [one])
    assert words == "otter gives 1.5 points and we 3 to q: solution"


def test_an_engine_that_is_slower_by_more_than_five_per_cent_is_named():
    same, slow = against.Figure("class of 30, CPU s", 1.04, 1.0), against.Figure("`--help`, wall s", 0.06, 0.05)
    assert against.slower([same, slow]) == [slow]
    assert against.line(slow) == "| `--help`, wall s | 0.060 | 0.050 | 1.20 | slower |"


@pytest.mark.slow
def test_two_engines_are_measured_by_turns_on_the_same_work(tmp_path):
    figures = against.compare(ROOT, tmp_path, lambda words: None, size=4, rounds=1)
    assert {"`--help`, CPU s", "class of 4, CPU s", "week 3 lab, class of 16, wall s"} <= {f.what for f in figures}
    assert all(0.3 < f.ratio < 3 for f in figures if "CPU" in f.what), figures  # an engine against itself


def test_the_floor_stays_bare():
    text = (ROOT / "benchmarks" / "floor.py").read_text()
    assert len(text.splitlines()) < 60
    assert "jail.fork" not in text and "Student" not in text


@pytest.mark.slow
def test_a_right_answer_passes_every_hidden_check_where_nbgrader_and_otter_run_them(tmp_path):
    """The whole of week 3: what a suite may ask of a jail is there in the student's own kernel, too."""
    week = week3()
    others.lay_checks(week, tmp_path)
    code = "\n".join(c.source for c in Handed("s", tuple(found[0] for found in programs_of(week, mutants=False).values()))
                     .notebook(week).cells if c.cell_type == "code")  # fmt: skip
    asking = "\n".join([
        "import json, hidden_checks", "lost = []", "for name in json.load(open('seeds.json')):",
        "    try:", "        hidden_checks.check(name, globals())",
        "    except AssertionError as e:", "        lost.append(str(e))",
        "assert not lost, lost",
    ])  # fmt: skip
    (tmp_path / "solved.py").write_text(code + "\n" + asking)
    run = subprocess.run([sys.executable, "solved.py"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=600)
    assert run.returncode == 0, run.stderr


@pytest.mark.slow
def test_the_quick_run_agrees_with_nbgrader_and_otter_and_writes_every_key(tmp_path):
    program = [sys.executable, "-m", "benchmarks", "--quick", "--lab", "three", "--json", str(tmp_path / "bench.json")]
    run = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False, timeout=900)
    assert run.returncode == 0, run.stderr
    found = json.loads((tmp_path / "bench.json").read_text())
    assert found.keys() >= KEYS
    assert found["ratio_nbgrader"] > 1 and found["ratio_otter"] > 1 and 0 < found["cache_hit_rate"] <= 1
    assert page.table(found) in run.stdout
