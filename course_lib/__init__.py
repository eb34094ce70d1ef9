"""PUBLIC: what a student's notebook imports. Small, pure, documented; every student notebook carries it in its first cell.

    course_lib.data      data sets that need no download, with a fixed split
    course_lib.plots     the house style of the course's figures
    course_lib.checks    `open_checks(...)`: the public checks
    course_lib.packages  what has to be installed besides; installs it in Colab, and nowhere else
    course_lib.versions  is this the Python and the JAX that submissions are graded with?
    course_lib.newer     what of a notebook those do not know (newer_names.py: since when there is what)
    course_lib.bans      what a question forbids, read from the cells' text (name_resolution.py, name_bindings.py, cell_text.py)
    course_lib.precision float32 products on a GPU or TPU, which round them unless asked not to
    course_lib.own_files what a notebook imports or reads from its folder: it goes along when it is handed in
    course_lib.hand_in   `grader.submit()`: tries the notebook (rerun.py), says what it found (hand_in_page.py), writes one file

Nothing here grades. Nothing here imports `autograder`: students have this package alone.
"""
