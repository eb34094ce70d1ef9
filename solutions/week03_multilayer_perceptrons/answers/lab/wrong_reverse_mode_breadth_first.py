"""Nodes are visited by distance from the output: a node reached by a short and a long way is passed on too early.

question: reverse_mode
fails: TestReverseMode::test_short_and_long_way_to_the_same_node
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
    queue = [output]
    for name in queue:
        queue += [a for a in dict.fromkeys(graph[name][1:]) if a in graph and a not in queue]
    adjoints = dict.fromkeys(values, 0.0)
    adjoints[output] = 1.0
    for name in queue:
        op, *arguments = graph[name]
        partials = primitives[op][1](*[values[a] for a in arguments])
        for argument, partial in zip(arguments, partials, strict=True):
            adjoints[argument] += adjoints[name] * partial
    return values[output], {leaf: adjoints[leaf] for leaf in leaves}
