"""Derivatives are evaluated at the node's own value in place of its arguments'.

question: reverse_mode
fails: TestReverseMode::test_each_argument_has_its_own_derivative
fails: TestReverseMode::test_contributions_add_up
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
    adjoints = dict.fromkeys(values, 0.0)
    adjoints[output] = 1.0
    for name in reversed(order):
        op, *arguments = graph[name]
        partials = primitives[op][1](*[values[name] for _ in arguments])
        for argument, partial in zip(arguments, partials, strict=True):
            adjoints[argument] += adjoints[name] * partial
    return values[output], {leaf: adjoints[leaf] for leaf in leaves}
