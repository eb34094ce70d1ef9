"""The command line: which module holds each command, and how an error ends. A command's module is imported when it runs."""

from __future__ import annotations

import gc
import importlib
import sys

from autograder.garbage import collect_rarely

collect_rarely()  # before Click is imported: half of what `--help` takes is imports

import click  # noqa: E402

from autograder.commands.exit_status import INTERRUPTED, PROBLEM  # noqa: E402

# Every command, and what the list of commands says of it: the first sentence of its own help.
_COMMANDS = {
    "build": "Make the student notebooks in assignments/ from solutions/.",
    "demo": "Make a class of about two dozen submissions, right, wrong and hostile, and grade it.",
    "doctor": "Say how well submissions are isolated on this machine, and whether it has what a run of this course needs.",
    "explain": "For staff: what happened in QUESTION (week03/lab/backprop), or in a notebook (week03/lab), beside the reference.",
    "export": "Write the marks of ASSIGNMENT (week03/lab) as a CSV that Canvas or Moodle imports.",
    "grade": "Grade every submission of ASSIGNMENT (week03/lab) in a folder.",
    "instructor": "Run the solved notebooks and write them, with notes and marking schemes, to build/instructor/ as HTML.",
    "mark": "Open a page on this machine on which a person marks the written answers of ASSIGNMENT (week03/lab), with comments.",
    "marks": "Write everybody's marks of the term as one CSV: late days, penalties, extensions and drops included.",
    "nbgrader": "The course in nbgrader: its course directory, gradebook and formgrader.",
    "package": "Make the zip by which Gradescope grades ASSIGNMENT (week03/lab).",
    "regrade": "Grade again and compare with the results there are, before anything is replaced.",
    "release": "Pack what students get: WEEK's notebooks (or week03/lab alone), requirements, a page, course_lib as a wheel.",
    "similarity": "Show which submissions of ASSIGNMENT share code beyond the starter notebook: places to look, no verdicts.",
    "verify": "Do the hidden suites of WEEK deserve trust? Tries mutants, wrong, right and empty answers on each.",
    "warm": "Fill the cache of compiled programs from the solutions (grading does it by itself when it is missing).",
}
# What packages import where it can be had, and do without where it cannot: jsonschema a checker of internationalised addresses,
# which notebooks lack and whose grammar takes a second; jupytext its plug-ins for the Jupyter server, a tenth.
_NOT_NEEDED = ("rfc3987_syntax", "jupytext.sync_contentsmanager", "jupytext.async_contentsmanager")


class _Group(click.Group):
    """Imports a command when it is asked for; prints our errors as one paragraph. Anything else is a bug and shows its traceback.

    After "Lazily Loading Subcommands" of Click's documentation.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        # Two commands share how a class is graded, and with it a module.
        module = importlib.import_module(f"autograder.commands.{'grade' if cmd_name == 'regrade' else cmd_name}")
        return getattr(module, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name]) for name in self.list_commands(ctx)])

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


if __name__ == "__main__":
    main()
