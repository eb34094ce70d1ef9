"""What of a notebook is too new for the Python and the JAX that grade: found on the student's own machine."""

import builtins
import importlib
import sys

import pytest

from course_lib import newer, versions
from course_lib.newer_names import all_names, newest, release

GRADED = {"python": "3.11", "jax": "0.10.2"}
HERE = {"Python": sys.version_info[:2], "JAX": release(versions.here()["jax"])}


def found(*cells: str, graded=GRADED) -> set[tuple[int, int, str]]:
    return {(cell, n.line, n.version) for cell, n in newer.in_cells(list(enumerate(cells, 1)), graded)}


def test_names_are_followed_from_cell_to_cell_whatever_they_are_called():
    first = "import itertools as it, copy\nimport jax.numpy as jnp\nfrom pathlib import Path\nimport warnings\n"
    second = "it.batched([1], 2)\ncopy.replace(p, x=1)\nPath('.').walk()\njnp.top_k(x, 3)\n@warnings.deprecated('')\ndef f(): 0"
    assert found(first, second) == {(2, 1, "3.12"), (2, 2, "3.13"), (2, 3, "3.12"), (2, 4, "0.11"), (2, 5, "3.13")}
    third = "from annotationlib import get_annotations\nfrom string.templatelib import Template\nimport concurrent.interpreters\n"
    assert found(third) == {(1, 1, "3.14"), (1, 2, "3.14"), (1, 3, "3.14")}
    assert found(first, second, graded={"python": "3.13", "jax": "0.12.0.1"}) == set()


@pytest.mark.parametrize(
    "cell",
    [
        "try:\n    from itertools import batched\nexcept ImportError:\n    batched = None",
        "import sys, math\nif sys.version_info >= (3, 12):\n    dot = math.sumprod",
        "from mine import batched\nbatched(1)",
        "class it:\n    batched = 1\nit.batched",
        "import copy, itertools\ncopy.copy(1), itertools.chain([1])",
        "d = {'a': 1}\nprint(f\"{d['a']}\", f'{1!r:>{10}}', f\"a\\n{1}\", f\"{f'{2}'}\", f'''{d['a']}\n{d}''')",
        "try:\n    pass\nexcept (KeyError, ValueError):\n    pass",
        "match [1]:\n    case [x, *rest] if x: pass\ntype = 3\ntype\nprint(type)",
    ],
)
def test_what_the_older_python_knows_or_the_author_provides_for_is_left_alone(cell):
    assert found(cell) == set()


SYNTAX = [
    ('f"{d["a"]}"', (3, 12)),
    ("f'{chr(10) + '\\n'}'", (3, 12)),
    ("f'{d[\"\\n\"]}'", (3, 12)),
    ("f'{\n1}'", (3, 12)),
    ("f'''{1  # one\n}'''", (3, 12)),
    ("f'{f'{1}'}'", (3, 12)),
    ("rf\"{d[\"a\"]:>{10}}\"", (3, 12)),
    ("type X = int", (3, 12)),
    ("type X[T] = list[T]", (3, 12)),
    ("def f[T](x: T) -> T: ...", (3, 12)),
    ("class A[*Ts]: ...", (3, 12)),
    ("class A[T = int]: ...", (3, 13)),
    ("try:\n    pass\nexcept KeyError, ValueError:\n    pass", (3, 14)),
    ("t'{1}'", (3, 14)),
    ("[*x for x in [[1]]]", (3, 15)),
    ("lazy import json", (3, 15)),
]


@pytest.mark.parametrize("text, version", SYNTAX)
def test_syntax_is_named_with_its_line_and_how_to_write_it(text, version):
    if HERE["Python"] < version:
        pytest.skip("only a Python that reads it can look for it")
    text = f"d = {{'a': 1}}\n{text}\n"
    (_, what), *more = [f for f in newer.in_cells([(4, text)], GRADED) if release(f[1].version) == version]
    assert what.line >= 2 and what.remedy and not more
    assert newer.in_cells([(4, text)], {"python": ".".join(map(str, version)), "jax": "9.9"}) == []


def test_the_table_agrees_with_what_is_installed():
    """On each Python that `make pythons` finds: what is said to be newer is not there, what is said to be older is."""
    assert not {d: e for d, e in all_names().items() if _has(d) != (release(e[1]) <= HERE[e[0]])}, HERE


def _has(dotted: str) -> bool:
    place = dotted.split(".")
    for cut in range(len(place), 0, -1):
        try:
            thing = importlib.import_module(".".join(place[:cut]))
        except ImportError:
            continue
        for name in place[cut:]:
            if not hasattr(thing, name):
                return False
            thing = getattr(thing, name)
        return True
    return hasattr(builtins, place[0])


def test_the_set_up_cell_says_where_a_kernel_differs_and_is_silent_where_not():
    own = {"python": "3.13.0", "jax": "0.12.0.1"}
    python, jax = versions.differences(GRADED, own)
    assert "Python 3.13" in python and "graded with Python 3.11" in python and "grader.submit()" in python
    assert "JAX 0.12.0.1" in jax and "graded with JAX 0.10.2" in jax
    older = versions.differences({"python": "3.13", "jax": "0.12.0.1"}, {"python": "3.11.9", "jax": "0.10.2"})
    assert len(older) == 2 and "graded with Python 3.13" in older[0] and "graded with JAX 0.12.0.1" in older[1]
    assert versions.differences(GRADED, {"python": "3.11.2", "jax": "0.10.9"}) == []
    assert versions.differences({}, own) == []
    assert release(newest("Python")) >= (3, 14)
