"""The cell that installs conv_lib where a notebook is opened in Colab, which takes it from the repository alone.

It needs the repository's address: while `_config.yml` has none, no notebook has the cell. `make refresh` puts it there.
"""

from __future__ import annotations

from typing import Any

import yaml
from environment import ROOT

ID = "colab-install"
SOURCE = """\
# Colab has all that this notebook needs but conv_lib. Elsewhere the cell does nothing.
import sys
if "google.colab" in sys.modules:
    %pip install --quiet "conv-lib[figures] @ git+{repository}"
"""


def repository() -> str:
    """The address of the repository in _config.yml, or nothing."""
    return yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]["url"]


def with_install(cells: list[Any], cell: Any, address: str) -> list[Any]:
    """The cells of a notebook, with `cell` (an empty code cell) before its first code if there is an address."""
    rest = [other for other in cells if other.get("id") != ID]
    if not address:
        return rest
    cell |= {"id": ID, "source": SOURCE.format(repository=address.rstrip("/")).rstrip()}
    cell["metadata"] = {"tags": ["remove-cell"]}
    first = next(index for index, other in enumerate(rest) if other["cell_type"] == "code")
    return [*rest[:first], cell, *rest[first:]]
