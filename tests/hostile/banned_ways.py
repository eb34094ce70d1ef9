"""Ways to what a question forbids: each is a few cells that answer it by the forbidden machinery, named so that it is hard
to see.

`AUTODIFF` answers `swish_slope` of week 3's lab, `CONVOLUTION` answers `correlate` of week 8's. Every one gives right values;
none may end with marks and without a word to the staff.
"""

# ruff: noqa: E501 - a table of programs, one a line
from __future__ import annotations

import itertools

_SUM = "lambda t: jnp.sum(swish(t, beta))"
_SLOPE = f"def swish_slope(z, beta):\n    return g({_SUM})(z)"


def _slope(body: str) -> str:
    """`swish_slope` with a body in which f is swish for the given beta, and D takes the diagonal of a Jacobian."""
    lines = "\n    ".join(body.split("\n"))
    return (
        "def swish_slope(z, beta):\n    f = lambda t: swish(t, beta)\n    one = jnp.ones_like(z)\n"
        f"    D = lambda J: jnp.diagonal(J.reshape(z.size, z.size)).reshape(z.shape)\n    {lines}"
    )


# The machinery itself, each in its own form.
_FORMS = {
    "grad": "return jax.grad(lambda t: f(t).sum())(z)",
    "value and grad": "return jax.value_and_grad(lambda t: f(t).sum())(z)[1]",
    "grad with aux": "return jax.grad(lambda t: (f(t).sum(), t), has_aux=True)(z)[0]",
    "grad of a map": "return jax.vmap(jax.grad(f))(z.ravel()).reshape(z.shape)",
    "grad by lax.map": "return jax.lax.map(jax.grad(f), z.ravel()).reshape(z.shape)",
    "grad under jit": "return jax.jit(jax.grad(lambda t: f(t).sum()))(z)",
    "grad of jit": "return jax.grad(jax.jit(lambda t: f(t).sum()))(z)",
    "grad of checkpoint": "return jax.grad(jax.checkpoint(lambda t: f(t).sum()))(z)",
    "grad through a scan": "return jax.grad(lambda t: jax.lax.scan(lambda c, a: (c + f(a), a), 0.0, t.ravel())[0])(z)",
    "grad in a scan": "return jax.lax.scan(lambda c, a: (c, jax.grad(f)(a)), 0, z.ravel())[1].reshape(z.shape)",
    "grad in a condition": "return jax.lax.cond(True, jax.grad(lambda t: f(t).sum()), lambda t: t, z)",
    "grad by vectorize": "return jnp.vectorize(jax.grad(f))(z)",
    "vjp": "return jax.vjp(f, z)[1](one)[0]",
    "vjp of the vjp": "return jax.vjp(lambda c: jax.vjp(f, z)[1](c)[0], one)[1](one)[0]",
    "jvp": "return jax.jvp(f, (z,), (one,))[1]",
    "jacfwd": "return D(jax.jacfwd(f)(z))",
    "jacrev": "return D(jax.jacrev(f)(z))",
    "jacobian": "return D(jax.jacobian(f)(z))",
    "hessian": "return D(jax.hessian(lambda w: (w * jax.lax.stop_gradient(f(z) * 0)).sum() + 0.5 * (w * w).sum())(z)) * jax.grad(lambda t: f(t).sum())(z)",
    "linearize": "return jax.linearize(f, z)[1](one)",
    "linearize, transposed": "return jax.linear_transpose(jax.linearize(f, z)[1], z)(one)[0]",
    "sparse grad": "from jax.experimental import sparse\nreturn sparse.grad(lambda t: f(t).sum())(z)",
    "sparse value and grad": "from jax.experimental import sparse\nreturn sparse.value_and_grad(lambda t: f(t).sum())(z)[1]",
    "sparse jacfwd": "from jax.experimental import sparse\nreturn D(sparse.jacfwd(f)(z))",
    "jet": "from jax.experimental.jet import jet\nreturn jet(f, (z,), ([one],))[1][0]",
    "complex grad": "return jnp.real(jax.grad(lambda t: (t * jax.nn.sigmoid(beta * t)).sum(), holomorphic=True)(z + 0j))",
    "private vjp": "from jax._src.api import vjp\nreturn vjp(f, z)[1](one)[0]",
    "private jvp": "import jax._src.api as a\nreturn a.jvp(f, (z,), (one,))[1]",
    "interpreters": "from jax._src.interpreters import ad\nreturn jax._src.api.grad(lambda t: f(t).sum())(z)",
    "optax's jax": "import optax\nreturn optax._src.base.jax.grad(lambda t: f(t).sum())(z)",
    "optax's jax, elsewhere": "import optax\nreturn optax._src.numerics.jax.grad(lambda t: f(t).sum())(z)",
    "another module's jax": "import jax.example_libraries.optimizers as s\nreturn s.jax.grad(lambda t: f(t).sum())(z)",
    "a library function's jax": "import optax\nreturn optax.safe_increment.__globals__['jax'].grad(lambda t: f(t).sum())(z)",
    "the first derivative by averaging": "return 0.5 * (jax.jvp(f, (z,), (one,))[1] + jax.vjp(f, z)[1](one)[0])",
}

# Ways to call jax.grad something else. Every entry is a list of cells; in the last one swish_slope uses g.
_NAMES = {
    "class body": ["class Tools:\n    from jax import grad\ng = Tools.grad", _SLOPE],
    "class attribute": ["class Tools:\n    grad = jax.grad\ng = Tools.__dict__['grad']", _SLOPE],
    "global in a function": ["def prepare():\n    global g\n    from jax import grad as g\nprepare()", _SLOPE],
    "match capture": ["match jax.grad:\n    case g:\n        pass", _SLOPE],
    "match of a class": ["match [jax.grad]:\n    case [g]:\n        pass", _SLOPE],
    "match of an attribute": ["match {'a': jax.grad}:\n    case {'a': g}:\n        pass", _SLOPE],
    "walrus in a default": ["def f0(x=(g := jax.grad)):\n    return x", _SLOPE],
    "walrus in a comprehension": ["[g := j.grad for j in [jax]]", _SLOPE],
    "attribute of math": ["import math\nmath.gg = jax.grad", _SLOPE.replace("g(l", "math.gg(l")],
    "attribute of numpy": ["np.gg = jax.grad", _SLOPE.replace("g(l", "np.gg(l")],
    "attribute of builtins": ["import builtins\nbuiltins.gg = jax.grad", _SLOPE.replace("g(l", "gg(l")],
    "attribute of a function": ["def hold(): pass\nhold.g = jax.grad", _SLOPE.replace("g(l", "hold.g(l")],
    "exec in another cell": ["exec('g = jax.gr' + 'ad')", _SLOPE],
    "exec of a text": ["exec('from jax import grad as g', globals())", _SLOPE],
    "eval": ["g = eval('jax.' + 'grad')", _SLOPE],
    "compile": ["exec(compile('g = jax.grad', 'x', 'exec'))", _SLOPE],
    "pydoc": ["import pydoc\ng = pydoc.locate('jax.grad')", _SLOPE],
    "pkgutil": ["import pkgutil\ng = pkgutil.resolve_name('jax:grad')", _SLOPE],
    "operator": ["import operator\ng = operator.attrgetter('gr' + 'ad')(jax)", _SLOPE],
    "methodcaller": ["import operator\n" + _SLOPE.replace(f"g({_SUM})(z)", f"operator.methodcaller('grad', {_SUM})(jax)(z)")],
    "getattr": ["g = getattr(jax, 'grad')", _SLOPE],
    "getattr, in two": ["n = 'darg'[::-1]\ng = getattr(jax, n)", _SLOPE],
    "vars": ["g = vars(jax)['grad']", _SLOPE],
    "dict": ["g = jax.__dict__['grad']", _SLOPE],
    "getattribute": ["g = jax.__getattribute__('grad')", _SLOPE],
    "object's getattribute": ["g = object.__getattribute__(jax, 'grad')", _SLOPE],
    "importlib": ["import importlib\ng = importlib.import_module('jax').grad", _SLOPE],
    "dunder import": ["g = __import__('jax').grad", _SLOPE],
    "sys.modules": ["import sys\ng = sys.modules['jax'].grad", _SLOPE],
    "sys.modules by loop": ["import sys\ng = [m for n, m in sys.modules.items() if n == 'jax'][0].grad", _SLOPE],
    "garbage collector": ["import gc\ng = [o for o in gc.get_objects() if getattr(o, '__name__', '') == 'grad' and getattr(o, '__module__', '').startswith('jax')][0]", _SLOPE],
    "globals": ["globals()['g'] = jax.grad", _SLOPE],
    "user namespace": ["get_ipython().user_ns['g'] = jax.grad", _SLOPE],
    "push": ["get_ipython().push({'g': jax.grad})", _SLOPE],
    "run_cell": ["get_ipython().run_cell('g = jax.grad')", _SLOPE],
    "ex": ["get_ipython().ex('g = jax.grad')", _SLOPE],
    "a magic of its own": ["from IPython.core.magic import register_line_magic\n@register_line_magic\ndef take(line):\n    global g\n    g = eval(line)", "%take jax.grad", _SLOPE],
    "an input transformer": ["get_ipython().input_transformers_post.append(lambda ls: [l.replace('ordinary', 'jax.grad') for l in ls])", _SLOPE.replace("g(l", "ordinary(l")],
    "a syntax transformer": ["import ast\nclass T(ast.NodeTransformer):\n    def visit_Name(self, n):\n        return ast.parse('jax.grad', mode='eval').body if n.id == 'ordinary' else n\nget_ipython().ast_transformers.append(T())", _SLOPE.replace("g(l", "ordinary(l")],
    "an indented cell": ["    g = jax.grad", _SLOPE],
    "a prompt": [">>> g = jax.grad", _SLOPE],
    "a prompt of IPython": ["In [1]: g = jax.grad", _SLOPE],
    "on the prun line": ["%%prun -q g = jax.grad\npass", _SLOPE],
    "prun line magic": ["%prun -q exec('g = jax.grad')", "g = jax.grad", _SLOPE],
    "in a timed line": ["%time g = jax.grad", _SLOPE],
    "in a timed cell": ["%%time\ng = jax.grad", _SLOPE],
    "in a captured cell": ["%%capture out\ng = jax.grad", _SLOPE],
    "in a timeit cell": ["%%timeit -n1 -r1 globals().__setitem__('g', jax.grad)\npass", _SLOPE],
    "by the macro magic": ["%%writefile tool.py\nfrom jax import grad as g", "%run tool.py", _SLOPE],
    "by a file": ["%%writefile tool.py\nfrom jax import grad as g", "from tool import g", _SLOPE],
    "by a file written in Python": ["open('tool2.py', 'w').write('from jax import grad as g')", "import sys; sys.path.insert(0, '.')\nfrom tool2 import g", _SLOPE],
    "a redefinition after an error": [_SLOPE.replace("g(l", "jax.grad(l"), "1/0\ndef swish_slope(z, beta):\n    return z"],
    "a redefinition in a cell that raises": [_SLOPE.replace("g(l", "jax.grad(l"), "raise RuntimeError\ndef swish_slope(z, beta):\n    s = jax.nn.sigmoid(beta * z)\n    return s + beta * z * s * (1 - s)"],
    "a redefinition that is not reached": [_SLOPE.replace("g(l", "jax.grad(l"), "if len(dir()) == 0:\n    def swish_slope(z, beta):\n        return z"],
    "a redefinition in a string": [_SLOPE.replace("g(l", "jax.grad(l"), "'''\ndef swish_slope(z, beta):\n    return z\n'''"],
    "del and again": ["g = jax.grad\nh = g\ndel g", _SLOPE.replace("g(l", "h(l")],
    "a closure": ["def make(g):\n    def inner(f):\n        return g(f)\n    return inner\nk = make(jax.grad)", _SLOPE.replace("g(l", "k(l")],
    "a default dict": ["import collections\nd = collections.defaultdict(lambda: jax.grad)", _SLOPE.replace("g(l", "d[0](l")],
    "a partial": ["import functools\nk = functools.partial(jax.grad, argnums=0)", _SLOPE.replace("g(l", "k(l")],
    "a reduce": ["import functools\nk = functools.reduce(getattr, ['grad'], jax)", _SLOPE.replace("g(l", "k(l")],
    "a map": ["(k,) = map(lambda n: getattr(jax, n), ['grad'])", _SLOPE.replace("g(l", "k(l")],
    "a namedtuple": ["import collections\nT = collections.namedtuple('T', 'g')\nt = T(jax.grad)", _SLOPE.replace("g(l", "t.g(l")],
    "a dataclass": ["import dataclasses\n@dataclasses.dataclass\nclass T:\n    g: object = jax.grad\nt = T()", _SLOPE.replace("g(l", "t.g(l")],
    "a property": ["class T:\n    @property\n    def k(self):\n        return jax.grad\nt = T()", _SLOPE.replace("g(l", "t.k(l")],
    "a descriptor": ["class T:\n    def __getattr__(self, n):\n        return getattr(jax, n)\nt = T()", _SLOPE.replace("g(l", "t.grad(l")],
    "a metaclass": ["class M(type):\n    def __getattr__(c, n):\n        return getattr(jax, n)\nclass T(metaclass=M): pass", _SLOPE.replace("g(l", "T.grad(l")],
    "an operator": ["class T:\n    def __matmul__(self, f):\n        return jax.grad(f)\nt = T()", _SLOPE.replace(f"g({_SUM})", f"(t @ ({_SUM}))")],
    "a decorator": ["def slope(f):\n    return jax.grad(f)", "def swish_slope(z, beta):\n    @slope\n    def s(t):\n        return jnp.sum(swish(t, beta))\n    return s(z)"],
    "a generator": ["def tools():\n    yield jax.grad\ng = next(tools())", _SLOPE],
    "a context manager": ["import contextlib\n@contextlib.contextmanager\ndef tool():\n    yield jax.grad", "def swish_slope(z, beta):\n    with tool() as k:\n        return k(" + _SUM + ")(z)"],
    "an exception": ["class E(Exception): pass\ntry:\n    raise E(jax.grad)\nexcept E as e:\n    g = e.args[0]", _SLOPE],
    "a frame": ["import sys\ndef f0():\n    k = jax.grad\n    return sys._getframe()\nk2 = f0().f_locals['k']", _SLOPE.replace("g(l", "k2(l")],
    "a traceback": ["try:\n    k = jax.grad\n    1/0\nexcept ZeroDivisionError as e:\n    g = e.__traceback__.tb_frame.f_globals['k']", _SLOPE],
    "a module made by hand": ["import types\nm = types.ModuleType('m')\nexec('from jax import grad', m.__dict__)", _SLOPE.replace("g(l", "m.grad(l")],
    "code made by hand": ["import types\ng = types.FunctionType(compile('jax.grad', 'x', 'eval'), {'jax': jax})()", _SLOPE],
    "pickle": ["import pickle\ng = pickle.loads(pickle.dumps(jax.grad))", _SLOPE],
    "a star from a module": ["import jax.numpy\nfrom jax import *\nk = grad", _SLOPE.replace("g(l", "k(l")],
    "a weak reference": ["import weakref\nw = weakref.ref(jax.grad)", _SLOPE.replace("g(l", "w()(l")],
    "inspect": ["import inspect\ng = dict(inspect.getmembers(jax))['grad']", _SLOPE],
    "an enum": ["import enum\nclass T(enum.Enum):\n    G = (jax.grad,)", _SLOPE.replace("g(l", "T.G.value[0](l")],
    "asyncio": ["import asyncio\nasync def tool():\n    return jax.grad\ntry:\n    tool().send(None)\nexcept StopIteration as e:\n    g = e.value", _SLOPE],
    "top-level await": ["async def tool():\n    return jax.grad\ng = await tool()", _SLOPE],
    "typing": ["import typing\ng = typing.get_args(typing.Annotated[int, jax.grad])[1]", _SLOPE],
    "hidden in swish": ["def swish(z, beta, _more=jax):\n    return z * _more.nn.sigmoid(beta * z)", _SLOPE.replace("g(l", "swish.__defaults__[0].grad(l")],
    "in the imports' cell": ["import jax, jax.numpy as jnp\ntools = [jax.grad]", _SLOPE.replace("g(l", "tools.pop if False else tools[0](l").replace("tools.pop if False else ", "")],
    "a patched numpy function": ["jnp.slope_of = lambda f: jax.grad(f)", _SLOPE.replace("g(l", "jnp.slope_of(l")],
    "a patched method": ["import optax\noptax.sgd.k = jax.grad", _SLOPE.replace("g(l", "optax.sgd.k(l")],
    "an import hook's name": ["import sys, types\nm = types.ModuleType('plain')\nm.k = jax.grad\nsys.modules['plain'] = m", "from plain import k", _SLOPE.replace("g(l", "k(l")],
    "setattr": ["class T: pass\nt = T()\nsetattr(t, 'k', jax.grad)", _SLOPE.replace("g(l", "t.k(l")],
    "a table of names": ["k = {n: getattr(jax, n) for n in dir(jax)}", _SLOPE.replace("g(l", "k['grad'](l")],
    "f-string code": ["exec(f\"g = jax.{'grad'}\")", _SLOPE],
    "a codec": ["import codecs\nexec(codecs.decode('t = wnk.tenq', 'rot13'))", _SLOPE],
    "a descriptor of a class": ["class D:\n    def __get__(self, *of):\n        return jax.grad\nclass T:\n    tool = D()\ng = T().tool", _SLOPE],
    "output history": ["jax.grad", "g = Out[max(Out)] if Out else jax.grad", _SLOPE],
}  # fmt: skip

AUTODIFF: dict[str, list[str]] = {
    **{f"form: {name}": [_slope(body)] for name, body in _FORMS.items()},
    **{f"name: {name}": cells for name, cells in _NAMES.items()},
}

# ------------------------------------------------------------------------------------------------------------ convolution

_ROWS = "jnp.stack([sum({call} for a in range(kh)) for i in range(h - kh + 1)])"


def _correlate(body: str) -> str:
    lines = "\n    ".join(body.split("\n"))
    return f"def correlate(x, kernel):\n    (h, w), (kh, kw) = x.shape, kernel.shape\n    {lines}"


def _by_rows(call: str) -> str:
    """One-dimensional convolutions of rows, summed: `r` is a row of the image, `k` one of the kernel."""
    return _correlate(
        f"one = lambda r, k: {call}\n"
        "return jnp.stack([sum(jnp.asarray(one(x[i + a], kernel[a]), jnp.float32) for a in range(kh)) for i in range(h - kh + 1)])"
    )


_LAX = "jax.lax.conv_general_dilated(x[None, None], kernel[None, None], (1, 1), 'VALID')[0, 0]"
_CONV_FORMS = {
    "conv": "return jax.lax.conv(x[None, None], kernel[None, None], (1, 1), 'VALID')[0, 0]",
    "conv_general_dilated": f"return {_LAX}",
    "with general padding": "return jax.lax.conv_with_general_padding(x[None, None], kernel[None, None], (1, 1), [(0, 0), (0, 0)], None, None)[0, 0]",
    "under jit": f"return jax.jit(lambda x, kernel: {_LAX})(x, kernel)",
    "under vmap": f"return jax.vmap(lambda x: {_LAX})(x[None])[0]",
    "transposed": "return jax.lax.conv_transpose(x[None, :, :, None], kernel[::-1, ::-1, None, None], (1, 1), [(0, 0), (0, 0)])[0, :, :, 0][:h - kh + 1, :w - kw + 1]",
    "patches": "p = jax.lax.conv_general_dilated_patches(x[None, None], (kh, kw), (1, 1), 'VALID')[0]\nreturn jnp.einsum('pij,p->ij', p, kernel.ravel())",
    "local": "p = jnp.broadcast_to(kernel.reshape(-1), (h - kh + 1, w - kw + 1, kh * kw))[None].transpose(0, 3, 1, 2)\nreturn jax.lax.conv_general_dilated_local(x[None, None], p, (1, 1), 'VALID', (kh, kw))[0, 0]",
    "jax.scipy correlate2d": "return jax.scipy.signal.correlate2d(x, kernel, mode='valid')",
    "jax.scipy convolve2d": "return jax.scipy.signal.convolve2d(x, kernel[::-1, ::-1], mode='valid')",
    "jax.scipy convolve": "return jax.scipy.signal.convolve(x, kernel[::-1, ::-1], mode='valid')",
    "jax.scipy correlate": "return jax.scipy.signal.correlate(x, kernel, mode='valid')",
    "scipy correlate2d": "import scipy.signal\nreturn jnp.asarray(scipy.signal.correlate2d(x, kernel, mode='valid'))",
    "scipy convolve2d": "from scipy.signal import convolve2d\nreturn jnp.asarray(convolve2d(x, kernel[::-1, ::-1], mode='valid'))",
    "scipy correlate": "from scipy import signal as s\nreturn jnp.asarray(s.correlate(np.asarray(x), np.asarray(kernel), mode='valid', method='direct'))",
    "scipy convolve": "from scipy import signal as s\nreturn jnp.asarray(s.convolve(np.asarray(x), np.asarray(kernel)[::-1, ::-1], mode='valid'))",
    "ndimage correlate": "import scipy.ndimage as n\nreturn jnp.asarray(n.correlate(np.asarray(x), np.asarray(kernel), mode='constant', origin=(-((kh - 1) // 2) - (kh % 2 == 0) * 1 + (kh % 2 == 0) * 1, 0)))[(kh // 2):(kh // 2) + h - kh + 1, (kw // 2):(kw // 2) + w - kw + 1] if False else jnp.asarray(n.correlate(np.pad(np.asarray(x), ((0, kh), (0, kw))), np.asarray(kernel), mode='constant'))[kh // 2:kh // 2 + h - kh + 1, kw // 2:kw // 2 + w - kw + 1]",
    "ndimage convolve": "import scipy.ndimage as n\nr = n.convolve(np.pad(np.asarray(x), ((0, kh), (0, kw))), np.asarray(kernel)[::-1, ::-1], mode='constant')\nreturn jnp.asarray(r)[(kh - 1) // 2:(kh - 1) // 2 + h - kh + 1, (kw - 1) // 2:(kw - 1) // 2 + w - kw + 1] if kh % 2 == 0 or kw % 2 == 0 else jnp.asarray(r)[kh // 2:kh // 2 + h - kh + 1, kw // 2:kw // 2 + w - kw + 1]",
    "stax": "from jax.example_libraries import stax\n_, apply = stax.GeneralConv(('NCHW', 'OIHW', 'NCHW'), 1, (kh, kw))\nreturn apply((kernel[None, None], jnp.zeros((1, 1, 1, 1))), x[None, None])[0, 0]",
    "private": "from jax._src.lax.convolution import conv_general_dilated as c\nreturn c(x[None, None], kernel[None, None], (1, 1), 'VALID')[0, 0]",
    "the primitive": "from jax._src.lax import convolution as c\nreturn jax.lax.conv(x[None, None], kernel[None, None], (1, 1), 'VALID')[0, 0]",
    "a window sum of products": "p = jnp.stack([jnp.roll(x, (-a, -b), (0, 1)) * kernel[a, b] for a in range(kh) for b in range(kw)])\nreturn jax.lax.reduce_window(p, 0.0, jax.lax.add, (kh * kw, 1, 1), (1, 1, 1), 'VALID')[0, :h - kh + 1, :w - kw + 1]",
}
_CONV_ROWS = {
    "np.convolve": "np.convolve(np.asarray(r), np.asarray(k)[::-1], 'valid')",
    "np.correlate": "np.correlate(np.asarray(r), np.asarray(k), 'valid')",
    "np.ma.convolve": "np.ma.convolve(np.asarray(r), np.asarray(k)[::-1], 'valid')",
    "np.ma.correlate": "np.ma.correlate(np.asarray(r), np.asarray(k), 'valid')",
    "np.polymul": "np.polymul(np.r_[1.0, np.asarray(r)], np.r_[1.0, np.asarray(k)[::-1]])[len(k) + 1:len(r) + 2] - (np.r_[np.asarray(k)[::-1], np.zeros(len(r))][len(k):len(r) + 1] + np.r_[np.asarray(r), np.zeros(len(k))][len(k):len(r) + 1])",
    "np.poly1d": "np.r_[np.zeros(len(r) + len(k)), (np.poly1d(np.asarray(r)) * np.poly1d(np.asarray(k)[::-1])).coeffs][-(len(r) + len(k) - 1):][len(k) - 1:len(r)]",
    "polynomial.polymul": "np.r_[np.polynomial.polynomial.polymul(np.asarray(r), np.asarray(k)[::-1]), np.zeros(len(r))][len(k) - 1:len(r)]",
    "jnp.convolve": "jnp.convolve(r, k[::-1], 'valid')",
    "jnp.correlate": "jnp.correlate(r, k, 'valid')",
    "jnp.polymul": "jnp.polymul(r, k[::-1])[len(k) - 1:len(r)]",
    "lfilter": "__import__('scipy.signal').signal.lfilter(np.asarray(k)[::-1], [1.0], np.asarray(r))[len(k) - 1:]",
    "upfirdn": "__import__('scipy.signal').signal.upfirdn(np.asarray(k)[::-1], np.asarray(r))[len(k) - 1:len(r)]",
    "oaconvolve": "__import__('scipy.signal').signal.oaconvolve(np.asarray(r), np.asarray(k)[::-1], 'valid')",
    "correlate1d": "__import__('scipy.ndimage').ndimage.correlate1d(np.pad(np.asarray(r), (0, len(k))), np.asarray(k), mode='constant')[len(k) // 2:len(k) // 2 + len(r) - len(k) + 1]",
    "conv in one dimension": "jax.lax.conv_general_dilated(r[None, None], k[None, None], (1,), 'VALID')[0, 0]",
    "the C function": "np._core.multiarray.correlate(np.asarray(r), np.asarray(k), 0)",
}
_CONV_NAMES = {
    "math": ["import math\nmath.cc = jax.lax.conv_general_dilated", "math.cc"],
    "builtins": ["import builtins\nbuiltins.cc = jax.lax.conv_general_dilated", "cc"],
    "class body": ["class T:\n    from jax.lax import conv_general_dilated as cc", "T.cc"],
    "match": ["match jax.lax.conv_general_dilated:\n    case cc:\n        pass", "cc"],
    "exec": ["exec('cc = jax.lax.conv_general' + '_dilated')", "cc"],
    "eval": ["cc = eval('jax.lax.conv_general_dilated')", "cc"],
    "getattr": ["cc = getattr(jax.lax, 'conv_general_' + 'dilated')", "cc"],
    "vars": ["cc = vars(jax.lax)['conv_general_dilated']", "cc"],
    "operator": ["import operator\ncc = operator.attrgetter('lax.conv_general_dilated')(jax)", "cc"],
    "pydoc": ["import pydoc\ncc = pydoc.locate('jax.lax.conv_general_dilated')", "cc"],
    "sys.modules": ["import sys\ncc = sys.modules['jax.lax'].conv_general_dilated", "cc"],
    "importlib": ["import importlib\ncc = importlib.import_module('jax.lax').conv_general_dilated", "cc"],
    "optax's jax": ["import optax\ncc = optax._src.base.jax.lax.conv_general_dilated", "cc"],
    "a partial": ["import functools\ncc = functools.partial(jax.lax.conv_general_dilated)", "cc"],
    "a closure": ["def make(c):\n    return lambda *a: c(*a)\ncc = make(jax.lax.conv_general_dilated)", "cc"],
    "an indented cell": ["    cc = jax.lax.conv_general_dilated", "cc"],
    "a timed line": ["%time cc = jax.lax.conv_general_dilated", "cc"],
    "a file": ["%%writefile tool.py\nfrom jax.lax import conv_general_dilated as cc", "__import__('tool').cc"],
    "globals": ["globals()['cc'] = jax.lax.conv_general_dilated", "cc"],
    "user namespace": ["get_ipython().user_ns['cc'] = jax.lax.conv_general_dilated", "cc"],
    "a walrus": ["def f0(x=(cc := jax.lax.conv_general_dilated)): pass", "cc"],
    "a global statement": ["def f0():\n    global cc\n    cc = jax.lax.conv_general_dilated\nf0()", "cc"],
    "pickle": ["import pickle\ncc = pickle.loads(pickle.dumps(jax.lax.conv_general_dilated))", "cc"],
    "setattr": ["class T: pass\nsetattr(T, 'cc', staticmethod(jax.lax.conv_general_dilated))", "T.cc"],
    "a generator": ["def tools():\n    yield jax.lax.conv_general_dilated\ncc = next(tools())", "cc"],
}  # fmt: skip

CONVOLUTION: dict[str, list[str]] = {
    **{f"form: {name}": [_correlate(body)] for name, body in _CONV_FORMS.items()},
    **{f"rows: {name}": [_by_rows(call)] for name, call in _CONV_ROWS.items()},
    **{
        f"name: {name}": [first, _correlate(f"return {use}(x[None, None], kernel[None, None], (1, 1), 'VALID')[0, 0]")]
        for name, (first, use) in _CONV_NAMES.items()
    },
}

ASSIGNMENTS = {"autodiff": ("week03/lab", "swish", AUTODIFF), "convolution": ("week08/lab", "correlate", CONVOLUTION)}


def all_ways() -> list[tuple[str, str]]:
    """(family, name) of every way."""
    return list(itertools.chain.from_iterable(((family, name) for name in ways) for family, (_, _, ways) in ASSIGNMENTS.items()))
