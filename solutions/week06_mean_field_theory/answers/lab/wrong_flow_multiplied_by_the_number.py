"""The mass divided out as if all were 1/n.

question: flow
kind: usual
fails: TestFlow::test_on_a_line
fails: TestFlow::test_in_the_plane
"""

def divergence_velocity(x, y, plan_xy, plan_xx):
    return 2 * len(x) * (plan_xy @ y - plan_xx @ x)
