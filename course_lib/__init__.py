"""PUBLIC: what a student's notebook imports. Small, pure, documented; nothing here downloads, writes or grades.

    course_lib.data    data sets that need no download, with a fixed split
    course_lib.plots   the house style of the course's figures
    course_lib.checks  `open_checks(...)`, the first cell of every notebook

Nothing here imports `autograder`: students install this package alone.
"""
