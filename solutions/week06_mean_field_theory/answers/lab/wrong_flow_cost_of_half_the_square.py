"""The cost |x - y|^2 / 2.

question: flow
kind: usual
fails: TestFlow::test_on_a_line
fails: TestFlow::test_in_the_plane
"""

def divergence_velocity(x, y, plan_xy, plan_xx):
    return (plan_xy @ y - plan_xx @ x) / plan_xy.sum(axis=1, keepdims=True)
