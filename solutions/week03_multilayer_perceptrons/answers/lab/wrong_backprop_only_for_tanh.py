"""The slope of tanh is built in: 1 - h^2.

question: backprop
fails: TestBackprop::test_square_layers_and_one_example
fails: TestBackprop::test_the_given_activation_and_slope
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
        gradients.append((inputs[level].T @ delta, delta.sum(axis=0)))
        if level > 0:
            delta = (delta @ params[level][0].T) * (1.0 - inputs[level] ** 2)
    return gradients[::-1]
