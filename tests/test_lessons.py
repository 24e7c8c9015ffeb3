"""A lesson is one sitting: its length, its figure first, and sections that a reader can enter anywhere."""

from __future__ import annotations

import ast
import builtins
import json
import re
from pathlib import Path

import pytest

from conv_lib import figures

BOOK = Path(__file__).resolve().parent.parent / "book"
LESSONS = [
    *("basics", "shapes", "groups", "depthwise", "1x1", "dilated", "strided"),
    *("backward", "transposed", "computed", "network", "summary"),
]
MOST_WORDS = 3000  # code and printed results counted


@pytest.fixture(params=LESSONS)
def lesson(request) -> list[dict]:
    return json.loads((BOOK / f"{request.param}.ipynb").read_text(encoding="utf-8"))["cells"]


def test_it_is_short_enough_for_one_sitting(lesson):
    texts = [source(cell) for cell in lesson] + [text for cell in lesson for text in printed(cell)]
    assert sum(len(re.findall(r"\w+", text)) for text in texts) <= MOST_WORDS


def test_a_live_figure_stands_before_the_first_section(lesson):
    opening = lesson[: next(i for i, cell in enumerate(lesson) if re.search(r"^## ", source(cell), re.MULTILINE))]
    told = [text.partition("(")[0] for cell in code(opening) for output in cell["outputs"] for text in plain(output)]
    assert set(told) & set(figures.__all__) - {"Question"}
    assert "Predict first" in source(lesson[0])


def test_a_reader_can_start_at_any_section(lesson):
    """With the imports and the first figure's cell run, each section defines the names that it uses."""
    imports = {name for cell in code(lesson) for name in imported(ast.parse(source(cell)))}
    (_, opening), *others = sections(lesson)
    first = defined(ast.parse(run(opening)))
    missing = {}
    for heading, cells in others:
        for name in undefined(ast.parse(run(cells)), imports | first | set(dir(builtins))):
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


def run(cells: list[dict]) -> str:
    """The code of the cells, with the text that one of them runs by `exec` in its place."""
    text = "\n".join(map(source, cells))
    texts = dict(re.findall(r'^(\w+) = """\\\n(.*?)"""', text, flags=re.DOTALL | re.MULTILINE))
    return re.sub(r"\bexec\((\w+)\)", lambda found: texts.get(found[1], found[0]), text)


def plain(output: dict) -> list[str]:
    return ["".join(output["data"]["text/plain"])] if "text/plain" in output.get("data", {}) else []


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
        known |= defined(statement)
    return missing


def defined(tree: ast.AST) -> set[str]:
    kinds = (ast.FunctionDef, ast.ClassDef)
    return names(tree, ast.Store) | {node.name for node in ast.walk(tree) if isinstance(node, kinds)}


def names(tree: ast.AST, context: type) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, context)}
