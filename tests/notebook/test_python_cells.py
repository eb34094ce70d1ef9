"""Names and magics of single cells, as the notebook floor and the submissions' reader see them."""

import contextlib

import pytest

from autograder.notebook.fences import FenceError, find_fences, with_stubs, without_marks
from autograder.notebook.python_cells import cell_names, free_names, parse_cell, python_text


def test_names_of_a_cell():
    names = cell_names(
        "import numpy as np\nfrom jax import grad as g\nK: int = 3\na, (b, *c) = np.zeros(3), [1, 2]\n"
        "for i in range(K):\n    def inner(): return later + a\nclass T(Base):\n    x = g\nwith open('f') as stream: pass\n"
        "total = [y for y in c]\n"
    )
    assert names.functions == ("inner", "T")
    assert set(names.assigned) == {"K", "a", "b", "c", "i", "stream", "total"}
    assert set(names.imported) == {"np", "g"}
    assert names.reads == {"later", "Base"}
    assert {"later", "a", "g"} <= names.late_reads


def test_local_names_are_no_reads():
    names = cell_names("def f(x, *args, y=default):\n    z = x + y\n    return [w for w in z if w > outer]")
    assert names.reads == {"default", "outer"} and names.functions == ("f",)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("%matplotlib inline\nx = 1", ("x",)),
        ("!pip list\nx = 1", ("x",)),
        ("files = !ls\nx = 1", ("files", "x")),
        ("x = 1\nx?", ("x",)),
        ("%time x = 1", ("x",)),
        ("%timeit -n 3 -r 1\nx = 1", ("x",)),
        ("%%time\nx = 1", ("x",)),
        ("%%capture out\nx = 1", ("x",)),
        ("%%bash\nx=1", ()),
        ("\n%%html\n<b>x</b>", ()),
        ("if True:\n    %pylab\nx = 1", ("x",)),
        ("x = 7\\\n% 4", ("x",)),
        ('x = """\n%not magic\n!neither\n"""', ("x",)),
    ],
)
def test_magics(cell, expected):
    assert cell_names(cell).defines == expected


def test_lines_keep_their_numbers():
    tree = parse_cell("%%time\n%matplotlib inline\n\ndef f(): pass")
    assert tree.body[-1].lineno == 4
    assert python_text('x = """\r\n%s\r\n"""') == 'x = """\n%s\n"""'


@pytest.mark.parametrize("cell", ["def f(:", "x = 1\x00", "(" * 5000, "x ="])
def test_what_is_no_python_is_a_syntax_error(cell):
    with pytest.raises(SyntaxError):
        cell_names(cell)


def test_free_names_of_a_check():
    assert free_names("def check():\n    k = f(x)\n    assert k > max(t), [n for n in k]") == ("f", "t", "x")


def test_fences_at_any_indentation_and_more_than_one():
    begin, end = "    ### BEGIN SOLUTION\n", "    ### END SOLUTION"
    source = f"def f():\n{begin}    a = 1\n{end}\n    b = 2\n{begin}    c\n{end}"
    stub = '    raise NotImplementedError("f: write your code between here and the next cell")'
    assert with_stubs(source, "q") == f"def f():\n{stub}\n    b = 2\n{stub}"
    assert without_marks(source) == "def f():\n    a = 1\n    b = 2\n    c"
    top = "### BEGIN SOLUTION\nx = 1\n### END SOLUTION"
    assert with_stubs(top, "q") == stub.strip().replace("f:", "q:")
    nested = "def f():\n    def g():\n        ### BEGIN SOLUTION\n        pass\n        ### END SOLUTION\n    return g"
    assert '"f.g: ' in with_stubs(nested, "q")
    after = "def f():\n    pass\n\n\n### BEGIN SOLUTION\nx = f()\n### END SOLUTION"
    assert '"q: ' in with_stubs(after, "q")


@pytest.mark.parametrize("source", ["### END SOLUTION", "### BEGIN SOLUTION", "# begin solution\nx", "### BEGIN  SOLUTIONS\nx"])
def test_broken_fences(source):
    with pytest.raises(FenceError):
        find_fences(source)


_ELIFS, _LAMBDAS, _SUM = "if 0: pass\n" + "elif 0: pass\n" * 1300, "f = " + "lambda: " * 1300 + "1", "f = 1" + " + 1" * 3000


@pytest.mark.parametrize("text", [_ELIFS, _LAMBDAS, _SUM])
def test_chains_deeper_than_python_can_walk_are_a_syntax_error_at_worst(text):
    with contextlib.suppress(SyntaxError):
        cell_names(text)
