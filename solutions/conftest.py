"""Lets an author run a hidden suite by plain pytest: see docs/authoring.md, "Debugging a suite"."""

from autograder.grading.author_mode import AuthorMode, add_options


def pytest_addoption(parser):
    add_options(parser)


def pytest_configure(config):
    config.pluginmanager.register(AuthorMode(config), "autograder-author-mode")
