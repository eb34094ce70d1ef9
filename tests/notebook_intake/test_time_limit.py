"""The bound on processor time: in the main thread, and in the threads that Dask's workers read a stranger's file in."""

from __future__ import annotations

import threading
import time

import pytest

from autograder.notebook import time_limit
from autograder.notebook.archive import read_archive
from autograder.notebook.time_limit import TookTooLong, at_most


def in_a_thread(function) -> list:
    said: list = []

    def run():
        try:
            said.append(function())
        except BaseException as e:
            said.append(e)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(900)
    assert not thread.is_alive(), "it goes on"
    return said


def here(function) -> list:
    try:
        return [function()]
    except BaseException as e:
        return [e]


def endless() -> None:
    with at_most(0.3):
        while True:
            pass


def stubborn() -> str:
    """Swallows whatever is raised in it, for a while."""
    with at_most(0.2):
        for _ in range(3):
            try:
                while True:
                    pass
            except TookTooLong:
                continue
    return "out of the bound, and nothing comes after it"


def quick(left: float = 0.6) -> float:
    with at_most(0.2):
        pass
    end = time.process_time() + left
    while time.process_time() < end:  # what comes after the bound has all the time there is
        pass
    return left


@pytest.mark.parametrize("where", [here, in_a_thread])
class TestEverywhere:
    def test_what_has_no_end_has_one(self, where):
        (error,) = where(endless)
        assert isinstance(error, TookTooLong) and "more than 0.3 seconds" in str(error)

    def test_what_swallows_it_is_interrupted_again(self, where, monkeypatch):
        monkeypatch.setattr(time_limit, "_AGAIN", 0.3)
        (said,) = where(stubborn)
        assert said == "out of the bound, and nothing comes after it"

    def test_nothing_is_raised_after_the_body(self, where):
        assert where(quick) == [0.6]
        assert where(lambda: [quick(0.01) for _ in range(50)][-1]) == [0.01]

    def test_other_errors_pass(self, where):
        def fails():
            with at_most(5):
                raise KeyError("x")

        assert isinstance(where(fails)[0], KeyError)

    def test_an_archive_that_takes_too_long_is_refused(self, where, monkeypatch):
        from downloads import notebook, zip_of

        from autograder.notebook import archive

        def slowly(*_):
            while True:
                pass

        monkeypatch.setattr(archive, "_walk", slowly)
        monkeypatch.setattr(archive, "MAX_CPU_SECONDS", 0.2)
        (error,) = where(lambda: read_archive(zip_of({"lab.ipynb": notebook("x")}), "a.zip", 1.0))
        assert "the archive is damaged" in str(error) and len(str(error).splitlines()) == 1


def test_threads_that_watch_end():
    before = threading.active_count()
    for _ in range(5):
        in_a_thread(quick_only)
    deadline = time.monotonic() + 10
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert threading.active_count() == before


def quick_only() -> None:
    with at_most(5):
        pass
