"""x_i is differentiated on one side of OT(mu, mu) only.

question: flow
kind: usual
fails: TestFlow::test_on_a_line
fails: TestFlow::test_in_the_plane
"""

def divergence_velocity(x, y, plan_xy, plan_xx):
    mass = plan_xy.sum(axis=1, keepdims=True)
    return 2 * (plan_xy @ y / mass - x) + (x - plan_xx @ x / mass)
