"""Each leaf is differentiated alone: the blocks between leaves are lost.

question: hvp
fails: TestHvp::test_blocks_between_leaves
kind: usual
"""

import jax


def hessian_vector(loss, params, vector):
    leaves, form = jax.tree.flatten(params)
    directions, out = jax.tree.leaves(vector), []
    for i, leaf in enumerate(leaves):
        alone = lambda x, i=i: loss(jax.tree.unflatten(form, leaves[:i] + [x] + leaves[i + 1 :]))
        out.append(jax.jvp(jax.grad(alone), (leaf,), (directions[i],))[1])
    return jax.tree.unflatten(form, out)
