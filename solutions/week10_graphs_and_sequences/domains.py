"""Domains of week 10's questions for `autograder verify`: what the text promises about the inputs."""


def lab_gcn_average(rng, i):
    """Nonnegative weights with a zero diagonal; lonely nodes and graphs without edges included."""
    n = [1, 4, 6][i % 3]
    weights = rng.uniform(0.0, 3.0, size=(n, n)) * (rng.uniform(size=(n, n)) < [0.0, 0.4, 1.0][(i // 3) % 3])
    weights[range(n), range(n)] = 0.0
    yield "gcn_average", weights, rng.normal(size=(n, 2))
