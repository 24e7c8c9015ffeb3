"""What must hold of every notebook's file. That its outputs are right is nbval's part, in the same run of pytest."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from normalise import addresses, normalise, text_of
from site_of_book import pages

from conv_lib import figures

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "book").glob("*.ipynb"))

# Tags that take a cell out of the comparison, or out of the page.
TAGS_WITH_A_REASON = {"nbval-skip", "nbval-ignore-output", "raises-exception", "skip-execution", "remove-cell"}

COLUMN = 88  # a page's column at 1440 px holds 89 characters of code


def cells(path: Path, kind: str = "code") -> list[dict]:
    return [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == kind]


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.name)
def notebook(request) -> Path:
    return request.param


def test_every_page_is_in_the_table_of_contents():
    files = [*NOTEBOOKS, *(ROOT / "book").glob("*.md")]
    assert sorted(pages()) == sorted(f"book/{path.stem}" for path in files)


def test_it_uses_conv_lib(notebook):
    source = "\n".join("".join(cell["source"]) for cell in cells(notebook))
    assert re.search(r"^(?:import conv_lib|from conv_lib\b)", source, flags=re.MULTILINE)


def test_its_code_cells_are_numbered_in_order(notebook):
    counts = [cell["execution_count"] for cell in cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))


def test_it_is_stored_in_the_normal_form(notebook):
    text = notebook.read_text(encoding="utf-8")
    assert text == text_of(normalise(json.loads(text))), "`make refresh` stores it in that form"


def test_no_output_holds_an_address_or_an_error(notebook):
    assert addresses(json.loads(notebook.read_text(encoding="utf-8"))) == []
    failed = [cell["execution_count"] for cell in cells(notebook) if _fails(cell)]
    assert failed == [], "an expected error is caught and its message printed"


def test_a_cell_left_out_of_the_comparison_says_why(notebook):
    for cell in cells(notebook):
        tags = TAGS_WITH_A_REASON & set(cell["metadata"].get("tags", []))
        first_line = "".join(cell["source"]).splitlines()[0]
        assert not tags or first_line.startswith("# "), f"code cell {cell['execution_count']}: {tags} without a reason"


def test_no_output_holds_a_picture_that_cannot_be_compared(notebook):
    for cell in cells(notebook):
        for output in cell["outputs"]:
            pixels = [mime for mime in output.get("data", {}) if mime in ("image/png", "image/jpeg")]
            assert pixels == [], f"code cell {cell['execution_count']}: nbval does not compare {pixels}"


def test_its_code_fits_the_column(notebook):
    shown = [cell for cell in cells(notebook) if "remove-input" not in cell["metadata"].get("tags", [])]
    wide = [line for cell in shown for line in "".join(cell["source"]).splitlines() if len(line) > COLUMN]
    assert wide == [], f"more than {COLUMN} characters scroll sideways"


def test_the_code_of_a_figure_is_folded_or_not_shown_and_that_of_a_question_is_not_shown(notebook):
    for cell in cells(notebook):
        for output in cell["outputs"]:
            name = "".join(output.get("data", {}).get("text/plain", "")).partition("(")[0]
            if name in figures.__all__:
                allowed = {"remove-input"} if name == "Question" else {"remove-input", "hide-input"}
                assert allowed & set(cell["metadata"].get("tags", [])), f"code cell {cell['execution_count']}: tag it with {allowed}"


def _fails(cell: dict) -> bool:
    return any(output["output_type"] == "error" for output in cell["outputs"])
