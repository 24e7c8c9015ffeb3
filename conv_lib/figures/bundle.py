"""The browser code of the figures, joined into one script.

Every file under ``static/`` is an ES module. It may only import by name from a sibling, in one line,
``import { a, b as c } from "./core.js";``, and export functions and constants where they are declared. Joined, each module keeps
a scope of its own, so that one text without imports runs as an anywidget module, and inside a classic script of a page.
"""

import re
from pathlib import Path

STATIC = Path(__file__).parent / "static"
_IMPORT = re.compile(r'^import \{(.+?)\} from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|const|class) (\w+))", re.MULTILINE)


def joined(*modules, without=()):
    """The modules and all they import, in order of use, each as ``const name = (() => {...})();``; not those of `without`."""
    return "\n".join(_scoped(name) for name in _needed(modules) if name not in without)


def page_script(modules, shared=()):
    """One classic script of a published page: the figures in `modules`, and the host that starts them.

    `shared` are the modules of the page's scripts that run before: what is in them is not brought again.
    """
    had, needed = _needed([*shared, "host"] if shared else []), _needed([*modules, "host"])
    taken = ", ".join(name for name in needed if name in had)
    kept = ", ".join(needed)
    code = f"{joined(*needed, without=had)}\nhost.start({{ {', '.join(modules)} }});"
    if shared:
        own = ", ".join(name for name in needed if name not in had)
        return f"((convLib) => {{\nconst {{ {taken} }} = convLib;\n{code}\nObject.assign(convLib, {{ {own} }});\n}})(window.convLib);\n"
    return f"window.convLib = (() => {{\n{code}\nreturn {{ {kept} }};\n}})();\n"


def page_style(modules, shared=()):
    """One stylesheet of a published page: what the figures in `modules` need; without what those in `shared` brought before."""
    had = {"base", *_needed(shared)} if shared else set()
    needed = ["base", *_needed(modules)]
    return style(*(name for name in needed if name not in had and (STATIC / f"{name}.css").exists()))


def style(*names):
    """The stylesheets of these names, one after the other."""
    return "\n".join((STATIC / f"{name}.css").read_text("utf-8") for name in names)


def _needed(modules):
    """The modules and all they import, each after those that it imports."""
    order = []
    for module in modules:
        _collect(module, order)
    return order


def _source(name):
    return (STATIC / f"{name}.js").read_text("utf-8")


def _collect(name, order):
    if name in order:
        return
    for match in _IMPORT.finditer(_source(name)):
        _collect(match[2], order)
    order.append(name)


def _scoped(name):
    text = _source(name)
    exports = ", ".join(match[1] for match in _EXPORT.finditer(text))
    body = _EXPORT.sub("", _IMPORT.sub(lambda found: f"const {{{found[1].replace(' as ', ': ')}}} = {found[2]};", text))
    lines = (line.strip() for line in body.splitlines())
    body = "\n".join(line for line in lines if line and not line.startswith("//"))
    return f"const {name} = (() => {{\n{body}\nreturn {{ {exports} }};\n}})();"
