"""Let plain links lead to the API page and from there to the sources, and give live figures their signatures.

`[conv2d](api.md#conv_lib.conv2d)` in a chapter leads to the function; "Dumoulin and Visin 2016" in a docstring, which stays readable in
a terminal, leads to the list of references.
"""

from __future__ import annotations

import functools
import inspect
import re
from pathlib import Path

from citations import AuthorYearStyle
from conv_lib.figures.base import LiveFigure
from pybtex.database import parse_file
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment


def name_objects(app: Sphinx, env: BuildEnvironment) -> None:
    """Make each documented name known as a place of its page, as headings are."""
    for name, documented in env.get_domain("py").objects.items():
        env.metadata[documented.docname].setdefault("myst_slugs", {})[name] = (0, documented.node_id, name)


@functools.cache
def entry_links(references: Path) -> dict[str, str]:
    """What the chapters call each entry, and the link that leads to it."""
    entries = AuthorYearStyle().format_entries(parse_file(str(references)).entries.values())
    return {entry.label: f"`{entry.label} <references.html#{entry.key}>`__" for entry in entries}


def link_sources(app: Sphinx, what: str, name: str, documented: object, options: object, lines: list[str]) -> None:
    """In the lines of a docstring, each name and year of the references as a link to its entry."""
    links = entry_links(Path(app.confdir) / app.config.bibtex_bibfiles[0])
    with_year = "|".join(re.escape(label) for label in links if label[-1].isdigit())
    lines[:] = [re.sub(with_year, lambda found: links[found[0]], line) for line in lines]


def sign_figures(app: Sphinx, what: str, name: str, documented: object, options: object, given: str, returns: str) -> tuple | None:
    """A live figure's arguments: those that it names, and its other traits by keyword. (Its base class says `*args, **kwargs`.)"""
    if what != "class" or not issubclass(documented, LiveFigure):
        return None
    _, *arguments = inspect.signature(documented.__init__).parameters.values()
    arguments = [argument for argument in arguments if argument.kind is not inspect.Parameter.VAR_POSITIONAL]
    if arguments[-1].kind is inspect.Parameter.VAR_KEYWORD:
        named, traits = [argument.name for argument in arguments[:-1]], documented.class_traits()
        others = [trait for trait in (*documented.told, "title") if trait not in named]
        keyword = inspect.Parameter.KEYWORD_ONLY
        arguments[-1:] = [inspect.Parameter(trait, keyword, default=_at_a_glance(traits[trait].default_value)) for trait in others]
    return str(inspect.Signature(arguments)), returns


def _at_a_glance(default: object) -> object:
    """The default itself, or an ellipsis for one that fills a page, such as the examples of the Lab."""
    return default if len(repr(default)) < 100 else type("Long", (), {"__repr__": lambda self: "…"})()


def setup(app: Sphinx) -> dict:
    app.connect("env-updated", name_objects)
    app.connect("autodoc-process-docstring", link_sources, priority=400)  # before napoleon reads the sections (500)
    app.connect("autodoc-process-signature", sign_figures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
