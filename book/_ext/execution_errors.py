"""Name the notebook and the cell when a cell fails, as a warning: with -W it fails the build."""

from __future__ import annotations

import re

import nbformat
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)
RULE = "-" * 18


def name_the_cell(app: Sphinx, doctree) -> None:
    result = NbMetadataCollector.get_exec_data(app.env, app.env.docname)
    if not result or result["succeeded"]:
        return
    traceback = re.sub(r"\x1b\[[0-9;]*m", "", result["traceback"]).strip()
    message = traceback.splitlines()[-1]
    LOGGER.warning("code cell %s failed: %s", _failed_cell(app, traceback), message, location=app.env.docname)


def _failed_cell(app: Sphinx, traceback: str) -> str:
    """The number of the cell whose source the traceback quotes between two rules."""
    notebook = nbformat.read(app.env.doc2path(app.env.docname), as_version=4)
    sources = [cell.source.strip() for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    for number, source in enumerate(sources, start=1):
        if f"{RULE}\n{source}\n{RULE}" in traceback:
            return str(number)
    return "(see the traceback)"


def setup(app: Sphinx) -> dict:
    app.connect("doctree-read", name_the_cell)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
