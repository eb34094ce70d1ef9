from autograder.notebook.source_cells import Role


def test_cells_and_questions_are_read(source):
    assert source.assignment.title == "Small things"
    softplus, twice, why = source.assignment.questions
    assert softplus.title == "1. A smooth hinge $\\log(1 + e^x)$"
    assert (softplus.points, softplus.minutes, softplus.difficulty) == (2, 10, "*")
    assert (softplus.names, softplus.bans) == (("softplus",), ("autodiff",))
    assert (twice.names, twice.needs) == (("Tower", "shadow"), ("softplus",))
    assert why.written and why.names == ()
    assert [c.role for c in source.cells].count(Role.CHECK) == 3


def test_cells_to_grade_are_support_and_solutions_without_marks(source):
    cells = source.solution_cells()
    assert [(c.question, c.defines) for c in cells] == [
        ("", ("grader",)),
        ("", ()),
        ("", ("scaled", "SCALE")),
        ("softplus", ("softplus",)),
        ("twice", ("Tower", "shadow")),
    ]
    namespace: dict = {}
    for cell in cells:
        assert "SOLUTION" not in cell.source
        exec(cell.source, namespace)
    assert namespace["Tower"]().height(4) == 10
