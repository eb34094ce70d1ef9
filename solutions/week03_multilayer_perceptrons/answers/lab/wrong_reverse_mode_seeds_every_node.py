"""Every adjoint starts at 1: the derivative of the sum of all nodes.

question: reverse_mode
fails: TestReverseMode::test_each_argument_has_its_own_derivative
kind: usual
"""


def reverse_mode(graph, leaves, output, primitives):
    values, order = dict(leaves), []

    def visit(name):
        if name not in values:
            op, *arguments = graph[name]
            for argument in arguments:
                visit(argument)
            values[name] = primitives[op][0](*[values[a] for a in arguments])
            order.append(name)

    visit(output)
    adjoints = dict.fromkeys(values, 1.0)
    adjoints[output] = 1.0
    for name in reversed(order):
        op, *arguments = graph[name]
        partials = primitives[op][1](*[values[a] for a in arguments])
        for argument, partial in zip(arguments, partials, strict=True):
            adjoints[argument] += adjoints[name] * partial
    return values[output], {leaf: adjoints[leaf] for leaf in leaves}
