"""Mend what the theme leaves in the finished pages: scripts nobody needs, words in the console, late colours.

Each mend names a text of the theme. One that is found nowhere stops the build: the theme has changed, and so must
this list.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

# The theme decides between light and dark at the end of the page. This decides before anything is drawn.
EARLY_THEME = """<script>
    document.documentElement.dataset.mode = localStorage.getItem("mode") || "auto";
    document.documentElement.dataset.theme = document.documentElement.dataset.mode !== "auto"
      ? document.documentElement.dataset.mode
      : matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  </script>"""

DEFERRED = (
    "doctools|sphinx_highlight|scripts/sphinx-book-theme|togglebutton|design-tabs|searchtools|language_data|searchindex"
)

# What is wrong, the text that shows it, and what stands there afterwards.
PAGE_MENDS = [
    ("half a megabyte of script for icons that the font draws", r'\s*<script src="[^"]*/fontawesome/[^"]*"></script>', ""),
    ("fonts fetched early, which a page on disk may not", r'\s*<link rel="preload" as="font"[^>]*>', ""),
    ("no colours where no script runs", r'data-theme="auto"', 'data-theme="light"'),
    ("colours that change after the page is drawn", r'<script data-cfasync="false">.*?</script>', EARLY_THEME),
    ("the viewport, said again", r'(?<=>)\s*<meta name="viewport" content="width=device-width, initial-scale=1" ?/>', ""),
    ("scripts that hold up the page", rf'<script((?: [^>]*)? src="[^"]*(?:{DEFERRED})\.js)', r"<script defer\1"),
    ("a search button with a second name", ' title="Search" aria-label="Search"', ' title="Search"'),
    ("a keyboard hint read out", '<span class="search-button__kbd-shortcut"', r'\g<0> aria-hidden="true"'),
    (
        "a logo outside of every landmark",
        r'<div class="sidebar-primary-item">(?=\s*<a class="navbar-brand)',
        '<div class="sidebar-primary-item" role="navigation" aria-label="Home">',
    ),
    ("icons read out", r'<(i|span) class="((?:theme-switch )?fa(?:s|-solid) )', r'<\1 aria-hidden="true" class="\2'),
    ("words in the console", r'console\.log\("\[PST\]', 'void("[PST]'),
    ("an empty footer", r'<footer class="bd-footer">\s*</footer>', ""),
    ("a title that says the book's name twice", r"<title>([^<]+) &#8212; \1</title>", r"<title>\1</title>"),
]

TALKATIVE_SCRIPTS = ["togglebutton.js", "searchtools.js", "scripts/pydata-sphinx-theme.js", "scripts/sphinx-book-theme.js"]


def describe(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None) -> None:
    """Give the page a description for search engines: its first paragraph."""
    paragraph = next(iter(doctree.findall(nodes.paragraph)), None) if doctree else None
    if paragraph is not None:
        text = html.escape(" ".join(paragraph.astext().split())[:200], quote=True)
        context["metatags"] = context.get("metatags", "") + f'<meta name="description" content="{text}" />'


def tidy(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.name != "html":
        return
    output = Path(app.outdir)
    pages = {path: path.read_text(encoding="utf-8") for path in output.rglob("*.html") if "_static" not in path.parts}
    for wrong, pattern, right in PAGE_MENDS:
        mended = {path: re.sub(pattern, right, text, flags=re.DOTALL) for path, text in pages.items()}
        if mended == pages:
            raise ExtensionError(f"tidy_pages looked for {wrong} and found it on no page.")
        pages = mended
    for path, text in pages.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    for name in TALKATIVE_SCRIPTS:
        script = output / "_static" / name
        silent = re.sub(r"\bconsole\.(?:log|info|debug)\(", "void(", script.read_text(encoding="utf-8"))
        script.write_text(silent, encoding="utf-8", newline="\n")
    # Search shows a piece of each page it found. A page on disk may not fetch others: there it shows their titles.
    options = output / "_static" / "documentation_options.js"
    text = options.read_text(encoding="utf-8").replace("SUMMARY: true", 'SUMMARY: location.protocol !== "file:"')
    options.write_text(text, encoding="utf-8", newline="\n")


def setup(app: Sphinx) -> dict:
    app.connect("html-page-context", describe)
    # After the extensions that write pages of their own when the build ends.
    app.connect("build-finished", tidy, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
