"""PUBLIC: full float32 precision on a GPU or TPU, which round products unless they are asked not to."""

from __future__ import annotations


def ask_for_float32() -> str:
    """Have JAX multiply float32 matrices as float32 on this machine, and say so where it would not have.

    GPUs round the factors of a product to TF32 (10 bits of mantissa), TPUs to bfloat16 (7 bits), where float32 has 23: a
    right answer can then miss the tolerance of a check, and a wrong one is hard to tell from it. Submissions are graded on a
    CPU, in float32.

    Returns:
        The backend's name, e.g. "cpu" or "gpu"; empty where none could be started.
    """
    import jax

    try:
        backend = jax.default_backend()
    except RuntimeError:  # a device that was asked for is not there: the first computation says so better
        return ""
    if backend != "cpu" and jax.config.jax_default_matmul_precision is None:
        jax.config.update("jax_default_matmul_precision", "highest")
        print(
            f"This machine computes on a {backend.upper()}, which rounds products of float32 numbers. The checks and the grader "
            'expect float32, so it was asked for: jax_default_matmul_precision = "highest".'
        )
    return backend
