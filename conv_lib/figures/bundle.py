"""The browser code of the figures, joined into one script.

Every file under ``static/`` is an ES module. It may only import by name from a sibling, in one line,
``import { a, b } from "./core.js";``, and export functions and constants where they are declared. Joined, each module keeps
a scope of its own, so that one text without imports runs as an anywidget module, and inside a classic script of a page.
"""

import re
from pathlib import Path

STATIC = Path(__file__).parent / "static"
_IMPORT = re.compile(r'^import \{(.+?)\} from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|const|class) (\w+))", re.MULTILINE)


def joined(*modules):
    """The modules and all they import, in order of use, each as ``const name = (() => {...})();``."""
    order = []
    for module in modules:
        _collect(module, order)
    return "\n".join(_scoped(name) for name in order)


def page_script(modules):
    """The one classic script of a published page: every figure in `modules`, and the host that starts them."""
    figures = ", ".join(modules)
    return f"(() => {{\n{joined(*modules, 'host')}\nhost.start({{ {figures} }});\n}})();\n"


def page_style(modules):
    """The one stylesheet of a published page."""
    return style("base", *(name for name in modules if (STATIC / f"{name}.css").exists()))


def style(*names):
    """The stylesheets of these names, one after the other."""
    return "\n".join((STATIC / f"{name}.css").read_text("utf-8") for name in names)


def _source(name):
    return (STATIC / f"{name}.js").read_text("utf-8")


def _collect(name, order):
    for match in _IMPORT.finditer(_source(name)):
        _collect(match[2], order)
    if name not in order:
        order.append(name)


def _scoped(name):
    text = _source(name)
    exports = ", ".join(match[1] for match in _EXPORT.finditer(text))
    body = _EXPORT.sub("", _IMPORT.sub(r"const {\1} = \2;", text))
    lines = (line.strip() for line in body.splitlines())
    body = "\n".join(line for line in lines if line and not line.startswith("//"))
    return f"const {name} = (() => {{\n{body}\nreturn {{ {exports} }};\n}})();"
