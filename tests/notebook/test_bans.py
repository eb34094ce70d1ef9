"""Which code a question's names reach, and what its names mean there. Every case is a notebook; nothing is run."""

import time

import pytest

from autograder.notebook.bans import FAMILIES, find_banned, is_known

IMPORTS = "import jax\nimport jax.numpy as jnp\nimport numpy as np\nfrom jax import lax"


def used(*cells: str, names=("backprop",), bans=("autodiff",)) -> list[str]:
    return [u.name for u in find_banned([IMPORTS, *cells], names, bans).used]


def dynamic(*cells: str) -> list[str]:
    return [u.name for u in find_banned([IMPORTS, *cells], ("backprop",), ("autodiff",)).dynamic]


BROKEN = {
    "plain": "def backprop(p): return jax.grad(loss)(p)",
    "from import": "from jax import grad\ndef backprop(p): return grad(loss)(p)",
    "import as": "from jax import grad as g\ndef backprop(p): return g(loss)(p)",
    "module alias": "j = jax\ndef backprop(p): return j.grad(loss)(p)",
    "function alias": "g = jax.grad\ndef backprop(p): return g(loss)(p)",
    "local import": "def backprop(p):\n    from jax import value_and_grad as v\n    return v(loss)(p)[1]",
    "local alias": "def backprop(p):\n    j = jax\n    return j.vjp(loss, p)",
    "tuple alias": "a, j = 1, jax\ndef backprop(p): return j.jvp(loss, (p,), (p,))",
    "private api": "import jax._src.api as api\ndef backprop(p): return api.grad(loss)(p)",
    "private attribute": "def backprop(p): return jax._src.api.grad(loss)(p)",
    "star": "from jax import *\ndef backprop(p): return jacrev(loss)(p)",
    "helper": "def helper(p): return jax.linearize(loss, p)\ndef backprop(p): return helper(p)",
    "later helper": "def backprop(p): return helper(p)\ndef helper(p): return jax.hessian(loss)(p)",
    "default": "def backprop(p, g=jax.grad): return g(loss)(p)",
    "default module": "def backprop(p, j=jax): return j.grad(loss)(p)",
    "decorator": "@jax.custom_vjp\ndef backprop(p): return p",
    "assigned lambda": "backprop = lambda p: jax.grad(loss)(p)",
    "assigned grad": "backprop = jax.grad(lambda p: p)",
    "wrapped": "def impl(p): return jax.grad(loss)(p)\nbackprop = jax.jit(impl)",
    "rebound by jit": "def backprop(p): return jax.grad(loss)(p)\nbackprop = jax.jit(backprop)",
    "class": "class Engine:\n    def run(self, p): return jax.grad(loss)(p)\ndef backprop(p): return Engine().run(p)",
    "table": "TOOLS = {'g': jax.grad}\ndef backprop(p): return TOOLS['g'](loss)(p)",
    "table filled later": "TOOLS = {}\nTOOLS['g'] = jax.grad\ndef backprop(p): return TOOLS['g'](loss)(p)",
    "list appended": "TOOLS = []\nTOOLS.append(jax.grad)\ndef backprop(p): return TOOLS[0](loss)(p)",
    "attribute set": "def backprop(p): return backprop.g(loss)(p)\nbackprop.g = jax.grad",
    "global": "def setup():\n    global g\n    g = jax.grad\nsetup()\ndef backprop(p): return g(loss)(p)",
    "conditional": "if True:\n    from jax import grad\nelse:\n    grad = None\ndef backprop(p): return grad(loss)(p)",
    "try": "try:\n    from jax import grad\nexcept ImportError:\n    pass\ndef backprop(p): return grad(loss)(p)",
    "old version kept": (
        "def helper(p): return jax.grad(loss)(p)\nkeep = helper\ndef helper(p): return p\ndef backprop(p): return keep(p)"
    ),
    "walrus": "def backprop(p): return (g := jax.grad)(loss)(p)",
    "argument": "import functools\nbackprop = functools.partial(jax.grad, lambda p: p)",
    "nested function": "def backprop(p):\n    def inner(): return jax.grad(loss)(p)\n    return inner()",
    "comprehension": "def backprop(p): return [g(loss)(p) for g in [jax.grad]]",
    "timed cell": "%%time\ndef backprop(p): return jax.grad(loss)(p)",
    "nested attribute": "def backprop(p): return jax.grad.__call__(loss)(p)",
    "star of jax.numpy before": "from jax.numpy import *\nfrom jax import *\ndef backprop(p): return grad(loss)(p)",
    "interpreters": "from jax.interpreters import ad\ndef backprop(p): return ad.jvp(loss)",
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_banned_function_is_found_however_it_is_named(case):
    assert used(BROKEN[case]), case


ALLOWED = {
    "own function": "def grad(x): return x\ndef backprop(p): return grad(p)",
    "own function over an import": "from jax import grad\ndef grad(x): return x\ndef backprop(p): return grad(p)",
    "own argument": "from jax import grad\ndef backprop(p, grad): return grad(p)",
    "own variable": "from jax import grad\ndef backprop(p):\n    grad = p\n    return grad.sum()",
    "own method": "class T:\n    def grad(self): return 1\ndef backprop(p): return T().grad()",
    "own attribute": "def backprop(node): return node.grad + node.vjp",
    "key": "def backprop(params): return params['grad'], dict(grad=1)",
    "comment and strings": 'def backprop(p):\n    """Not jax.grad(loss)."""\n    return "jax.grad"  # jax.grad',
    "another cell": "def backprop(p): return p\nexpected = jax.grad(loss)(1.0)",
    "check in a scratch cell": (
        "def backprop(p): return np.asarray(p)\nnp.testing.assert_allclose(backprop(1.0), jax.grad(loss)(1.0))"
    ),
    "compare in a scratch cell": "def backprop(p): return p\ncompare(backprop, jax.grad(loss))",
    "unreached helper": "def helper(p): return jax.grad(loss)(p)\ndef backprop(p): return p",
    "import only": "from jax import grad, vjp\ndef backprop(p): return p",
    "finite differences": "def backprop(p): return jnp.gradient(p) + np.gradient(p)",
    "loop variable": "from jax import grad\ndef backprop(p): return [grad + 1 for grad in p]",
    "replaced version": "def backprop(p): return jax.grad(loss)(p)\ndef backprop(p): return p",
    "builtin types": "def backprop(p): return dict.fromkeys(p, 0.0), str.join(',', p), sum(map(float, p)), type(p)(p)",
    "other jax": "def backprop(p): return jax.vmap(jax.jit(lax.scan))(p), jax.tree.map(jnp.sum, p), jax.nn.relu(p)",
}


@pytest.mark.parametrize("case", ALLOWED)
def test_what_only_looks_like_it_is_left_alone(case):
    found = find_banned([IMPORTS, ALLOWED[case]], ("backprop",), ("autodiff",))
    assert found.used == () and found.dynamic == (), case


DYNAMIC = {
    "getattr": ("def backprop(p): return getattr(jax, 'gr' + 'ad')(loss)(p)", "getattr"),
    "eval": ("def backprop(p): return eval('jax.gr' + 'ad')(loss)(p)", "eval"),
    "exec": ("def backprop(p):\n    exec('g = jax.gr' + 'ad')", "exec"),
    "importlib": (
        "import importlib\ndef backprop(p): return importlib.import_module('jax')",
        "importlib.import_module",
    ),
    "__import__": ("def backprop(p): return __import__('jax')", "__import__"),
    "globals": ("def backprop(p): return globals()['jax']", "globals"),
    "vars": ("def backprop(p): return vars(jax)['grad']", "vars"),
    "__dict__": ("def backprop(p): return jax.__dict__['grad']", "__dict__"),
    "sys.modules": ("import sys\ndef backprop(p): return sys.modules['jax']", "sys.modules"),
    "module as value": ("class T:\n    pass\nt = T()\nt.j = jax\ndef backprop(p): return t.j.grad(loss)(p)", "jax"),
    "module in a list": ("def backprop(p): return [jax][0].grad(loss)(p)", "jax"),
    "builtins by name": ("import builtins\ndef backprop(p): return builtins.eval('p')", "builtins.eval"),
    "hidden alias": ("G = getattr\ndef backprop(p): return G(jax, 'grad')", "getattr"),
}


@pytest.mark.parametrize("case", DYNAMIC)
def test_dynamic_access_is_reported_apart(case):
    source, expected = DYNAMIC[case]
    assert expected in dynamic(source), case


def test_dynamic_access_elsewhere_is_not_reported():
    assert dynamic("def backprop(p): return p\nx = getattr(p, 'shape')") == []


def test_a_finding_says_cell_line_and_what_was_written():
    found = find_banned(
        [IMPORTS, "x = 1", "j = jax\n\ndef backprop(p):\n    return j.grad(loss)(p)"], ("backprop",), ("autodiff",)
    )
    (use,) = found.used
    assert (use.cell, use.line, use.name, use.written) == (2, 4, "jax.grad", "j.grad")


def test_cells_that_cannot_be_parsed_and_magics_do_not_break_it():
    cells = ["def broken(:", "%matplotlib inline\n!ls", "%%bash\necho hi", "\x00", "(" * 3000]
    assert used(*cells, "def backprop(p): return jax.grad(loss)(p)") == ["jax.grad"]


HOSTILE = {
    "many bindings": "".join(f"x = {n}\n" for n in range(30_000)) + "def backprop(p): return " + "+".join(["x"] * 300),
    "self reference": "a = b if 1 else a\nb = a if 1 else b\na.c = b\ndef backprop(p): return a.x.y(b)",
    "deep": "def backprop(p): return " + "-" * 5000 + "p",
    "long chain": "def backprop(p): return p" + ".a" * 20_000,
    "many magics": "!ls\n" * 20_000 + "def backprop(p): return p",
    "calls in calls": "def backprop(p): return " + "p.f(" * 150 + "p" + ")" * 150,
    "branches": "def backprop(p):\n" + "".join(f"    x{n} = x{n - 1} if p else x{n - 1}\n" for n in range(1, 60)) + "    x59.z",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_text_is_read_in_bounded_time_or_left_to_a_person(case):
    start = time.process_time()
    found = find_banned([IMPORTS, HOSTILE[case]], ("backprop",), ("autodiff",))
    assert time.process_time() - start < 8 and found.used == ()


def test_what_is_too_tangled_goes_to_a_person():
    source = "".join(f"x = {n}\n" for n in range(30_000)) + "def backprop(p): return " + "+".join(["x"] * 300)
    assert [u.name for u in find_banned([source], ("backprop",), ("autodiff",)).dynamic] == ["code too tangled to read"]


@pytest.mark.parametrize(
    "code",
    [
        "lax.conv_general_dilated(x, k, (1,), 'SAME')",
        "lax.conv(x, k, (1,), 'SAME')",
        "lax.reduce_window(x, 0.0, lax.add, (2,), (2,), 'VALID')",
        "jnp.convolve(x, k)",
        "jax.scipy.signal.convolve2d(x, k)",
        "lax.conv_general_dilated_patches(x, (2,), (1,), 'SAME')",
        "np.correlate(x, k)",
    ],
)
def test_the_convolution_family(code):
    assert used(f"def conv2d(x, k): return {code}", names=("conv2d",), bans=("convolution",))


@pytest.mark.parametrize("code", ["jnp.einsum('ij,j', x, k)", "lax.dynamic_slice(x, (0,), (2,))", "jnp.fft.fft2(x)"])
def test_what_a_convolution_is_built_from_is_allowed(code):
    assert not used(f"def conv2d(x, k): return {code}", names=("conv2d",), bans=("convolution",))


def test_single_functions_can_be_banned_by_their_name():
    assert used("def f(a): return jnp.linalg.pinv(a)", names=("f",), bans=("jnp.linalg.pinv",)) == ["jax.numpy.linalg.pinv"]
    assert not used("def f(a): return jnp.linalg.inv(a)", names=("f",), bans=("jnp.linalg.pinv",))


def test_every_family_of_jax_names_something_that_exists():
    import importlib

    for family in ("autodiff", "convolution", "softmax", "attention"):
        for pattern in FAMILIES[family]:
            if pattern.startswith("jax.") and "*" not in pattern and pattern.count(".") <= 2:
                owner, _, name = pattern.rpartition(".")
                known = hasattr(importlib.import_module(owner), name)
                # Old or coming names are kept: a student's jax may be another one.
                assert known or pattern in {"jax.vjp3", "jax.fwd_and_bwd", "jax.saved_input_vjp", "jax.si_vjp"}, pattern


def test_is_known():
    assert is_known("autodiff") and is_known("jnp.linalg.inv") and is_known("jax.numpy.linalg.inv")
    assert not is_known("autodif") and not is_known("foo.bar") and not is_known("")


@pytest.mark.parametrize(
    "code",
    [
        "backprop = lambda x: 1.0 if x else 2.0",
        "backprop = lambda x: lambda y: x + y",
        "def backprop(x):\n    pick = lambda y: y if y > 0 else x\n    return pick(x)",
    ],
)
def test_lambdas_that_branch_or_nest_are_read_like_others(code):
    assert used(code) == [] and dynamic(code) == []
    assert used(code + "\nbackprop_2 = lambda x: jax.grad(loss)(x) if x else 0", names=("backprop_2",)) == ["jax.grad"]
