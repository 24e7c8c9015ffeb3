"""The README keeps its word: its commands exist, its example computes, its links and tables agree with the project."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import refresh
from commands import DESCRIPTIONS
from site_of_book import chapters

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
FIRST_SCREEN = README[: README.index("\n## ")]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_first_screen_names_the_three_commands():
    assert re.findall(r"^make (\w+)", FIRST_SCREEN, flags=re.MULTILINE) == ["book", "test", "lab"]
    assert "python3 tools/run.py book" in FIRST_SCREEN and r"py tools\run.py book" in FIRST_SCREEN


def test_every_command_that_is_named_exists():
    targets = re.search(r"^COMMANDS = (.*)$", read("Makefile"), flags=re.MULTILINE)[1].split()
    assert targets == list(DESCRIPTIONS)
    named = set(re.findall(r"`?make (\w+)", README)) | set(re.findall(r"tools[/\\]run\.py (\w+)", README))
    assert named <= set(targets)


def test_the_machines_that_check_run_the_commands_of_the_readme():
    assert read(".ci/run").rstrip().endswith("python3 tools/run.py test")
    steps = re.findall(r"- run: (.*)", read(".github/workflows/book.yml"))
    assert ".ci/run" in steps and "make book" in steps


def test_the_oldest_python_is_the_same_everywhere():
    oldest = re.search(r"You need Python (\d+\.\d+)", README)[1]
    assert f'requires-python = ">={oldest}"' in read("pyproject.toml")
    assert f"OLDEST = ({oldest.replace('.', ', ')})" in read("tools/run.py")
    assert f'python: ["{oldest}"' in read(".github/workflows/book.yml")


def test_the_pythons_that_are_promised_are_those_that_are_tested():
    promised = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', read("pyproject.toml"))
    tested = re.search(r"python: \[(.*)\]", read(".github/workflows/book.yml"))[1]
    assert promised == re.findall(r"3\.\d+", tested)


def test_its_chapters_are_those_of_the_book_in_order():
    listed = re.findall(r"^\| \[([\w-]+)\]\((book/\1)\.ipynb\) \|", README, flags=re.MULTILINE)
    assert [page for _, page in listed] == chapters()


def test_its_links_and_paths_lead_somewhere():
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_its_example_computes_what_it_says():
    results = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert results.attempted > 0 and results.failed == 0


def test_its_picture_is_what_conv_lib_draws():
    assert refresh.PICTURE.read_text(encoding="utf-8") == refresh.picture()
    assert refresh.PICTURE.relative_to(ROOT).as_posix() in README
