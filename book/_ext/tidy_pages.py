"""Mend what the theme leaves in the finished pages: scripts that a page does not need or that hold it up,
words in the console, late colours.

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

# Scripts that the extensions put on every page, and what a page has that needs them.
SCRIPTS_OF = {
    "clipboard.min.js": '<div class="highlight',
    "copybutton.js": '<div class="highlight',
    "togglebutton.js": r'\bdropdown admonition\b|\badmonition [^"]*\bdropdown\b|[" ]toggle[" ]',
    "design-tabs.js": r'class="[^"]*\bsd-tab-',
}

# Pages without a text of their own.
DESCRIPTIONS = {
    "search": "Search the course on 2-D convolution: words, argument names and error messages of torch.nn.Conv2d.",
    "not-found": "There is no such page in the course on 2-D convolution. Search it, or take a chapter.",
}

# What is wrong, the text that shows it, and what stands there afterwards.
PAGE_MENDS = [
    ("half a megabyte of script for icons that the font draws", r'\s*<script src="[^"]*/fontawesome/[^"]*"></script>', ""),
    ("fonts fetched early, which a page on disk may not", r'\s*<link rel="preload" as="font"[^>]*>', ""),
    ("no colours where no script runs", r'data-theme="auto"', 'data-theme="light"'),
    ("colours that change after the page is drawn", r'<script data-cfasync="false">.*?</script>', EARLY_THEME),
    ("the viewport, said again", r'(?<=>)\s*<meta name="viewport" content="width=device-width, initial-scale=1" ?/>', ""),
    ("a second logo that a script writes", r'<script>document\.write\(.*?</script>', ""),
    ("a logo for light pages only, and without its size", r'class="logo__image only-light"', 'class="logo__image" width="44" height="44"'),
    ("scripts fetched before the styles", r'\s*<link rel="preload" as="script"[^>]*>', ""),
    ("a name of the page that no script asks for", r"\s*<script>DOCUMENTATION_OPTIONS\.pagename = [^<]*</script>", ""),
    ("scripts that hold up the page", r'<script(?![^>]*\bdefer\b)(?=[^>]* src=)', "<script defer"),
    ("a disclosure with a second name", r'<summary aria-label="Toggle hidden content">', "<summary>"),
    ("a search button with a second name", ' title="Search" aria-label="Search"', ' title="Search"'),
    ("a keyboard hint read out", '<span class="search-button__kbd-shortcut"', r'\g<0> aria-hidden="true"'),
    (
        "a logo outside of every landmark",
        r'<div class="sidebar-primary-item">(?=\s*<a class="navbar-brand)',
        '<div class="sidebar-primary-item" role="navigation" aria-label="Home">',
    ),
    ("icons read out", r'<(i|span) class="((?:theme-switch )?fa(?:s|-solid) )', r'<\1 aria-hidden="true" class="\2'),
    ("words in the console", r'console\.log\("\[PST\]', 'void("[PST]'),
    ("an id that nothing asks for, and that the page of the search has twice", r'\s*id="search-input"', ""),
    ("an empty footer", r'<footer class="bd-footer">\s*</footer>', ""),
    ("a title that says the book's name twice", r"<title>([^<]+) &#8212; \1</title>", r"<title>\1</title>"),
]

# The same for the scripts of the theme and the extensions.
SCRIPT_MENDS = [
    ("words in the console", r"\bconsole\.(?:log|info|debug)\(", "void("),
    ("addresses of sources that are not published", r"//# sourceMappingURL=\S+", ""),
    # scrolling.js does it without laying out the whole page at once.
    ("a look at the width of every box", r'document\.querySelectorAll\("pre, \.nboutput[^)]*\)', "[]"),
]


def describe(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None) -> None:
    """Give the page a description for search engines: its first paragraph."""
    paragraph = next(iter(doctree.findall(nodes.paragraph)), None) if doctree else None
    said = paragraph.astext() if paragraph is not None else DESCRIPTIONS.get(pagename)
    if said:
        text = html.escape(" ".join(said.split())[:200], quote=True)
        context["metatags"] = context.get("metatags", "") + f'<meta name="description" content="{text}" />'


def tidy(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.name != "html":
        return
    output = Path(app.outdir)
    pages = {path: path.read_text(encoding="utf-8") for path in output.rglob("*.html") if "_static" not in path.parts}
    for path, text in _mended(pages, PAGE_MENDS).items():
        for script, needed in SCRIPTS_OF.items():
            if not re.search(needed, text):
                text = re.sub(rf'\s*<script[^>]*_static/{re.escape(script)}[^>]*></script>', "", text)
        path.write_text(text, encoding="utf-8", newline="\n")
    for source_map in output.rglob("*.js.map"):
        source_map.unlink()
    scripts = {path: path.read_text(encoding="utf-8") for path in (output / "_static").rglob("*.js")}
    for path, text in _mended(scripts, SCRIPT_MENDS).items():
        path.write_text(text, encoding="utf-8", newline="\n")
    # Search shows a piece of each page it found. A page on disk may not fetch others: there it shows their titles.
    options = output / "_static" / "documentation_options.js"
    text = options.read_text(encoding="utf-8").replace("SUMMARY: true", 'SUMMARY: location.protocol !== "file:"')
    options.write_text(text, encoding="utf-8", newline="\n")


def _mended(texts: dict[Path, str], mends: list[tuple[str, str, str]]) -> dict[Path, str]:
    for wrong, pattern, right in mends:
        mended = {path: re.sub(pattern, right, text, flags=re.DOTALL) for path, text in texts.items()}
        if mended == texts:
            raise ExtensionError(f"tidy_pages looked for {wrong} and found it nowhere.")
        texts = mended
    return texts


def setup(app: Sphinx) -> dict:
    app.connect("html-page-context", describe)
    # After the extensions that write pages of their own when the build ends.
    app.connect("build-finished", tidy, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
