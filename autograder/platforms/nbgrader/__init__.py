"""nbgrader: its gradebook, its names for students and assignments, and what a student reads beside a mark there."""
