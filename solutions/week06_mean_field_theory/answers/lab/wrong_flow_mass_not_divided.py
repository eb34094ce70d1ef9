"""Minus the gradient of S, without the mass.

question: flow
kind: usual
fails: TestFlow::test_on_a_line
fails: TestFlow::test_in_the_plane
"""

def divergence_velocity(x, y, plan_xy, plan_xx):
    return 2 * (plan_xy @ y - plan_xx @ x)
