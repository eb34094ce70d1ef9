"""A notebook that asks for what the grader's machine lacks, or sets it up for another one, keeps its answers."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.sandbox.limits import Limits
from autograder.sandbox.workspace import Cell, Workspace

LIMITS = Limits(cell_seconds=20, call_seconds=10, submission_seconds=300, memory_mb=1500, output_mb=2, rebuilds=3)


@pytest.fixture
def notebook(warm_parent):
    """A function: cells in, a live workspace out; everything is ended afterwards."""
    made = []

    def open_notebook(*cells: str) -> Workspace:
        made.append(Workspace(lambda: warm_parent.fork(LIMITS), [Cell(i, c) for i, c in enumerate(cells)], LIMITS))
        return made[-1]

    yield open_notebook
    for workspace in made:
        workspace.close()


def call(workspace: Workspace, name: str, *args):
    reply = workspace.request("call", {"fn": name, "args": list(args), "kwargs": {}})
    return reply["ok"] if "ok" in reply else reply["error"]


def value(workspace: Workspace, name: str):
    return workspace.request("get", {"name": name}).get("ok", "not there")


def told(workspace: Workspace) -> set[tuple]:
    return {(r.kind, r.name) for r in workspace.remarks}


# Each stands above the answer, in its cell; what is told of it.
HARMLESS = {
    "Colab's drive": ("from google.colab import drive\ndrive.mount('/content/drive')", ("module", "google.colab")),
    "Colab's upload": (
        "from google.colab import files\nup = files.upload()\nfor name in up.keys():\n    print(up[name].decode())",
        ("module", "google.colab"),
    ),
    "Colab's secrets": (
        "import os\nfrom google.colab import userdata\nos.environ['KEY'] = userdata.get('KEY')",
        ("module", "google.colab"),
    ),
    "import google.colab, dotted": ("import google.colab\ngoogle.colab.drive.mount('/x')", ("module", "google.colab")),
    "Kaggle's secrets": (
        "from kaggle_secrets import UserSecretsClient\nimport os\nos.environ['K'] = UserSecretsClient().get_secret('k')",
        ("module", "kaggle_secrets"),
    ),
    "an unused framework": ("import torch_that_is_not_here as torch", ("module", "torch_that_is_not_here")),
    "its submodule": ("import torchx.nn as nn\nfrom torchx import optim, Tensor", ("module", "torchx.nn")),
    "all of its names": ("from torchx.nn import *\nclass Net(Module):\n    pass", ("module", "torchx.nn")),
    "used at the top": (
        "import seabornx as sns\nsns.set_theme()\npalette = sns.color_palette()\nred = palette[0]",
        ("use", "seabornx"),
    ),
    "subclassed": ("import torchx\nclass Net(torchx.nn.Module):\n    pass\nnet = Net()", ("use", "torchx")),
    "in an annotation": ("import torchx\ndef other(x: torchx.Tensor | None = None) -> 'int': ...", ("module", "torchx")),
    "behind a condition": ("if True:\n    import torchx\n    torchx.manual_seed(0)", ("use", "torchx")),
    "in a function that is called": ("def seed():\n    import torchx\n    torchx.manual_seed(0)\nseed()", ("use", "torchx")),
    "a name that JAX no longer has": ("from jax.experimental import maps_of_old", ("name", "jax.experimental.maps_of_old")),
    "an extension": ("%load_ext tensorboardx", ("use", "tensorboardx")),
    "an unknown magic": ("%tensorboard --logdir runs", ("magic", "%tensorboard")),
    "a setting of an editor": ("%config InlineBackend.figure_format = 'retina'", None),
    "a backend of an editor": ("%matplotlib widget", None),
    "autoreload": ("%load_ext autoreload\n%autoreload 2", None),
    "pip": ("!pip install -q einops\n%pip install einops\nfiles = !ls\nprint(files.n)", None),
    "pip by hand": (
        "import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'pip', 'install', 'x'], check=True)",
        ("process", ""),
    ),
    "another folder": (
        "%cd /content/drive/MyDrive\nimport os\nos.chdir('/content/drive/MyDrive')",
        ("file", "/content/drive/MyDrive"),
    ),
    "a file that is not there": (
        "import numpy as np\ndata = np.load('weights.npy')\nmean = data.mean()",
        ("file", "weights.npy"),
    ),
    "the network": ("import urllib.request\nurllib.request.urlretrieve('http://example.org/x', 'x')", ("network", "")),
    "a question to the keyboard": ("name = input('Your name? ')\nprint('hello', name)", ("input", "")),
    "a loop within a loop": ("import nest_asynciox, nest_asyncio_2x", ("module", "nest_asynciox")),
    "a timed cell": ("%%time\nimport torchx\ntorchx.zeros(3)", ("use", "torchx")),
    "a GUI's backend": ("import matplotlib\nmatplotlib.use('TkAgg', force=True)", None),
    "a GPU that must be there": ("import jax\nassert jax.default_backend() == 'gpu', 'no GPU'", ("machine", "")),
    "a GPU by name": ("import jax\ngpu = jax.devices('gpu')[0]\nz = jax.device_put(1.0, gpu)", ("device", "gpu")),
}


def test_answers_below_what_is_not_here_count(notebook):
    workspace = notebook(*(f"{above}\ndef f{n}():\n    return {n}" for n, (above, _) in enumerate(HARMLESS.values())))
    for n, (kind, (_, what)) in enumerate(HARMLESS.items()):
        assert call(workspace, f"f{n}") == n, kind
        assert what is None or (n, *what) in {(r.cell, r.kind, r.name) for r in workspace.remarks}, kind
    assert not workspace.troubles


def test_idle_modules_hand_on_what_they_are_given(notebook):
    workspace = notebook(
        "from fastprogress import progress_bar\nfrom alive_progress import alive_it\n"
        "total = sum(progress_bar(range(4)))\nsame = [x for x in alive_it([1, 2])]",
        "from icecream import ic\nfrom typeguard import typechecked\nfrom jaxtyping import jaxtyped, Float, Array\n"
        "@jaxtyped(typechecker=typechecked)\ndef g(x: Float[Array, 'n']):\n    return ic(2 * x)",
        "def logged(x):\n    import wandb\n    wandb.log({'x': x})\n    return x + 1",
    )
    assert value(workspace, "total") == 6 and value(workspace, "same") == [1, 2]
    np.testing.assert_array_equal(call(workspace, "g", np.ones(2, np.float32)), 2 * np.ones(2))
    assert call(workspace, "logged", 1) == 2
    assert ("module", "wandb") in told(workspace)


def test_what_a_notebook_catches_is_as_python_does_it(notebook):
    workspace = notebook(
        "import torchx\nimport google.colab",
        "import importlib.util, sys\nspec = importlib.util.find_spec('torchx') is None\nseen = 'torchx' in sys.modules\n"
        "try:\n    import torchx as again\nexcept ImportError:\n    again = 'caught'\n"
        "try:\n    import google.colab\n    colab = True\nexcept ImportError:\n    colab = False\n"
        "try:\n    from jax.experimental import maps_of_old\nexcept ImportError:\n    maps_of_old = None\n"
        "try:\n    import jax; jax.devices('tpu')\nexcept RuntimeError:\n    tpu = 'none'",
        "try:\n    import first_x\nexcept ImportError:\n    first_x = 1\nimport second_x",
        "if True:\n    try:\n        import third_x\n    except ImportError:\n        third_x = 'caught'\n    import fourth_x",
    )
    for name, wanted in {"spec": True, "seen": False, "again": "caught", "colab": False, "maps_of_old": None, "tpu": "none",
                         "first_x": 1, "third_x": "caught"}.items():  # fmt: skip
        assert value(workspace, name) == wanted, name


def test_use_in_an_answer_raises_with_the_name(notebook):
    workspace = notebook(
        "import torchx\nfrom torchx import nn",
        "def f(x):\n    return torchx.tanh(x)\ndef g(x):\n    return nn.functional.relu(x)",
        "def h(x):\n    import torchy\n    return torchy.abs(x)",
    )
    for name, package in (("f", "torchx"), ("g", "torchx"), ("h", "torchy")):
        error = call(workspace, name, 1.0)
        assert error["type"] == "NotInstalled" and f"`{package}` is not installed" in error["message"]
        assert "ImportError" in error["kinds"]


def test_an_ordinary_error_still_ends_its_cell(notebook):
    workspace = notebook(
        "import torchx\n1 / 0\nlate = 1", "early = 2\nraise RuntimeError('mine')\nlater = 3", "undefined\nlast = 4"
    )
    assert [t.message.split(":")[0] for t in workspace_troubles(workspace)] == ["ZeroDivisionError", "RuntimeError", "NameError"]
    assert value(workspace, "early") == 2
    for name in ("late", "later", "last"):
        assert value(workspace, name) == "not there"


def workspace_troubles(workspace: Workspace):
    workspace.ready()
    return workspace.troubles


# A line of a notebook, and whether its name is told.
SETTINGS = {
    "jax.config.update('jax_platform_name', 'gpu')": "jax_platform_name",
    "jax.config.update('jax_platforms', 'cuda,cpu')": "jax_platforms",
    "jax.config.update('jax_transfer_guard', 'disallow')": "jax_transfer_guard",
    "jax.config.update('jax_enable_x64', True)": "jax_enable_x64",
    "jax.config.update('jax_debug_nans', True)": "jax_debug_nans",
    "jax.config.update('jax_debug_infs', True)": "jax_debug_infs",
    "jax.config.update('jax_disable_jit', True)": "jax_disable_jit",
    "jax.config.update('jax_default_matmul_precision', 'bfloat16')": "jax_default_matmul_precision",
    "jax.config.update('jax_numpy_rank_promotion', 'raise')": "jax_numpy_rank_promotion",
    "jax.config.update('jax_numpy_dtype_promotion', 'strict')": "jax_numpy_dtype_promotion",
    "jax.config.update('jax_default_prng_impl', 'rbg')": "jax_default_prng_impl",
    "jax.config.update('jax_threefry_partitionable', False)": "jax_threefry_partitionable",
    "jax.config.update('jax_num_cpu_devices', 8)": "jax_num_cpu_devices",
    "jax.config.update('jax_compilation_cache_dir', '/tmp/mine')": "jax_compilation_cache_dir",
    "jax.config.update('jax_no_such_option', 1)": "jax_no_such_option",
    "jax.config.update('jax_default_device', 'gpu')": "jax_default_device",
    "jax.config.update('jax_log_compiles', True)": "jax_log_compiles",
    "import os; os.environ['XLA_FLAGS'] = '--xla_gpu_no_such_flag=true'": "os.environ['XLA_FLAGS']",
    "import os; os.environ['JAX_PLATFORMS'] = 'cuda'": "os.environ['JAX_PLATFORMS']",
    "%env XLA_PYTHON_CLIENT_PREALLOCATE=false": "os.environ['XLA_PYTHON_CLIENT_PREALLOCATE']",
    "import os; os.environ.update(CUDA_VISIBLE_DEVICES='0', XLA_FLAGS='--nonsense')": "os.environ['CUDA_VISIBLE_DEVICES']",
    "jax.distributed.initialize()": "jax.distributed.initialize",
    "import numpy as np; np.seterr(all='raise')": "numpy.seterr",
    "import warnings; warnings.simplefilter('error')": "warnings as errors",
    "import numpy as np; np.set_printoptions(precision=1)": None,
}


ASKED = """
import jax, jax.numpy as jnp, numpy as np, warnings
def asked(x):
    warnings.warn("a warning")
    np.float32(1) / np.float32(0)
    key = jax.random.key_data(jax.random.key(1)).shape
    return [str(jnp.arange(2.0).dtype), (jnp.ones((2, 3)) + x[:, 0]).shape, key, str(np.array([1.23456])), len(jax.devices())]
"""


def test_settings_do_not_reach_the_graders_requests(notebook):
    set_ = [line if line.startswith("%") else f"import jax\n{line}" for line in SETTINGS]
    workspace = notebook(*(f"{line}\ndef f{n}():\n    return {n}" for n, line in enumerate(set_)), ASKED)
    assert call(workspace, "asked", np.full((3, 3), np.nan, np.float32)) == ["float32", (2, 3), (2,), "[1.23456]", 1]
    for n, (line, name) in enumerate(SETTINGS.items()):
        assert call(workspace, f"f{n}") == n, line
        assert name is None or (n, "setting", name) in {(r.cell, r.kind, r.name) for r in workspace.remarks}, line
    assert not workspace.troubles


def test_a_setting_holds_within_the_call_that_makes_it(notebook):
    workspace = notebook(
        "import jax, jax.numpy as jnp",
        "def wide():\n    jax.config.update('jax_enable_x64', True)\n    return str(jnp.arange(2.0).dtype)",
        "def usual():\n    return str(jnp.arange(2.0).dtype)",
        "def there():\n    with jax.default_device(jax.devices('gpu')[0]):\n        return jnp.ones(2).sum()",
    )
    assert call(workspace, "wide") == "float64" and call(workspace, "usual") == "float32" and call(workspace, "there") == 2
    assert told(workspace) == {("setting", "jax_enable_x64"), ("device", "gpu")}
