"""Mistakes of authors, one edit each of the small course, and what `autograder build` must say of it.

Name: file that is edited, text that is replaced, new text, a piece of the line that the message must name, words of what is wrong,
words of the remedy. An empty old text: the new one is put at the end.
"""

from __future__ import annotations

ANSWER = '''\
"""Counts one floor too few.

question: twice
kind: usual
fails: TestTwice::test_height
"""


class Tower:
    def height(self, n):
        return sum(range(n))
'''

_HEIGHT = '    def test_height(self, student):\n        """Heights add up."""\n'
_VALUE = "assert_close(student.softplus(1.0), 1.3132617)"

NOTEBOOK = {
    "no points in the header": ("# autograder: {points: 7}\n", "", "# ---", "does not state the notebook's points", "Add a line"),
    "points that do not add up": ("{points: 7}", "{points: 8}", "autograder:", "says 8, the questions give 7", "Correct the header's"),
    "points of no number": ("{points: 7}", "{points: lots}", "autograder:", "points are 'lots'", "Write the sum"),
    "an unknown header key": ("{points: 7}", "{points: 7, x46: true}", "autograder:", "unknown key 'x46'", "Use points and x64"),
    "x64 of no truth": ("{points: 7}", "{points: 7, x64: 1}", "autograder:", "x64 is 1", "Write true or false"),
    "a header that is no YAML": ("{points: 7}", "{points: 7", "autograder:", "the header is no YAML", "Correct it"),
    "a header that Jupytext cannot read": ("{name: python3, ", "{name: {python3, ", "# ---", "Jupytext cannot read it", "Compare its header"),
    "no title": ("# # Small *things*", "# Small things", "# %% [markdown]", "no title", "Begin it with `# A title`"),
    "a first cell that opens nothing": (
        'grader = open_checks("week03/lab")', "grader = None", "# %%\n", "does not call open_checks", "Make the first code cell"),
    "a first cell of another week": (
        'open_checks("week03/lab")', 'open_checks("week04/lab")', "# %%\n", "another assignment's id", "Make the first code cell"),
    "a misspelt mark": (
        '# %% solution="softplus"', '# %% soluton="softplus"', "soluton", "mark 'soluton' is unknown", "Did you mean 'solution'?"),
    "a misspelt key": ("minutes=10", "minuets=10", "minuets", "mark 'minuets' is unknown", "Did you mean 'minutes'?"),
    "a misspelt tag": ('tags=["demo"]', 'tags=["demmo"]', "demmo", "tag 'demmo' is unknown", "Did you mean 'demo'?"),
    "a tag that is no list": ('tags=["demo"]', 'tags="demo"', 'tags="demo"', 'tags is "demo"', 'Write tags=["demo"]'),
    "a mark with a missing quote": (
        '# %% solution="softplus"', '# %% solution="softplus', '# %% solution="softplus', "marks of this cell cannot be read",
        "with both quotes"),
    "a mark without its other quote": (
        '# %% check="softplus"', '# %% check=softplus"', "# %% check=softplus", "marks of this cell cannot be read", "with both quotes"),
    "a mark without an equals sign": (
        '# %% check="softplus"', '# %% check "softplus"', "# %% check ", "is no mark", 'Write marks as key="value"'),
    "a mark without a value": ('# %% check="softplus"', "# %% check=", "# %% check=", "cannot be read", 'key="value"'),
    "a mark without a blank": (
        '# %% check="softplus"', '# %%check="softplus"', "# %%check", "looks like the mark of a cell", "Write `# %%`, a blank"),
    "a key without a question": (
        '# %% solution="softplus"', '# %% solution="softplus" points=2', 'solution="softplus" points=2', "without question=", "Move it to the heading"),
    "two marks on one cell": (
        '# %% solution="softplus"', '# %% solution="softplus" check="twice"', 'check="twice"', "at once", "Split it"),
    "no points": ("points=3 needs", "needs", 'needs="softplus"', "has no points", "Add points=4"),
    "negative points": ("points=3", "points=-3", "points=-3", "points=-3 is no number it can be", "Write points=4"),
    "points in quotes": ("points=3", 'points="3"', 'points="3"', "points='3' is no number", "Write points=4"),
    "a question without a heading": ("# ### 2. Two pieces", "# Two pieces", "points=3", "no heading line", "Begin the cell with"),
    "one id for two questions": (
        'question="twice" points=3 needs="softplus"', 'question="softplus" points=3', "points=3", "is also in line 28", "Rename one"),
    "a solution of an unknown question": (
        '# %% solution="twice"', '# %% solution="twise"', "twise", "unknown question 'twise'", "Did you mean 'twice'?"),
    "a check of an unknown question": (
        '# %% check="softplus"', '# %% check="softpuls"', "softpuls", "unknown question 'softpuls'", "Did you mean 'softplus'?"),
    "no check": ('# %% check="softplus"', '# %% tags=["demo"]', 'question="softplus"', "has no public check", "Add a cell"),
    "a written question without answer": (
        '# %% [markdown] solution="why"', "# %% [markdown]", 'question="why"', "needs one model answer", "Add one cell"),
    "an answer to no written question": (
        " written=true", "", 'solution="why"', "not written=true", "Add written=true"),
    "an id that is none": (
        'question="twice" points=3', 'question="2twice" points=3', "2twice", "is no question id", "Use a letter, then"),
    "an unknown need": ('needs="softplus"', 'needs="softpls"', "softpls", "needs an unknown question", "Did you mean 'softplus'?"),
    "needs in a circle": ('bans="autodiff"', 'needs="twice"', 'needs="twice"', "softplus -> twice -> softplus", "Take one of them"),
    "an unknown ban": ('bans="autodiff"', 'bans="autodif"', 'bans="autodif"', "unknown ban 'autodif'", "Did you mean 'autodiff'?"),
    "a fence that is not closed": (
        "    ### END SOLUTION\n\n\n# %% check=", "\n\n# %% check=", "    ### BEGIN", "opened here is never closed", "Correct the fence"),
    "a misspelt fence": (
        "    ### BEGIN SOLUTION\n    # secret", "    ## BEGIN SOLUTON\n    # secret", "SOLUTON", "looks like a fence", "Correct the"),
    "a fence in a fence": (
        "    # secret comment of the solution", "    ### BEGIN SOLUTION", "    ### BEGIN SOLUTION\n    return max", "opened inside a solution",
        "Correct the"),
    "a fence in Markdown": (
        "# Why it matters.", "# ### BEGIN SOLUTION", 'question="softplus"', "outside a solution cell", "Move or remove it"),
    "a solution cell without a fence": (
        "    ### BEGIN SOLUTION\n    # secret comment of the solution\n    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))\n"
        "    ### END SOLUTION\n", "    return 0.0\n", '# %% solution="softplus"', "has no fence", "Put ### BEGIN SOLUTION"),
    "a fence around half a statement": (
        "    base = base * n + 41\n    ### END SOLUTION\n", "    if n:\n    ### END SOLUTION\n        base = 44\n",
        '# %% solution="twice"', "no Python", "whole statements"),
    "a syntax error": ("SCALE = 2.0", "SCALE = = 2.0", "SCALE = = 2.0", "a syntax error", "Correct the line"),
    "one name for two questions": (
        "def shadow(n):", "def softplus(n):", '# %% solution="twice"', "already defined in the cell of line 32", "another name"),
    "a demonstration that defines a graded name": (
        "curve = [", "SCALE = 3\ncurve = [", '# %% tags=["demo"]', "defines 'SCALE', which the cell of line 20 uses", "Rename it"),
    "an assert without a message": (', "height counts from zero"', "", "assert Tower()", "has no message", "Add one that names"),
    "a check that asserts nothing": (
        "assert Tower().height(3) == 6, ", "", '# %% check="twice"', "asserts nothing", "Write assert"),
    "a check that takes otter's name": ("big = 1e4", "big = env", '# %% check="softplus"', "reads 'env'", "another one"),
    "a call of the check written out": (
        'print("demo", len(curve))', 'grader.check("softplus")', "grader.check(", "calls grader.check itself", "Remove it"),
    "a line of the solution in Markdown": (
        "# Why it matters.", "# Compute\n# `return max(x, 0.0) + math.log1p(math.exp(-abs(x)))`", "# `return max",
        "shows students a line of a solution", "Write it differently"),
    "an answer that follows nothing": ("instructor=true", 'answer="softplus"', 'answer="softplus"', "directly after", "Move it there"),
    "a prediction without text": (
        "# **Predict.** Where does the hinge bend?\n", "", 'predict="softplus"', "predict= cell of 'softplus' is empty", "Write its"),
    "an answer without text": (
        "# At zero, says the *folded* answer: $\\log 2$.", "", 'answer="softplus"', "answer= cell of 'softplus' is", "Write"),
    "a reflection in code": ('[markdown] reflect="softplus"', 'reflect="softplus"', "reflect=", "stands on a code cell", "Markdown"),
    "a cell that calls a stub": (
        "# %% [markdown]\n# The end.", "# %%\nlevel = 3.0\ntop = scaled(softplus(level))", "top = scaled", "Run All stops here",
        'tags=["demo"]'),
    "a cell that calls a stub by a helper": (
        "# %% [markdown]\n# The end.", "# %%\ndef helper(x):\n    return softplus(x) + 1\n\n\ntop = [helper(1.0)]", "top = [",
        "calls 'helper'", 'tags=["demo"]'),
}  # fmt: skip

SUITE = {
    "a question without tests": (
        '"twice", reference="by hand"', '"softplus"', '"""Hidden suite', "'twice' has no hidden test", "Write a class"),
    "tests of an unknown question": (
        '@question("twice"', '@question("twcie"', "class TestTwice", "unknown question 'twcie'", "Did you mean 'twice'?"),
    "tests of a written question": (
        '@question("twice"', '@question("why"', "class TestTwice", "which a person marks", "Remove the tests"),
    "a class of no question": (
        '@question("twice", reference="by hand")\n', "", "class TestTwice", "has no @question", 'Write @question("id")'),
    "a test outside classes": (
        '@question("twice"', 'def test_x(s): ...\n\n\n@question("twice"', "def test_x", "belongs to no question", "Move it into"),
    "a misspelt name of the notebook": (
        "student.softplus(1.0)", "student.sofplus(1.0)", "sofplus", "asks for 'sofplus'", "Did you mean 'softplus'?"),
    "a name that the notebook has not, asked for in a probe": (
        'has("shadow")', 'has("shadows")', 'has("shadows")', "shadows", "Did you mean 'shadow'?"),
    "a misspelt name in a probe": ("ns.Tower()", "ns.Towr()", "Towr", "asks for 'Towr'", "Did you mean 'Tower'?"),
    "a syntax error in the suite": ("class TestTwice:", "class TestTwice", "class TestTwice", "a syntax error", "Correct the line"),
    "two classes of one name": (
        "", '\n\n@question("twice", reference="x")\nclass TestTwice:\n    pass\n', "class TestTwice:\n    pass", "already defined in line 15",
        "another name"),
    "two classes of one question": (
        "", '\n\n@question("twice", reference="x")\nclass TestMore:\n    def test_more(self, student):\n        """More."""\n',
        "class TestMore", "TestMore tests question 'twice', and so does TestTwice in line 15", "one class"),
    "a class that pytest passes over": (
        "class TestTwice:", "class Twice:", "class Twice", "pytest does not collect Twice", "Call it TestTwice"),
    "a class with an __init__": (
        _HEIGHT, "    def __init__(self):\n        self.n = 4\n\n" + _HEIGHT, "def __init__", "pytest does not collect", "a fixture"),
    "a method that is no test": (
        "def test_shadow", "def check_shadow", "def check_shadow", "check_shadow never runs", "Call it test_check_shadow"),
    "two tests of one name": (
        "def test_shadow", "def test_height", 'student):\n        """Shadows', "test_height is already defined in line 16", "another"),
    "a test without a docstring": (
        '        """Shadows too."""\n', "", "def test_shadow", "test_shadow has no docstring", "what a student reads"),
    "a class without a reference": (
        '"twice", reference="by hand"', '"twice"', "class TestTwice", "TestTwice has no reference", "where expected values come from"),
    "an empty reference": (
        'reference="by hand"', 'reference=" "', "class TestTwice", "TestTwice has no reference", "where expected values come from"),
    "tests that are all gated": (
        '    def test_value', "    @gated\n    def test_value", "class TestSoftplus", "all tests of TestSoftplus are gated", "Take @gated"),
    "an unknown fixture": (
        "def test_height(self, student)", "def test_height(self, studnet)", "studnet", "fixture 'studnet'", "Did you mean 'student'?"),
    "a test without self": (
        "def test_height(self, student)", "def test_height(student)", "def test_height", "has no argument self", "(self, ...)"),
    "a name that is not defined": (_VALUE, _VALUE.replace("1.3132617", "expected"), "expected", "'expected' is not defined", "define it"),
    "a misspelt import of ours": (
        "import assert_close, question", "import assert_closely, question", "assert_closely", "has no 'assert_closely'",
        "Did you mean 'assert_close'?"),
    "a package that is not there": (
        '"""Hidden suite of week03/lab."""', "import nupmy", "nupmy", "'nupmy' is not installed", "Correct its name"),
    "an import of the solution": (
        '"""Hidden suite of week03/lab."""', "from lab import softplus", "from lab", "imports lab: it never sees the solution", "Remove"),
    "an import of what lies beside": (
        '"""Hidden suite of week03/lab."""', "from . import helpers", "helpers", "never sees the solution", "Remove it"),
    "a solution read from its file": (
        '"""Hidden suite of week03/lab."""', 'TEXT = open("../lab.py")', "open(", "it reads no file", "Remove it"),
    "a weight of zero": ("    def test_height", "    @weight(0)\n    def test_height", "@weight(0)", "the weight is 0", "positive number"),
    "a weight in quotes": (
        "    def test_height", '    @weight("2")\n    def test_height', "@weight", "the weight is '2'", "positive number"),
    "a weight that is not said": (
        "    def test_height", "    @weight\n    def test_height", "@weight", "@weight says nothing", "Write @weight(2)"),
    "a gate with brackets": (
        "    def test_height", "    @gated()\n    def test_height", "@gated()", "takes no arguments", "Write @gated alone"),
    "a helper that may not cross": (
        "lambda ns: ns.Tower().height(4)", "lambda ns: plus(ns.Tower().height(3))", "lambda ns", "'plus' (line 4) would go into",
        "@sendable"),
    "a function of the test that may not cross": (
        _VALUE, "slope = lambda x: x\n        assert_close(student.softplus(slope), 1.3)", "student.softplus(slope)",
        "'slope' (line 11) would go into", "@sendable"),
}  # fmt: skip

ANSWERS = {
    "an answer of an unknown question": ("question: twice", "question: twcie", "twcie", "question 'twcie'", "Did you mean 'twice'?"),
    "an answer that fails an unknown test": (
        "::test_height", "::test_hieght", "test_hieght", "a test 'TestTwice::test_hieght', which there is not", "test_height"),
    "a wrong answer that fails nothing": ("fails: TestTwice::test_height\n", "", '"""Counts', "which test must fail", "fails: <TestClass"),
    "an answer of an unknown kind": ("kind: usual", "kind: common", "kind: common", "kind: common", 'Write "kind: usual"'),
    "an answer that replaces nothing": ("class Tower", "class Tour", '"""Counts', "defines no name that a solution cell", "names that the"),
    "a syntax error in an answer": ("class Tower:", "class Tower", "class Tower", "a syntax error", "Correct the line"),
}  # fmt: skip

COURSE = {
    "a course file that is no TOML": ("[course]", "[course", "[course", "cannot be read as TOML", "Dates are written"),
    "an unknown key": ('title = "Small things"', 'titel = "Small things"', "[[week]]", "[week 1] title: is missing", "Add it"),
    "a folder of another week": (
        'folder = "week03_small"', 'folder = "week04_small"', "week04_small", "must begin with week03_", "letters, digits"),
    "a folder misspelt": (
        'folder = "week03_small"', 'folder = "week03_smal"', "week03_smal", "names the folder 'week03_smal', which there is not; there is",
        "Correct the name here"),
    "a week numbered twice": (
        "", '[[week]]\nnumber = 3\nfolder = "week04_more"\ntitle = "More"\n', 'number = 3\nfolder = "week04', "[week 1] has the same number",
        "Give each week its own"),
    "two weeks of one folder": (
        "", '[[week]]\nnumber = 4\nfolder = "week03_small"\ntitle = "More"\n', 'folder = "week03_small"\ntitle = "More',
        "[week 1] has the same folder", "Give each week its own"),
    "a week too many": (
        "", '[[week]]\nnumber = 4\nfolder = "week04_more"\ntitle = "More"\n', "[term]", "[term] has 1 teaching weeks", "Change `skip`"),
    "a due date before the release": (
        "", "[week.lab]\ndue = 2026-03-01T12:00:00\n", "due = 2026-03-01", "is not after the release", "Move one"),
}  # fmt: skip

TABLES = {"lab": NOTEBOOK, "suite": SUITE, "answer": ANSWERS, "course": COURSE}
MISTAKES = {f"{where}: {name}": (where, *row) for where, table in TABLES.items() for name, row in table.items()}
