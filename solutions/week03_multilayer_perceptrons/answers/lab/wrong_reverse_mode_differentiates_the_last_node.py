"""The node that comes last in the computation is differentiated, not the one asked for.

question: reverse_mode
fails: TestReverseMode::test_what_the_output_does_not_need
kind: subtle
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

    for name in graph:
        visit(name)
    adjoints = dict.fromkeys(values, 0.0)
    adjoints[order[-1]] = 1.0
    for name in reversed(order):
        op, *arguments = graph[name]
        partials = primitives[op][1](*[values[a] for a in arguments])
        for argument, partial in zip(arguments, partials, strict=True):
            adjoints[argument] += adjoints[name] * partial
    return values[output], {leaf: adjoints[leaf] for leaf in leaves}
