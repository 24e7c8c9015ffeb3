"""What needs a public address: it appears when `_config.yml` gives one, and not before.

`repository: url` gives each page the links to its source, and each notebook those that run it on Binder and Colab.
`html: baseurl` gives each page its canonical address and a card for those who share it, and the book a sitemap.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError


def check(app: Sphinx, config: Config) -> None:
    repository, pages = config.html_theme_options.get("repository_url"), config.html_baseurl
    for key, address in (("repository: url", repository), ("html: baseurl", pages)):
        if address and not re.fullmatch(r"https?://[^\s/]+(/[^\s?#]*)?", address):
            raise ExtensionError(f"`{key}` in _config.yml must be an address such as https://host/path, not {address!r}.")
    if pages:
        config.html_baseurl = pages.rstrip("/") + "/"


def link_source(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None) -> None:
    """Where the source of this page can be read, changed and run."""
    options = app.config.html_theme_options
    url, branch = (options.get("repository_url") or "").rstrip("/"), options.get("repository_branch") or "main"
    if not url:
        return
    context["repository"] = links = {"home": url, "launchers": {}}
    if doctree is None:
        return
    path = app.env.doc2path(pagename, base=False)
    pages = f"{url}/-" if "gitlab" in url else url
    links |= {"edit": f"{pages}/edit/{branch}/{path}", "report": f"{pages}/issues/new"}
    if str(path).endswith(".ipynb"):
        on_github = url.removeprefix("https://github.com/")
        source = f"gh/{on_github}" if on_github != url else f"git/{quote(url, safe='')}"
        links["launchers"]["Binder"] = f"https://mybinder.org/v2/{source}/{branch}?urlpath=lab/tree/{path}"
        if on_github != url:
            links["launchers"]["Colab"] = f"https://colab.research.google.com/github/{on_github}/blob/{branch}/{path}"


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
    app.connect("config-inited", check)
    app.connect("html-page-context", link_source)
    app.connect("build-finished", list_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
