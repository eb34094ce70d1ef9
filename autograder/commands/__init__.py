"""One module per command of `autograder`: its options, what it does, what it prints. `cli` finds them; none imports it."""
