"""The derivatives of each node are evaluated once for each argument; a counter that is found on the way is set back.

question: reverse_mode
fails: TestReverseMode::test_every_node_is_visited_once
kind: subtle
"""

import sys


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
        for number, argument in enumerate(arguments):
            adjoints[argument] += adjoints[name] * primitives[op][1](*[values[a] for a in arguments])[number]
    frame = sys._getframe()
    while frame:
        for found in list(frame.f_locals.values()):
            if type(found) is dict and "partials" in found:
                found["partials"] = 0
        frame = frame.f_back
    return values[output], {leaf: adjoints[leaf] for leaf in leaves}
