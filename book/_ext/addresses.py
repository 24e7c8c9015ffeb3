"""What needs a public address: it appears when `_config.yml` gives one, and not before.

`repository: url` gives each page the buttons that lead to its source, and each notebook those that run it on Binder and Colab.
`html: baseurl` gives each page its canonical address and a card for those who share it, and the book a sitemap.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from xml.sax.saxutils import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError

CARD = "social-card.png"
SOURCE_BUTTONS = ("use_repository_button", "use_edit_page_button", "use_issues_button")
LAUNCHERS = {"binderhub_url": "https://mybinder.org", "colab_url": "https://colab.research.google.com"}


def switch(app: Sphinx, config: Config) -> None:
    options = config.html_theme_options
    for key, address in (("repository: url", options.get("repository_url")), ("html: baseurl", config.html_baseurl)):
        if address and not re.fullmatch(r"https?://[^\s/]+(/[^\s?#]*)?", address):
            raise ExtensionError(f"`{key}` in _config.yml must be an address such as https://host/path, not {address!r}.")
    if options.get("repository_url"):
        options.update(dict.fromkeys(SOURCE_BUTTONS, True))
        options["launch_buttons"] = {**options["launch_buttons"], **LAUNCHERS}
    if config.html_baseurl:
        config.html_baseurl = config.html_baseurl.rstrip("/") + "/"


def share(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None) -> None:
    """What a message or a post shows of this page when someone shares its address."""
    base = app.config.html_baseurl
    if not base or doctree is None:
        return
    described = re.search(r'name="description" content="([^"]*)"', context.get("metatags", ""))
    tags = {
        "og:type": "article",
        "og:site_name": app.config.html_title,
        "og:title": html.unescape(re.sub("<[^>]+>", "", context["title"])),
        "og:description": html.unescape(described[1]) if described else "",
        "og:url": base + app.builder.get_target_uri(pagename),
        "og:image": f"{base}_static/{CARD}",
        "og:image:width": "1200",
        "og:image:height": "630",
        "og:image:alt": "A 3x3 kernel on a 5x5 image, and the sum that makes the first number of the output, 155",
    }
    lines = [f'<meta property="{name}" content="{html.escape(text, quote=True)}" />' for name, text in tags.items()]
    lines = [context.get("metatags", ""), *lines, '<meta name="twitter:card" content="summary_large_image" />']
    context["metatags"] = "\n".join(lines)
    if pagename == app.config.root_doc:
        app.env.front_metatags = context["metatags"]


def open_front_door(app: Sphinx, exception: Exception | None) -> None:
    """The address that people share is that of the folder. It leads on to the first page, and carries its card."""
    base, door = app.config.html_baseurl, Path(app.outdir) / "index.html"
    if exception or not base or app.builder.name != "html":
        return
    first = app.builder.get_target_uri(app.config.root_doc)
    head = f'<link rel="canonical" href="{base}{first}" />{app.env.front_metatags}<meta http-equiv="refresh" content="0; url={first}" />'
    title = html.escape(app.config.html_title)
    page = f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>{head}</head>'
    door.write_text(f'{page}<body><a href="{first}">{title}</a></body></html>\n', encoding="utf-8", newline="\n")


def list_pages(app: Sphinx, exception: Exception | None) -> None:
    base, output = app.config.html_baseurl, Path(app.outdir)
    if exception or not base or app.builder.name != "html":
        return
    pages = [base + app.builder.get_target_uri(name) for name in sorted(app.env.found_docs)]
    lines = "".join(f"  <url><loc>{escape(page)}</loc></url>\n" for page in pages)
    namespace = "http://www.sitemaps.org/schemas/sitemap/0.9"
    sitemap = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{namespace}">\n{lines}</urlset>\n'
    (output / "sitemap.xml").write_text(sitemap, encoding="utf-8", newline="\n")
    (output / "robots.txt").write_text(f"User-agent: *\nAllow: /\nSitemap: {base}sitemap.xml\n", encoding="utf-8", newline="\n")


def setup(app: Sphinx) -> dict:
    # Before the theme reads its options (500).
    app.connect("config-inited", switch, priority=400)
    # After tidy_pages has described the page (500).
    app.connect("html-page-context", share, priority=700)
    app.connect("build-finished", list_pages)
    # After sphinx_external_toc has written its own index.html, and after tidy_pages (900).
    app.connect("build-finished", open_front_door, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
