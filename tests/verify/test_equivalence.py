"""Survivors declared equivalent: believed after a thousand inputs, void when the code changes, a tenth at most."""

from __future__ import annotations

import re

import numpy as np
import pytest

from autograder.errors import AuthoringError
from autograder.notebook.source import load_assignment
from autograder.verify import domain as domains
from autograder.verify.equivalence import Declared, entry_text, read_equivalents
from autograder.verify.examination import examine
from autograder.verify.mutants import cell_sha256
from autograder.verify.records import Fate
from autograder.verify.workshop import Options, Workshop

# The comparison decides nothing: at 0 both branches are 0. `x > 0` and `x >= 0` are the same function.
RELU = {"hinge": "def hinge(x):\n    y = jnp.where(x > 0, x, 0.0 * x)\n    return 3.0 * y + 2.0 * jnp.abs(y) - 1.0"}
SUITE = '''
@question("hinge", reference="NumPy")
class TestHinge:
    def test_values(self, student, rng):
        """5 max(x, 0) - 1."""
        x = rng.normal(size=32)
        assert_close(student.hinge(x), 5 * np.maximum(x, 0) - 1, why="float32")
'''


@pytest.fixture
def hinge(engine, small_course):
    """(write entries, examine)"""
    assignment = small_course.add(44, RELU, SUITE)
    folder = small_course.root / "solutions" / "week44_small"

    def declare(*ids: str, cell: str | None = None) -> None:
        code = cell or cell_sha256(load_assignment(small_course.load(), assignment), "hinge")
        entries = [entry_text(Declared("lab", "hinge", i, code, "both branches are 0 at 0")) for i in ids]
        (folder / "equivalent.toml").write_text("\n\n".join(entries) + "\n")

    def verdict():
        return examine(engine, Workshop.open(small_course.load(), assignment), "hinge", Options())

    return declare, verdict


def by_id(verdict) -> dict:
    return {m.id: m for m in verdict.mutants}


def test_declared_believed_void_and_refused(hinge):
    declare, verdict = hinge
    before = verdict()
    survivors = [m for m in before.mutants if m.fate is Fate.SURVIVED]
    same = next(m for m in survivors if "x >= 0" in m.diff)
    assert "no difference on 150 inputs" in same.note and "[[mutant]]" in same.note
    killed = next(m for m in before.mutants if m.fate is Fate.KILLED)

    declare(same.id, killed.id)
    after = verdict()
    assert by_id(after)[same.id].fate is Fate.EQUIVALENT and "both branches" in by_id(after)[same.id].note
    assert after.live == before.live - 1 and after.score > before.score
    assert f"{killed.id} is declared equivalent, but it is killed" in "\n".join(p.message for p in after.problems)

    declare(same.id, cell="0123456789abcdef")
    void = verdict()
    assert by_id(void)[same.id].fate is Fate.SURVIVED
    assert "is void" in "\n".join(p.message for p in void.problems)


def test_a_false_declaration_is_refuted_on_the_declared_domain(engine, small_course):
    # The suite looks at small inputs only, where clipping at 50 does nothing; the domain reaches further.
    code = "def clipped(x):\n    return jnp.clip(x, -50.0, 50.0)"
    suite = SUITE.replace("hinge", "clipped").replace("5 * np.maximum(x, 0) - 1", "x")
    assignment = small_course.add(45, {"clipped": code}, suite)
    folder = small_course.root / "solutions" / "week45_small"
    workshop = Workshop.open(small_course.load(), assignment)
    sha = cell_sha256(workshop.source, "clipped")
    survivor = next(m for m in examine(engine, workshop, "clipped", Options()).mutants if m.diff.endswith("return x"))
    assert survivor.fate is Fate.SURVIVED
    (folder / "equivalent.toml").write_text(entry_text(Declared("lab", "clipped", survivor.id, sha, "never so large")))

    def examined(domain: str):
        (folder / "domains.py").write_text(domain)
        verdict = examine(engine, Workshop.open(small_course.load(), assignment), "clipped", Options())
        return by_id(verdict)[survivor.id], "\n".join(p.message for p in verdict.problems)

    mutant, said = examined("def lab_clipped(rng, i):\n    yield 'clipped', 40.0 * rng.uniform(-1, 1, size=3)\n")
    assert mutant.fate is Fate.EQUIVALENT
    mutant, said = examined("def lab_clipped(rng, i):\n    yield 'clipped', 60.0 * rng.uniform(-1, 1, size=3)\n")
    assert mutant.fate is Fate.SURVIVED
    assert "is declared equivalent, but differs on input" in said and "of the declared domain" in said
    mutant, said = examined(
        "def lab_clipped(rng, i):\n    yield 'clipped', 60.0 * rng.uniform(-1, 1, size=3)\nlab_clipped.view = lambda y: y.shape\n"
    )
    assert mutant.fate is Fate.EQUIVALENT
    with pytest.raises(AuthoringError, match="the domain of lab_clipped fails at i = 0"):
        examined("def lab_clipped(rng, i):\n    yield 'clipped', object()\n")


# Nothing is promised for negative numbers: it never ends there.
WAITS = "def waits(x):\n    while x.min() < 0:\n        pass\n    return 1.0 * x"
WAITS_SUITE = '''
@question("waits", reference="the input itself")
class TestWaits:
    def test_positive(self, student, rng):
        """x."""
        x = rng.uniform(2.0, 3.0, size=2)
        assert_close(student.waits(x), x, why="exact")
'''


@pytest.mark.slow
def test_inputs_that_the_solution_hangs_on_are_not_all_waited_for(engine, small_course):
    assignment = small_course.add(46, {"waits": WAITS}, WAITS_SUITE)
    verdict = examine(engine, Workshop.open(small_course.load(), assignment), "waits", Options())
    same = next(m for m in verdict.mutants if m.fate is Fate.SURVIVED and "return x" in m.diff)
    assert "(the solution hangs on 3 others: say what is promised in domains.py)" in same.note
    assert 0 < int(re.search(r"no difference on (\d+) inputs", same.note)[1]) < 150 - 3


@pytest.mark.parametrize(
    "text",
    ["[[mutant]]\nid = 'a'\n", "[[mutant]]\nnotebook='lab'\nquestion='q'\nid='a'\ncell='c'\nreason='  '\n", "[[mutant"],
)
def test_an_entry_without_a_reason_is_an_authors_mistake(tmp_path, text):
    (tmp_path / "equivalent.toml").write_text(text)
    with pytest.raises(AuthoringError):
        read_equivalents(tmp_path)


def test_entries_are_printed_ready_to_be_copied(tmp_path):
    entry = Declared("lab", "q", "axis@1:2.3", "0" * 16, "why")
    (tmp_path / "equivalent.toml").write_text(entry_text(entry) + "\n\n" + entry_text(entry))
    assert read_equivalents(tmp_path) == (entry, entry)
    assert read_equivalents(tmp_path / "nowhere") == ()


def test_every_perturbation_keeps_the_shape_of_a_single_number_too():
    rng = np.random.default_rng(0)
    for way in domains._WAYS:
        for shape in ((), (1,), (2, 3), (0,)):
            assert np.shape(way(np.ones(shape), rng)) == shape
