"""Put the stylesheets of the pages into one, without the rules that no page uses: one request instead of twelve, a third of the size.

A rule is used if every class and id of its selector is named in a page, or anywhere in a script, which may set it later: of
`cl-heat-3` a script holds `cl-heat-`, and puts the number behind it.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import tinycss2
from sphinx.application import Sphinx
from tinycss2.ast import AtRule, HashToken, IdentToken, LiteralToken, Node, QualifiedRule

LINK = re.compile(r'\s*<link (?=[^>]*rel="stylesheet")[^>]*href="(?:\.\./)*_static/([^"?]+\.css)[^"]*"[^>]*>')
NAMED = re.compile(r'\b(?:class|id)="([^"]*)"')
URL = re.compile(r"""url\(["']?(?!data:|#|/|https?:)([^"')]+)["']?\)""")
HOLDS_RULES = {"media", "supports", "container", "layer"}


def unite(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.name != "html":
        return
    output = Path(app.outdir)
    static = output / "_static"
    pages = {path: path.read_text(encoding="utf-8") for path in output.rglob("*.html") if static not in path.parents}
    used = {name for text in pages.values() for names in NAMED.findall(text) for name in names.split()}
    used |= {name for path in static.rglob("*.js") for name in re.findall(r"[\w-]+", path.read_text(encoding="utf-8"))}
    style = "\n".join(_used_rules(static, name, used) for name in _in_order(LINK.findall(text) for text in pages.values()))
    (static / "style.css").write_text(style, encoding="utf-8", newline="\n")
    digest = hashlib.sha256(style.encode()).hexdigest()[:8]
    for path, text in pages.items():
        root = "../" * (len(path.relative_to(output).parts) - 1)
        one = f'\n  <link rel="stylesheet" href="{root}_static/style.css?v={digest}" />'
        first = LINK.search(text)
        if first:
            text = text[: first.start()] + one + LINK.sub("", text[first.start() :])
            path.write_text(text, encoding="utf-8", newline="\n")


def _in_order(lists: Iterable[list[str]]) -> list[str]:
    """Every name of the lists once; each comes after the one before it in its list."""
    order: list[str] = []
    for names in lists:
        at = 0
        for name in names:
            if name not in order:
                order.insert(at, name)
            at = order.index(name) + 1
    return order


def _used_rules(static: Path, name: str, used: set[str]) -> str:
    """The rules of `_static/name` that are used, with addresses as seen from `_static`."""
    folder = posixpath.dirname(name)
    rules = tinycss2.parse_stylesheet((static / name).read_text(encoding="utf-8"), skip_comments=True, skip_whitespace=True)
    text = ""
    for rule in rules:
        if isinstance(rule, AtRule) and rule.lower_at_keyword == "import":
            imported = next(token.value for token in rule.prelude if token.type in ("string", "url"))
            text += _used_rules(static, posixpath.normpath(posixpath.join(folder, imported)), used)
        else:
            text += URL.sub(lambda found: f'url("{posixpath.normpath(posixpath.join(folder, found[1]))}")', "".join(_kept(rule, used)))
    return text


def _kept(rule: Node, used: set[str]) -> Iterator[str]:
    if isinstance(rule, QualifiedRule):
        selectors = [tinycss2.serialize(selector).strip() for selector in _split(rule.prelude) if _is_used(selector, used)]
        if selectors:
            yield f"{','.join(selectors)}{{{tinycss2.serialize(rule.content).strip()}}}\n"
    elif isinstance(rule, AtRule) and rule.content is not None and rule.lower_at_keyword in HOLDS_RULES:
        inner = "".join(text for part in tinycss2.parse_rule_list(rule.content, True, True) for text in _kept(part, used))
        if inner:
            yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inner}}}\n"
    elif not (isinstance(rule, AtRule) and rule.lower_at_keyword == "charset"):
        yield rule.serialize() + "\n"


def _split(tokens: list[Node]) -> Iterator[list[Node]]:
    selector: list[Node] = []
    for token in tokens:
        if isinstance(token, LiteralToken) and token.value == ",":
            yield selector
            selector = []
        else:
            selector.append(token)
    yield selector


def _is_used(selector: list[Node], used: set[str]) -> bool:
    return all(name in used or re.sub(r"(?<=-)\d+$", "", name) in used for name in _names(selector))


def _names(selector: list[Node]) -> set[str]:
    """The classes and ids that an element must have; what stands inside :not() and its kin may be there or not."""
    classes = {
        name.value
        for dot, name in zip(selector, selector[1:])
        if isinstance(dot, LiteralToken) and dot.value == "." and isinstance(name, IdentToken)
    }
    return classes | {token.value for token in selector if isinstance(token, HashToken)}


def setup(app: Sphinx) -> dict:
    # After icon_font (800) has written its own stylesheet.
    app.connect("build-finished", unite, priority=850)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
