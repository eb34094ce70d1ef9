"""`make bench`: this grader, nbgrader and otter side by side on the same labs and the same hidden checks."""
