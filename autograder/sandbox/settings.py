"""In the jail: settings that a notebook makes for another machine, or for itself, do not reach the grader's requests.

What chooses devices, caches or processes is not set at all (a CPU told to be a GPU answers nothing any more). Everything else
holds until the cell or call that set it is over; then the grader's own setting is back, so that every submission is asked
under the same ones. What was set is told (`Settings.changed`), never punished.

Imports nothing of ours: it runs beside student code (see `host`).
"""

from __future__ import annotations

import os
import sys
import warnings
from typing import Any

import numpy as np

# Options of jax.config that a process without other devices, a network and a cache of its own must not take over.
_NEVER = (
    "jax_platform", "jax_backend", "jax_xla_backend", "jax_cuda", "jax_rocm", "jax_tpu", "jax_pjrt", "jax_num_cpu",
    "jax_transfer_guard", "jax_cpu_", "jax_mock", "jax_distributed", "jax_enable_compilation_cache", "jax_compilation_cache",
    "jax_persistent", "jax_raise_persistent", "jax_share_binary", "jax_log", "jax_debug_log", "jax_dump", "jax_traceback",
    "jax_include_full", "jax_enable_recover", "jax_enable_preempt", "jax_enable_pgle", "jax_no_execution", "jax_no_tracing",
    "jax_thread_guard",
)  # fmt: skip
# Environment variables that the libraries of this process read: a notebook that sets one reads it back, they do not.
_READ_BY_LIBRARIES = (
    "XLA_", "JAX_", "TF_", "CUDA_", "NVIDIA_", "TPU_", "LIBTPU_", "ROCM_", "HIP_", "OMP_", "MKL_", "OPENBLAS_", "KMP_",
    "NPROC", "MALLOC_", "LD_", "PYTHON", "MPL", "AUTOGRADER_", "ENABLE_PJRT", "PJRT_",
)  # fmt: skip
_IN_CACHE_KEYS = ("XLA_FLAGS", "LIBTPU_INIT_ARGS")  # JAX reads them at each compilation: another value finds no compiled program


class Settings:
    """Remembers the settings as they are now, and what is set from now on."""

    def __init__(self, x64: bool):
        self._jax = sys.modules["jax"].config
        self._x64 = x64
        self._touched: dict[str, Any] = {}  # options of jax.config that were set since they were put back -> the grader's value
        self._told: dict[str, None] = {}
        self._update = self._jax.update
        self._errors, self._print = np.geterr(), np.get_printoptions()
        self._warnings = list(warnings.filters)
        self._watch_jax()
        self._watch_environment()

    def changed(self) -> list[str]:
        """What was set since the last time this was asked, in words that name it; each once."""
        told, self._told = list(self._told), {}
        return told

    def put_back(self) -> None:
        """The grader's settings again. Called after every request: it costs some microseconds."""
        for name, value in self._touched.items():
            self._update(name, value)
        self._touched.clear()
        # Precision must agree on both sides, or jax.random draws other numbers than the trusted side expects.
        if bool(self._jax.jax_enable_x64) != self._x64:
            self._tell("jax_enable_x64")
            self._update("jax_enable_x64", self._x64)
        if np.geterr() != self._errors:
            self._tell("numpy.seterr")
            np.seterr(**self._errors)
        if np.get_printoptions() != self._print:
            np.set_printoptions(**self._print)
        if warnings.filters != self._warnings:
            self._put_back_warnings()

    def _put_back_warnings(self) -> None:
        # Libraries add filters of their own when they are first used; only what turns warnings into errors changes results.
        kept = [rule for rule in warnings.filters if rule[0] != "error" or rule in self._warnings]
        if len(kept) != len(warnings.filters):
            self._tell("warnings as errors")
            warnings.filters[:] = kept
            getattr(warnings, "_filters_mutated_lock_held", getattr(warnings, "_filters_mutated", lambda: None))()
        self._warnings = list(warnings.filters)

    def _tell(self, what: str) -> None:
        if len(self._told) < 20:
            self._told.setdefault(what[:80])

    def _watch_jax(self) -> None:
        config, settings = self._jax, self

        def update(name: str, value: Any) -> None:
            if str(name).startswith(_NEVER) or _unknown_device(name, value):
                settings._tell(str(name))
                return
            try:
                before = config._read(name)
                settings._update(name, value)
            except Exception:  # an option, or a value, of another version of JAX
                settings._tell(str(name))
                return
            if before != value:
                settings._tell(str(name))
                settings._touched.setdefault(name, before)

        config.update = update
        distributed = sys.modules.get("jax.distributed")
        if distributed is not None:
            distributed.initialize = lambda *args, **kwargs: settings._tell("jax.distributed.initialize")

    def _watch_environment(self) -> None:
        settings = self

        class Environment(type(os.environ)):
            def __setitem__(self, key, value):
                if str(key).startswith(_READ_BY_LIBRARIES):
                    settings._tell(f"os.environ[{str(key)!r}]")
                    if key not in _IN_CACHE_KEYS:
                        self._data[self.encodekey(key)] = self.encodevalue(value)
                else:
                    super().__setitem__(key, value)

            def __delitem__(self, key):
                if key in _IN_CACHE_KEYS:
                    pass
                elif str(key).startswith(_READ_BY_LIBRARIES):
                    del self._data[self.encodekey(key)]
                else:
                    super().__delitem__(key)

        os.environ.__class__ = Environment


def _unknown_device(name: str, value: Any) -> bool:
    return name == "jax_default_device" and value is not None and (isinstance(value, str) and value != "cpu")
