"""The theme of the book, book/_theme: what its templates need to know of a page, and the parts of a page that Sphinx writes otherwise."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.writers.html5 import HTML5Translator

THEME = Path(__file__).parent.parent / "_theme"

# What Sphinx and its extensions give to every page, and a page of this theme does without: only the search needs these scripts, and
# style.css has the rules of these stylesheets that are used.
UNUSED = ["documentation_options.js", "doctools.js", "sphinx_highlight.js", "pygments.css", "basic.css"]


def tell(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None) -> None:
    """Give the templates the parts of the book, the headings of this page, and its first paragraph as what it is about."""
    context["parts"] = list(parts(app))
    context["contents"] = headings(app, pagename)
    lessons = [page["name"] for page in context["parts"][0]["pages"]]
    context["looked_up"] = pagename not in [app.config.root_doc, *lessons]  # its contents show every heading at once
    context["description"] = first_paragraph(doctree)
    context["html_baseurl"] = app.config.html_baseurl
    context["unused_files"] = [f"_static/{name}" for name in UNUSED]
    context["source"] = str(app.env.doc2path(pagename, base=False)) if doctree is not None else ""


def parts(app: Sphinx) -> Iterator[dict]:
    """The parts of _toc.yml. The list of pages calls each by the title given there, or by its own up to a colon."""
    for tree in app.env.tocs[app.config.root_doc].findall(addnodes.toctree):
        titles = [(name, given, app.env.titles[name].astext()) for given, name in tree["entries"] if name in app.env.titles]
        pages = [{"name": name, "title": title, "short": given or title.split(":")[0]} for name, given, title in titles]
        yield {"caption": tree["caption"], "pages": pages}


def headings(app: Sphinx, pagename: str) -> list[dict]:
    """Those below the title of the page, as a tree."""
    toc = app.env.tocs.get(pagename)
    whole = list(_places(toc)) if toc is not None else []
    return whole[0]["below"] if whole else []


def _places(items: nodes.Element) -> Iterator[dict]:
    for item in items.children:
        if isinstance(item, nodes.list_item):
            link = next(iter(item[0].findall(nodes.reference)))
            below = [place for part in item[1:] for place in _places(part)]
            yield {"place": link["anchorname"], "title": link.astext(), "below": below}


def first_paragraph(doctree: nodes.document | None) -> str:
    paragraphs = doctree.findall(nodes.paragraph) if doctree is not None else []
    first = next((paragraph.astext() for paragraph in paragraphs if isinstance(paragraph.parent, nodes.section)), "")
    return " ".join(first.split())[:200]


class Tables(SphinxPostTransform):
    """A wide table scrolls in a box of its own."""

    default_priority = 200
    formats = ("html",)

    def run(self, **keywords: object) -> None:
        for table in list(self.document.findall(nodes.table)):
            box = nodes.container(classes=["wide-table"])
            table.parent.replace(table, box)
            box += table


def visit_fold(translator: HTML5Translator, node: HideCodeCellNode) -> None:
    """As myst-nb writes it, but its summary has one name, that which is read."""
    words = {"collapsed": node["prompt_show"], "expanded": node["prompt_hide"]}.items()
    spans = "".join(f'<span class="{name}">{html.escape(text)}</span>' for name, text in words)
    translator.body.append(f"{translator.starttag(node, 'details', CLASS='fold')}<summary>{spans}</summary>\n")


def depart_fold(translator: HTML5Translator, node: HideCodeCellNode) -> None:
    translator.body.append("</details>\n")


def front_door(app: Sphinx) -> Iterator[tuple[str, dict, str]]:
    """The address that people share is that of the folder. It leads on to the first page, and carries its card."""
    root = app.config.root_doc
    about = {"first": app.builder.get_target_uri(root), "described": first_paragraph(app.env.get_doctree(root))}
    yield "index", {"title": app.config.html_title, **about}, "front.html"


def setup(app: Sphinx) -> dict:
    app.add_html_theme("book", str(THEME))
    app.add_js_file("page.js", loading_method="defer")
    app.add_node(HideCodeCellNode, override=True, html=(visit_fold, depart_fold))
    app.add_post_transform(Tables)
    app.connect("html-page-context", tell)
    app.connect("html-collect-pages", front_door)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
