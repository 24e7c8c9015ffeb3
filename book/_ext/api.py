"""Let plain links lead to the API page and from there to the sources.

`[conv2d](api.md#conv_lib.conv2d)` in a chapter leads to the function; "Dumoulin and Visin 2016" in a docstring, which stays readable in
a terminal, leads to the list of references.
"""

from __future__ import annotations

import re
from pathlib import Path

from citations import AuthorYearStyle
from pybtex.database import parse_file
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment


def name_objects(app: Sphinx, env: BuildEnvironment) -> None:
    """Make each documented name known as a place of its page, as headings are."""
    for name, documented in env.get_domain("py").objects.items():
        env.metadata[documented.docname].setdefault("myst_slugs", {})[name] = (0, documented.node_id, name)


def link_sources(app: Sphinx, what: str, name: str, documented: object, options: object, lines: list[str]) -> None:
    """In the lines of a docstring, each name and year of the references as a link to its entry."""
    entries = parse_file(str(Path(app.confdir) / app.config.bibtex_bibfiles[0])).entries.values()
    entries = AuthorYearStyle().format_entries(entries)
    links = {entry.label: f"`{entry.label} <references.html#{entry.key}>`__" for entry in entries}
    with_year = "|".join(re.escape(label) for label in links if label[-1].isdigit())
    lines[:] = [re.sub(with_year, lambda found: links[found[0]], line) for line in lines]


def setup(app: Sphinx) -> dict:
    app.connect("env-updated", name_objects)
    app.connect("autodoc-process-docstring", link_sources, priority=400)  # before napoleon reads the sections (500)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
