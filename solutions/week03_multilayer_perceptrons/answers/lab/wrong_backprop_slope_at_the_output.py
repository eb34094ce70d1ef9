"""The slope is applied at the output layer, too, which has no activation.

question: backprop
fails: TestBackprop::test_one_hidden_layer
fails: TestBackprop::test_a_single_layer_has_no_activation
kind: usual
"""


def backprop(params, x, phi, slope, cotangent):
    inputs, zs, h = [], [], x
    for W, b in params:
        inputs.append(h)
        zs.append(h @ W + b)
        h = phi(zs[-1])
    gradients, delta = [], cotangent
    delta = delta * slope(zs[-1])
    for level in reversed(range(len(params))):
        gradients.append((inputs[level].T @ delta, delta.sum(axis=0)))
        if level > 0:
            delta = (delta @ params[level][0].T) * slope(zs[level - 1])
    return gradients[::-1]
