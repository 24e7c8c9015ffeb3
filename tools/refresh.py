"""Store anew what is derived from conv_lib: the outputs of the notebooks, and the picture of the README.

Run twice, the second run changes nothing.
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import colab
import nbformat
import numpy as np
from conv_lib import draw
from environment import ROOT, SAFE_KERNELS
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from normalise import addresses, normalise, text_of

SECONDS_A_CELL = 180
PICTURE = ROOT / "book" / "_assets" / "first-figure.svg"


class RefreshError(Exception):
    """A notebook that cannot be stored, said with its name and cell."""


def main(names: list[str]) -> int:
    """Refresh the notebooks named, or everything. A notebook that fails keeps its file as it was."""
    os.environ.update(SAFE_KERNELS)
    if not names:
        PICTURE.write_text(picture(), encoding="utf-8", newline="\n")
    paths = [Path(name).resolve() for name in names] or sorted((ROOT / "book").glob("*.ipynb"))
    failures = 0
    with ThreadPoolExecutor(max_workers=2) as pool:
        for path, job in [(path, pool.submit(refresh, path)) for path in paths]:
            try:
                print(f"{path.name}: {'stored' if job.result() else 'unchanged'}", flush=True)
            except RefreshError as error:
                failures += 1
                print(f"{path.name}: {error}", file=sys.stderr, flush=True)
    return 1 if failures else 0


def picture() -> str:
    """The first figure of the course, for the README."""
    x, weight = np.arange(36).reshape(1, 1, 6, 6), np.ones((1, 1, 3, 3), int)
    return draw.convolution(x, weight, padding=1, at=(0, 0, 0, 0)).svg + "\n"


def refresh(path: Path) -> bool:
    """Execute one notebook and store it; True if its file changed."""
    before = path.read_text(encoding="utf-8")
    stored = normalise(json.loads(nbformat.writes(execute(path))))
    for cell, text in addresses(stored):
        raise RefreshError(f"code cell {cell}: its output holds a memory address ({text!r}), new on every run.")
    for folder in {str(ROOT), sys.prefix, os.path.expanduser("~")} - {"/"}:
        for cell in stored["cells"]:
            if folder in json.dumps(cell.get("outputs", [])):
                raise RefreshError(f"code cell {cell['execution_count']}: its output holds a folder of this machine.")
    after = text_of(stored)
    if after != before:
        path.write_text(after, encoding="utf-8", newline="\n")
    return after != before


def execute(path: Path) -> nbformat.NotebookNode:
    """The notebook with the outputs of a new kernel, run in its own folder as a reader's would be."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = colab.with_install(notebook.cells, nbformat.v4.new_code_cell(), colab.repository())
    client = NotebookClient(
        notebook,
        timeout=SECONDS_A_CELL,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        store_widget_state=False,
    )
    code = 0
    with client.setup_kernel():
        for index, cell in enumerate(notebook.cells):
            code += cell.cell_type == "code" and bool(cell.source.strip())
            try:
                client.execute_cell(cell, index)
            except CellExecutionError as error:
                raise RefreshError(f"code cell {code}: {error.ename}: {error.evalue}") from None
            except (CellTimeoutError, DeadKernelError) as error:
                raise RefreshError(f"code cell {code}: {error}") from None
    return notebook


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
