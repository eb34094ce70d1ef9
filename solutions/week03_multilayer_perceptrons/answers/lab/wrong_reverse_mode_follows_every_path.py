"""A recursion along each path: the right number at exponential cost.

question: reverse_mode
fails: TestReverseMode::test_every_node_is_visited_once
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
    adjoints = dict.fromkeys(leaves, 0.0)

    def push(name, adjoint):
        if name in leaves:
            adjoints[name] += adjoint
            return
        op, *arguments = graph[name]
        for argument, partial in zip(arguments, primitives[op][1](*[values[a] for a in arguments]), strict=True):
            push(argument, adjoint * partial)

    push(output, 1.0)
    return values[output], {leaf: adjoints[leaf] for leaf in leaves}
