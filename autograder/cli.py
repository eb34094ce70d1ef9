"""The command line: one command per thing that a person wants done. Only wiring; heavy imports wait until a command runs."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from autograder.garbage import collect_rarely

collect_rarely()  # before Click is imported: half of what `--help` takes is imports

import click  # noqa: E402

OK, NOT_ALL, WRONG_USE = 0, 3, 2
PROBLEM, INTERRUPTED = 1, 130
# What packages import where it can be had, and do without where it cannot: jsonschema a checker of internationalised addresses,
# which notebooks lack and whose grammar takes a second; jupytext its plug-ins for the Jupyter server, a tenth.
_NOT_NEEDED = ("rfc3987_syntax", "jupytext.sync_contentsmanager", "jupytext.async_contentsmanager")


class _Group(click.Group):
    """Prints our errors as one paragraph; anything else is a bug and shows its traceback."""

    def get_help(self, ctx: click.Context) -> str:
        gc.freeze()  # the process ends after it: what is there now is not looked through, a tenth of the time of `--help`
        return super().get_help(ctx)

    def invoke(self, ctx: click.Context):
        from autograder.errors import AutograderError
        from autograder.interrupts import not_in_imports
        from autograder.report.printable import printable

        for name in _NOT_NEEDED:
            sys.modules.setdefault(name, None)  # type: ignore[arg-type]
        try:
            with not_in_imports():
                return super().invoke(ctx)
        except click.UsageError as e:  # of a file's name, say, that a shell put there for a pattern
            e.message = printable(e.message)
            raise
        except KeyboardInterrupt:  # wherever it falls: a command that can say more does so itself
            click.echo("\nStopped. What was done so far is saved; the same command goes on from there.", err=True)
            sys.exit(INTERRUPTED)
        except AutograderError as e:
            text = str(e)
        except OSError as e:
            text = _of_the_machine(e)
            if not text:
                raise
        click.echo(click.style("autograder: ", fg="red", bold=True) + printable(text), err=True)
        sys.exit(PROBLEM)


def _of_the_machine(error: OSError) -> str:
    """What a disk or file system refused, with what to do; "" for what is a bug of ours."""
    import errno
    import tempfile

    remedies = {
        errno.ENOSPC: "Free some space there", errno.EDQUOT: "Free some space there",
        errno.EROFS: "Copy the course to a folder that can be written to",
        errno.EACCES: "Run as the user whom it belongs to, or copy the course to a folder of your own",
        errno.EPERM: "Run as the user whom it belongs to, or copy the course to a folder of your own",
        errno.ESTALE: "Look whether the network file system is there, then run the command again",
        errno.EIO: "Look whether the disk or network file system is in order, then run the command again",
    }  # fmt: skip
    if error.errno == errno.ENOENT and "temporary directory" in str(error):
        return f"{error.strerror}: none of them can be written to. Name a folder with some space in TMPDIR."
    remedy = remedies.get(error.errno or 0)
    if remedy is None:
        return ""
    where = str(error.filename or f"the course's folder or the one for temporary files ({tempfile.gettempdir()})")
    if error.errno in (errno.ENOSPC, errno.EDQUOT) and where.startswith(tempfile.gettempdir()):
        remedy += ", or name another folder for temporary files in TMPDIR"
    return f"{where}: {error.strerror}. {remedy}; what was done so far is kept."


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Build, grade and release the course's notebooks. Run it anywhere inside the course's folder."""


def _course():
    from autograder.course import find_root, load_course

    return load_course(find_root(Path.cwd()))


_unsafe = click.option(
    "--unsafe-no-sandbox", "unsafe", is_flag=True, help="Grade even where submissions cannot be isolated; reports say so."
)
_source = click.option(
    "--from", "folder", required=True, type=click.Path(path_type=Path),
    help="What was handed in: a folder, or the zip that Canvas, Moodle or Gradescope gives.",
)
_results = click.option("--to", "results", type=click.Path(path_type=Path), help="Where results go [grades/WEEK/NOTEBOOK].")
_workers = click.option("--workers", default=0, show_default="one per core", help="Grading processes.")


@main.command()
@click.argument("week", required=False)
@click.option("--check", is_flag=True, help="Change nothing; say which student notebooks are stale.")
@click.option("--new-points", is_flag=True, help="Of WEEK: students know that its points are not those of the release.")
def build(week: str | None, check: bool, new_points: bool) -> None:
    """Make the student notebooks in assignments/ from solutions/. WEEK: week03, 3 or week03/lab; all if left out."""
    from autograder.commands import build_command

    sys.exit(build_command(_course(), week, check, new_points))


def _how(command):
    """The options that say how to grade; the command gets them as `how`."""
    for option in reversed(_HOW):
        command = option(command)
    return command


_HOW = (
    _workers,
    click.option("--regrade", "--anew", "anew", is_flag=True, help="Grade also what is unchanged since the last run."),
    click.option("--question", "questions", multiple=True, help="Of files graded before, only this question (may be repeated)."),
    click.option("--epoch", default=None, help="Draw other hidden inputs than the last run of the class."),
    click.option("--roster", type=click.Path(path_type=Path), help="The class list, a CSV [the one that course.toml names]. *"),
    click.option("--times", type=click.Path(path_type=Path), help="Hand-in times, a CSV (Moodle's grading worksheet, say). *"),
    click.option("--ignore-late/--count-late", default=None, help="Take everything as handed in on time (copied files, say). *"),
    click.option("--dask", default=None, metavar="ADDRESS", help="Grade on the workers of a Dask cluster: its scheduler. *"),
    click.option("--gradebook", type=click.Path(path_type=Path), metavar="DIR", help="Write marks into this nbgrader course."),
    click.option("--no-gradebook", is_flag=True, help="Leave nbgrader's gradebook alone."),
    click.option("--yes", is_flag=True, help="Publish lowered marks without asking."),
    _unsafe,
)


@main.command()
@click.argument("assignment")
@_source
@_results
@_how
def grade(assignment: str, folder: Path, results: Path | None, **how) -> None:
    """Grade every submission of ASSIGNMENT (week03/lab) in a folder.

    What is unchanged since the last run (submission, tests, library, limits) is not graded again; an edited test has only its
    own question graded again. A run that was stopped goes on where it was. Before a mark that is published becomes lower, it is
    shown, and asked for.

    * is remembered with the results: left out, it holds as in the last run; the word none (or --count-late) ends that.

    Where the course has an nbgrader course directory (autograder nbgrader init), marks and comments go into its gradebook as
    well, unless --to names another folder for the results.

    Exit status: 0 all graded, 3 some not (they are listed), 1 nothing could be done, 130 stopped.
    """
    from autograder.grade_command import grade_command
    from autograder.grading_run import How

    sys.exit(grade_command(_course(), assignment, folder, results, How(**how)))


@main.command()
@click.argument("assignment")
@_source
@_results
@click.option("--compare", is_flag=True, help="Only show who would gain and lose what; publish nothing.")
@_how
def regrade(assignment: str, folder: Path, results: Path | None, compare: bool, **how) -> None:
    """Grade again and compare with the results there are, before anything is replaced.

    * is remembered with the results: left out, it holds as in the last run; the word none (or --count-late) ends that.
    """
    from autograder.grade_command import regrade_command
    from autograder.grading_run import How

    sys.exit(regrade_command(_course(), assignment, folder, results, compare, How(**how)))


_class_options = (
    click.option("--roster", type=click.Path(path_type=Path), help="The class list, a CSV [the one that course.toml names]."),
    click.option("--ignore-late", is_flag=True, help="Take everything as handed in on time."),
)


def _of_class(command):
    for option in reversed(_class_options):
        command = option(command)
    return command


@main.command()
@click.argument("assignment")
@click.option("--for", "platform", required=True, type=click.Choice(["canvas", "moodle", "gradescope", "csv"]))
@click.option("--template", type=click.Path(path_type=Path), help="The platform's own export: fill one column, keep the rest.")
@click.option("--column", default="", help="The platform's column for this assignment, where its title does not tell.")
@click.option("--marks", type=click.Path(path_type=Path), help="Marks that people gave, a CSV [manual.csv, nbgrader].")
@click.option("--results", type=click.Path(path_type=Path), help="Results to export [grades/WEEK/NOTEBOOK].")
@click.option("--to", type=click.Path(path_type=Path), help="The file to write [PLATFORM.csv beside the results].")
@_of_class
def export(assignment, platform, template, column, marks, results, to, roster, ignore_late) -> None:
    """Write the marks of ASSIGNMENT (week03/lab) as a CSV that Canvas or Moodle imports.

    What has no final mark (not graded, or an answer that waits for a person) is left empty and listed, never a zero.

    Exit status: 0 everybody who handed in has a mark, 3 some do not (they are listed), 1 nothing could be done.
    """
    from autograder.console import console
    from autograder.marks_commands import Sources, export_command

    sources = Sources(results, roster, marks, ignore_late)
    sys.exit(export_command(_course(), assignment, platform, template, column, to, sources, console))


@main.command()
@click.argument("assignment")
@click.option("--question", "questions", multiple=True, help="Mark this question [all written ones] (may be repeated).")
@click.option("--results", type=click.Path(path_type=Path), help="Results to mark [grades/WEEK/NOTEBOOK].")
@click.option("--port", default=0, show_default="any free one", type=click.IntRange(0, 65535), help="Of the local page.")
@click.option("--no-browser", is_flag=True, help="Only print the page's address.")
def mark(assignment: str, questions, results: Path | None, port: int, no_browser: bool) -> None:
    """Open a page on this machine on which a person marks the written answers of ASSIGNMENT (week03/lab), with comments.

    What is saved goes into manual.csv beside the results, survives every regrade, and is on the student's page at once.

    Exit status, after Ctrl-C: 0 nothing waits any more, 3 something does, 1 there is nothing to mark.
    """
    from autograder.console import console
    from autograder.mark_page.command import mark_command

    sys.exit(mark_command(_course(), assignment, questions, results, port, not no_browser, console))


@main.command()
@click.option("--to", type=click.Path(path_type=Path), help="The file to write [grades/marks.csv].")
@_of_class
def marks(to, roster, ignore_late) -> None:
    """Write everybody's marks of the term as one CSV: late days, penalties, extensions and drops included.

    Exit status: 0 every total is final, 3 some are not (they are listed), 1 there are no results.
    """
    from autograder.console import console
    from autograder.marks_commands import Sources, marks_command

    sys.exit(marks_command(_course(), to, Sources(roster=roster, ignore_late=ignore_late), console))


@main.command()
@click.argument("assignment")
@click.option("--from", "folder", type=click.Path(path_type=Path), help="What was handed in [what was graded last].")
@click.option("--to", "page", type=click.Path(dir_okay=False, path_type=Path), help="The page [grades/.../similarity.html].")
@click.option("--threshold", default=30.0, show_default=True, type=click.FloatRange(0, 100), help="The least share, per cent.")
def similarity(assignment: str, folder: Path | None, page: Path | None, threshold: float) -> None:
    """Show which submissions of ASSIGNMENT share code beyond the starter notebook: places to look, no verdicts.

    Exit status: 0 all compared, 3 some could not be read (they are listed), 1 nothing could be done.
    """
    from autograder.similarity.command import similarity_command

    sys.exit(similarity_command(_course(), assignment, folder, page, threshold))


@main.command()
@click.argument("question")
@click.argument("who", required=False)
@click.option("--submission", help="The same as WHO.")
@click.option("--results", type=click.Path(path_type=Path), help="Results to look people up in [grades/WEEK/NOTEBOOK].")
@click.option("--epoch", default=None, help="The inputs of another run.")
@click.option("--all", "everything", is_flag=True, help="Show also what passed.")
@_unsafe
def explain(question, who, submission, results, epoch, everything, unsafe) -> None:
    """For staff: what happened in QUESTION (week03/lab/backprop), or in a whole notebook (week03/lab), beside the reference.

    WHO is somebody with results (an id, a name, or a part of it that fits one person), or a notebook's file.
    """
    from autograder.console import console
    from autograder.explain_command import explain_command

    if (who is None) == (submission is None):
        raise click.UsageError("Whose? Write e.g.: autograder explain week03/lab/backprop alice")
    sys.exit(explain_command(_course(), question, who or submission, results, epoch, unsafe, everything, console))


@main.command()
@click.argument("week", required=False)
@click.option("--question", "questions", multiple=True, help="Only this question's suite (may be given several times).")
@click.option("--fail-under", default=95.0, show_default=True, help="The least mutation score of a question, per cent.")
@click.option("--seeds", type=click.IntRange(1), help="Secret seeds that right answers must survive [20; a release: 200].")
@click.option("--sample", is_flag=True, help="A quick look, for every commit: few mutants, one seed.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write everything found as JSON.")
@click.option("--checks", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Only the wrong answers: print which the public checks catch, and write the table to FILE (docs/checks.md).")
@_workers
@_unsafe
def verify(week, questions, fail_under, seeds, sample, json_file, checks, workers, unsafe) -> None:
    """Do the hidden suites of WEEK deserve trust? Tries mutants, wrong, right and empty answers on each.

    Exit status: 0 nothing to mend, 1 something is (the lines with !). The page is build/verify/WEEK.html.
    """
    from autograder.verify.command import verify_command

    sys.exit(verify_command(_course(), week, questions, fail_under, seeds, sample, json_file, checks, workers, unsafe))


@main.command()
@click.argument("week", required=False)
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), help="Where the zips go [build/release].")
@click.option("--with-answers", is_flag=True, help="With the answers to Predict and Reflect, folded. After the due date only.")
@click.option("--before-due", is_flag=True, help="With --with-answers: publish the answers although it is not due yet.")
def release(week: str | None, folder: Path | None, with_answers: bool, before_due: bool) -> None:
    """Pack what students get: WEEK's notebooks (or week03/lab alone), requirements, a page, course_lib as a wheel."""
    from autograder.commands import release_command

    sys.exit(release_command(_course(), week, folder, with_answers, before_due))


@main.command()
@click.argument("assignment")
@click.option("--for", "service", required=True, type=click.Choice(["gradescope"]), help="Where the package will run.")
@click.option("--to", "path", type=click.Path(dir_okay=False, path_type=Path), help="The zip [build/packages/WEEK-NOTEBOOK.zip].")
@click.option("--minutes", default=10, show_default=True, type=click.IntRange(4, 40), help="After which its settings end a run.")
@click.option("--memory", default=768, show_default=True, type=click.IntRange(700), help="MB that its settings give a run.")
def package(assignment: str, service: str, path: Path | None, minutes: int, memory: int) -> None:
    """Make the zip by which Gradescope grades ASSIGNMENT (week03/lab). PRIVATE: it holds the hidden suite."""
    from autograder.commands import package_command

    sys.exit(package_command(_course(), assignment, path, minutes, memory))


@main.command()
@click.argument("assignment", required=False)
def instructor(assignment: str | None) -> None:
    """Run the solved notebooks and write them, with notes and marking schemes, to build/instructor/ as HTML. Private."""
    from autograder.commands import instructor_command

    sys.exit(instructor_command(_course(), assignment))


@main.command()
@click.argument("assignment", required=False)
def warm(assignment: str | None) -> None:
    """Fill the cache of compiled programs from the solutions (grading does it by itself when it is missing)."""
    from autograder.commands import warm_command

    sys.exit(warm_command(_course(), assignment))


@main.group()
def nbgrader() -> None:
    """The course in nbgrader: its course directory, gradebook and formgrader."""


@nbgrader.command("init")
@click.argument("directory", required=False, type=click.Path(path_type=Path))
@click.option("--database", default="", metavar="URL", help="An SQLAlchemy URL in place of DIRECTORY/gradebook.db.")
def nbgrader_init(directory: Path | None, database: str) -> None:
    """Make or update nbgrader's course directory (default: [gradebook] in course.toml) from our assignments."""
    from autograder.console import console
    from autograder.gradebook.command import nbgrader_init_command

    sys.exit(nbgrader_init_command(_course(), directory, database, console))


@main.command()
@click.option("--to", "folder", default="build/demo", type=click.Path(path_type=Path), help="Where class and results go.")
@click.option("--assignment", default="week03/lab", show_default=True)
@_workers
def demo(folder: Path, assignment: str, workers: int) -> None:
    """Make a class of about two dozen submissions, right, wrong and hostile, and grade it."""
    from autograder.commands import demo_command

    sys.exit(demo_command(_course(), assignment, folder, workers))


@main.command()
@_workers
def doctor(workers: int) -> None:
    """Say how well submissions are isolated on this machine, and whether it has what a run of this course needs.

    Exit status: 0 the strongest isolation and nothing to mend, 1 something is (the lines with !).
    """
    from autograder.course import find_root, load_course
    from autograder.doctor import doctor_command
    from autograder.errors import CourseError

    try:
        root = find_root(Path.cwd())
    except CourseError:  # outside of a course there is still the machine
        root = None
    sys.exit(doctor_command(load_course(root) if root else None, workers))


if __name__ == "__main__":
    main()
