"""The page for an address that is not there.

A server such as GitHub Pages shows 404.html in place of whatever is missing, however deep in the site, so no relative link of
that file is right. It therefore is a page without any: its script looks for the book in the folders above, and goes on to
not-found.html there. That one is a page like all others, with search and the list of chapters.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path

from sphinx.application import Sphinx

PAGE = "not-found"
BODY = """<section><h1>There is no such page</h1>
<p id="missing">The address may be misspelt, or the page has another name by now. Search for what you need, or take a chapter.</p>
<form class="missing-search" action="search.html" method="get" role="search">
<input type="search" name="q" aria-label="Search the book" placeholder="Search the book">
<button type="submit">Search</button>
</form>
<style>
  .missing-search {{ display: flex; gap: 0.6rem; margin: 1.5rem 0; max-width: 30rem; }}
  .missing-search > * {{ border: 1px solid var(--cl-muted); border-radius: 0.3rem; padding: 0.4rem 0.8rem; }}
  .missing-search input {{ background: var(--cl-paper); color: var(--cl-ink); flex: 1; min-width: 0; }}
  .missing-search button {{ background: var(--cl-input); border-color: var(--cl-input); color: var(--cl-paper); }}
</style>
<h2>The chapters</h2>
<ul>{chapters}</ul>
</section>
<script>
  // 404.html hands over the missing address. The words of its last part may be what the reader is looking for.
  const missing = new URLSearchParams(location.search).get("address");
  if (missing) {{
    document.getElementById("missing").prepend(`There is nothing at ${{missing}}. `);
    const words = missing.split("/").filter(Boolean).pop() ?? "";
    document.querySelector(".missing-search input").value = words.replace(/\\.\\w+$/, "").replace(/[^\\p{{L}}\\p{{N}}]+/gu, " ").trim();
  }}
</script>
"""

SIGNPOST = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>There is no such page: {title}</title>
<style>
  body {{ font: 1.1rem/1.6 system-ui, sans-serif; margin: 4rem auto; max-width: 34rem; padding: 0 1rem; }}
  @media (prefers-color-scheme: dark) {{ body {{ background: #14181e; color: #e6edf3; }} a {{ color: #8ec5ff; }} }}
</style>
</head>
<body>
<main>
<h1>There is no such page</h1>
<p>The address may be misspelt, or the page has another name by now. {home}</p>
</main>
<script>
  (async () => {{
    for (let folder = location.pathname; folder.includes("/"); ) {{
      folder = folder.slice(0, folder.lastIndexOf("/"));
      const answer = await fetch(`${{folder}}/{page}.html`, {{ method: "HEAD" }});
      if (answer.ok) return location.replace(`${{folder}}/{page}.html?address=${{encodeURIComponent(location.pathname)}}`);
    }}
  }})();
</script>
</body>
</html>
"""


def pages(app: Sphinx) -> Iterator[tuple[str, dict, str]]:
    if app.builder.name != "html":
        return
    order = list(dict.fromkeys([app.config.root_doc, *app.env.toctree_includes.get(app.config.root_doc, [])]))
    links = (f'<li><a href="{app.builder.get_target_uri(name)}">{html.escape(app.env.titles[name].astext())}</a></li>' for name in order)
    meta = '<meta name="robots" content="noindex" />'
    yield PAGE, {"title": "There is no such page", "body": BODY.format(chapters="".join(links)), "metatags": meta}, "page.html"


def write_signpost(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.name != "html":
        return
    base, title = app.config.html_baseurl, html.escape(app.config.html_title)
    home = f'<a href="{base}">{title}</a> starts here.' if base else f"Go to the first page of <em>{title}</em> and look from there."
    text = SIGNPOST.format(title=title, home=home, page=PAGE)
    (Path(app.outdir) / "404.html").write_text(text, encoding="utf-8", newline="\n")


def setup(app: Sphinx) -> dict:
    app.connect("html-collect-pages", pages)
    # After every other extension that changes the finished pages: this one has nothing of the theme.
    app.connect("build-finished", write_signpost, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
