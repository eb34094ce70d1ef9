"""Domains of week 7's questions for `autograder verify`: what the text promises about the inputs."""


def homework_adjoint(rng, i):
    """One to four units; flows that contract a little or expand a little; one layer and several; T not 1."""
    d = [1, 2, 4][i % 3]
    W, b, h0, g = rng.normal(size=(d, d)), rng.normal(size=d), rng.normal(size=d), rng.normal(size=d)
    time = float(rng.uniform(0.2, 2.0))
    yield "euler_gradients", W, b, h0, g, time, [1, 2, 9][(i // 3) % 3]
    yield "flow_gradients", W, b, h0, g, time
