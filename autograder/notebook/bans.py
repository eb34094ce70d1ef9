"""Bans ("without jax.grad"): being written."""
FAMILIES = {"autodiff": ()}
def is_known(ban): return ban in FAMILIES or "." in ban
