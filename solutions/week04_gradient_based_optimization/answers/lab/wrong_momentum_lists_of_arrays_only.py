"""Works for a single array and for a flat list of arrays.

question: momentum
fails: TestMomentum::test_any_pytree_and_beta_zero
kind: usual
"""


def momentum_step(params, velocity, grads, eta, beta, kind):
    if isinstance(params, (list, tuple)):
        both = [momentum_step(*leaves, eta, beta, kind) for leaves in zip(params, velocity, grads, strict=True)]
        return [p for p, _ in both], [v for _, v in both]
    velocity = beta * velocity + ((1 - beta) * grads if kind == "ema" else grads)
    return params - eta * (grads + beta * velocity if kind == "nesterov" else velocity), velocity
