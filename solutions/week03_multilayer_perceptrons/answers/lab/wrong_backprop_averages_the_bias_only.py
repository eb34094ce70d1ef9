"""Weights are summed over the batch, biases are averaged.

question: backprop
fails: TestBackprop::test_one_hidden_layer
fails: TestBackprop::test_square_batch
kind: usual
"""


def backprop(params, x, phi, slope, cotangent):
    inputs, zs, h = [], [], x
    for W, b in params:
        inputs.append(h)
        zs.append(h @ W + b)
        h = phi(zs[-1])
    gradients, delta = [], cotangent
    for level in reversed(range(len(params))):
        gradients.append((inputs[level].T @ delta, delta.mean(axis=0)))
        if level > 0:
            delta = (delta @ params[level][0].T) * slope(zs[level - 1])
    return gradients[::-1]
