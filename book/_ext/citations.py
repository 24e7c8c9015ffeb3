"""Let a plain link cite: `[Xie et al. 2017](references.md#xie2017)` in a chapter, and a way back beside the entry.

A link reads well wherever a notebook is opened; a role of sphinxcontrib-bibtex shows its markup in JupyterLab. The entries, their
style and their labels are that extension's. Here the links are led to them, and each entry gets the places that cite it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pybtex.plugin
from docutils import nodes
from pybtex.database import Entry
from pybtex.style.formatting.plain import Style
from pybtex.style.labels import BaseLabelStyle
from pybtex.style.sorting import BaseSortingStyle
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import make_refnode

REFERENCES = "book/references"


class AuthorYearLabels(BaseLabelStyle):
    """Labels such as Chollet 2017, Yu and Koltun 2016, Xie et al. 2017; where two agree, Chen et al. 2018a and 2018b."""

    def format_labels(self, entries: list[Entry]) -> Iterator[str]:
        labels = [author_year(entry) for entry in entries]
        for number, label in enumerate(labels):
            yield label + "abc"[labels[:number].count(label)] * (labels.count(label) > 1)


class AuthorYearOrder(BaseSortingStyle):
    def sorting_key(self, entry: Entry) -> tuple[str, str, str]:
        return last_names(entry)[0].lower(), entry.fields.get("year", ""), entry.key


class AuthorYearStyle(Style):
    default_label_style = AuthorYearLabels
    default_sorting_style = AuthorYearOrder


def author_year(entry: Entry) -> str:
    names = last_names(entry)
    who = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
    return f"{who} {entry.fields.get('year', '')}".strip()


def last_names(entry: Entry) -> list[str]:
    people = entry.persons["author"]
    return [" ".join([*person.prelast_names, *person.last_names]).strip("{}") for person in people]


def remember(app: Sphinx, doctree: nodes.document) -> None:
    """Note which entries a page cites, and mark the first place of each, to come back to."""
    cited = app.env.metadata[app.env.docname].setdefault("cites", [])
    for link in list(doctree.findall(pending_xref)):
        key = link.get("reftargetid") if link["reftarget"] == REFERENCES else None
        if key and key not in cited:
            cited.append(key)
            link.parent.insert(link.parent.index(link), nodes.target(ids=[f"cites-{key}"]))


def name_entries(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Make the entries known as places of their page, as headings are. The page is written anew: who cites may have changed."""
    places = {entry.key: (0, entry.key, entry.formatted_entry.label) for entry in env.get_domain("cite").citations}
    env.metadata[REFERENCES]["myst_slugs"] = env.metadata[REFERENCES].get("myst_slugs", {}) | places
    return [REFERENCES]


class Entries(SphinxPostTransform):
    """Put above each entry what the chapters call it, and below it links to the places that cite it."""

    default_priority = 6  # after sphinxcontrib-bibtex has made the entries (5)

    def run(self, **keywords: object) -> None:
        labels = {entry.key: entry.formatted_entry.label for entry in self.env.get_domain("cite").citations}
        for item in self.document.findall(nodes.list_item):
            key = next(iter(item["ids"]), None)
            if key in labels:
                item.parent["classes"] = ["references"]
                item.insert(0, nodes.paragraph("", "", nodes.strong("", labels[key])))
                item += self._cited_in(key)

    def _cited_in(self, key: str) -> nodes.paragraph:
        links = [piece for page in self._pages(key) for piece in (nodes.Text(", "), self._link(page, key))]
        return nodes.paragraph("", "", nodes.Text("Cited in "), *links[1:], nodes.Text("."), classes=["cited-in"])

    def _pages(self, key: str) -> list[str]:
        order = list(self.env.toctree_includes.get(self.config.root_doc, []))
        citing = [page for page, data in self.env.metadata.items() if key in data.get("cites", [])]
        return sorted(citing, key=lambda page: order.index(page) if page in order else -1)

    def _link(self, page: str, key: str) -> nodes.reference:
        title = self.env.titles[page].astext().split(":")[0]
        return make_refnode(self.app.builder, REFERENCES, page, f"cites-{key}", nodes.inline(title, title))


def setup(app: Sphinx) -> dict:
    pybtex.plugin.register_plugin("pybtex.style.formatting", "author_year", AuthorYearStyle)
    app.connect("doctree-read", remember)
    app.connect("env-updated", name_entries, priority=600)  # after sphinxcontrib-bibtex has counted the entries (500)
    app.add_post_transform(Entries)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
