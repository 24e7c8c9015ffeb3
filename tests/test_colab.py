"""The cell that installs conv_lib in Colab: in every notebook where the repository has an address, and in none before."""

from __future__ import annotations

import sys
from types import ModuleType

import colab
import nbformat
import pytest
from environment import ROOT
from IPython.core.interactiveshell import InteractiveShell

ADDRESS = "https://github.com/someone/course"


def opened(name: str) -> list:
    return nbformat.read(ROOT / "book" / name, as_version=4).cells


def install(cells: list, address: str) -> list:
    return colab.with_install(cells, nbformat.v4.new_code_cell(), address)


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "book").glob("*.ipynb")))
def test_every_notebook_is_as_the_configured_address_wants_it(name):
    cells = opened(name)
    assert [cell.source for cell in install(cells, colab.repository())] == [cell.source for cell in cells], "`make refresh` mends it"


def test_the_cell_comes_before_all_code_once_and_goes_with_the_address():
    before = opened("basics.ipynb")
    after = install(install(before, ADDRESS), ADDRESS)
    code = [cell for cell in after if cell.cell_type == "code"]
    assert code[0].id == colab.ID and len(after) == len(before) + 1
    assert install(after, "") == before


def test_it_installs_in_colab_only(monkeypatch):
    asked = []
    shell = InteractiveShell()
    monkeypatch.setattr(shell, "run_line_magic", lambda *arguments, **more: asked.append(arguments[:2]))
    source = colab.SOURCE.format(repository=ADDRESS)
    shell.run_cell(source).raise_error()
    assert asked == []
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    shell.run_cell(source).raise_error()
    assert asked == [("pip", f'install --quiet "conv-lib[figures] @ git+{ADDRESS}"')]
