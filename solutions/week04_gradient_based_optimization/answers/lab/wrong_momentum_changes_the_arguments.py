"""Dictionaries and lists are updated in place: the arguments are modified.

question: momentum
fails: TestMomentum::test_any_pytree_and_beta_zero
kind: subtle
"""

def momentum_step(params, velocity, grads, eta, beta, kind):
    def one(p, v, g):
        v = beta * v + (1 - beta if kind == "ema" else 1.0) * g
        return p - eta * (g + beta * v if kind == "nesterov" else v), v
    if isinstance(params, dict):
        for k in params:
            params[k], velocity[k] = momentum_step(params[k], velocity[k], grads[k], eta, beta, kind)
        return params, velocity
    if isinstance(params, list):
        for k in range(len(params)):
            params[k], velocity[k] = momentum_step(params[k], velocity[k], grads[k], eta, beta, kind)
        return params, velocity
    if isinstance(params, tuple):
        both = [momentum_step(p, v, g, eta, beta, kind) for p, v, g in zip(params, velocity, grads)]
        return tuple(b[0] for b in both), tuple(b[1] for b in both)
    return one(params, velocity, grads)
