"""A lesson is one sitting: its length, its figure first, and sections that a reader can enter anywhere."""

from __future__ import annotations

import ast
import builtins
import json
import re
from pathlib import Path

import pytest

BOOK = Path(__file__).resolve().parent.parent / "book"
LESSONS = ("basics", "shapes", "groups", "depthwise", "1x1", "dilated", "strided", "backward", "transposed", "computed", "summary")
MOST_WORDS = 3000  # code and printed results counted


@pytest.fixture(params=LESSONS)
def lesson(request) -> list[dict]:
    return json.loads((BOOK / f"{request.param}.ipynb").read_text(encoding="utf-8"))["cells"]


@pytest.mark.parametrize("lesson", [*LESSONS, "network"], indirect=True)
def test_it_is_short_enough_for_one_sitting(lesson):
    texts = [source(cell) for cell in lesson] + [text for cell in lesson for text in printed(cell)]
    assert sum(len(re.findall(r"\w+", text)) for text in texts) <= MOST_WORDS


def test_a_live_figure_stands_before_the_first_section(lesson):
    opening = lesson[: next(i for i, cell in enumerate(lesson) if re.search(r"^## ", source(cell), re.MULTILINE))]
    assert any("image/svg+xml" in output.get("data", {}) for cell in opening for output in cell.get("outputs", []))
    assert "Predict first" in source(lesson[0])


# These three work on one example from start to end.
@pytest.mark.parametrize("lesson", [name for name in LESSONS if name not in ("backward", "transposed", "computed")], indirect=True)
def test_a_reader_can_start_at_any_section(lesson):
    """With the imports run, each section defines the names that it uses."""
    imports = {name for cell in code(lesson) for name in imported(ast.parse(source(cell)))}
    missing = {}
    for heading, cells in sections(lesson):
        for name in undefined(ast.parse("\n".join(map(source, cells))), imports | set(dir(builtins))):
            missing.setdefault(heading, []).append(name)
    assert missing == {}


def test_it_checks_the_reader_with_four_to_six_questions(lesson):
    questions = [cell for cell in code(lesson) if source(cell).startswith("Question(")]
    assert 4 <= len(questions) <= 6
    assert all("explanation=" in source(cell) and "wrong=" in source(cell) for cell in questions)


def source(cell: dict) -> str:
    return "".join(cell["source"])


def code(cells: list[dict]) -> list[dict]:
    return [cell for cell in cells if cell["cell_type"] == "code"]


def printed(cell: dict) -> list[str]:
    """What a reader sees as text below a code cell; a figure or a table has its own form."""
    outputs = [output for output in cell.get("outputs", []) if not {"image/svg+xml", "text/html"} & set(output.get("data", {}))]
    return ["".join(output.get("text", output.get("data", {}).get("text/plain", ""))) for output in outputs]


def sections(cells: list[dict]) -> list[tuple[str, list[dict]]]:
    """Code cells below each heading of the second level, with those before the first one."""
    found = [("the opening", [])]
    for cell in cells:
        if cell["cell_type"] == "code":
            found[-1][1].append(cell)
        elif heading := re.search(r"^## (.*)", source(cell), re.MULTILINE):
            found.append((heading[1], []))
    return found


def imported(tree: ast.AST) -> set[str]:
    kinds = (ast.Import, ast.ImportFrom)
    return {(alias.asname or alias.name).split(".")[0] for node in ast.walk(tree) if isinstance(node, kinds) for alias in node.names}


def undefined(tree: ast.Module, known: set[str]) -> list[str]:
    """Names that a module reads before any of its statements has set them."""
    known, missing = set(known), []
    for statement in tree.body:
        nodes = list(ast.walk(statement))
        local = {node.arg for node in nodes if isinstance(node, ast.arg)}
        local |= {name for node in nodes if isinstance(node, ast.comprehension) for name in names(node.target, ast.Store)}
        local |= {node.name for node in nodes if isinstance(node, (ast.ExceptHandler, ast.FunctionDef, ast.ClassDef))}
        if hasattr(statement, "body"):  # a loop, a function, a class: what is set inside can be read inside
            local |= names(statement, ast.Store)
        missing += sorted(names(statement, ast.Load) - known - local)
        known |= names(statement, ast.Store)
        known |= {node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    return missing


def names(tree: ast.AST, context: type) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, context)}
