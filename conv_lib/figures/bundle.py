"""The browser code of the figures, joined into one script.

Every file under ``static/`` is an ES module. It may only import from a sibling, in one line, by name,
``import { a, b as c } from "./core.js";``, or as a whole, ``import * as core from "./core.js";``, and export functions and constants
where they are declared. Joined, each module is a function of those that it imports, so that one text without imports runs as an
anywidget module, and inside a classic script of a page. What the function gives knows it as ``make``, and its arguments as ``used``:
a module can be made again in another thread.
"""

import re
from pathlib import Path
from string import ascii_letters

STATIC = Path(__file__).parent / "static"
_IMPORT = re.compile(r'^import (?:\* as (\w+)|\{(.+?)\}) from "\./(\w+)\.js";$', re.MULTILINE)
# Exports that are asked for behind a dot; a page's script shortens the names of all others.
_ASKED = {"render", "start", "answer"}
_PART = "const part = (make, ...used) => Object.assign(make(...used), { make, used });"
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|const|class) (\w+))", re.MULTILINE)


def joined(*modules, without=(), short=False):
    """The modules and all they import, in order of use, each as ``const name = part((...) => {...}, ...);``; not those of `without`.

    `short`: the modules know each other's exports by one letter, which no minifier may do.
    """
    return "\n".join([_PART, *(_scoped(name, short) for name in _needed(modules) if name not in without)])


def page_script(modules, shared=(), kept=True):
    """One classic script of a published page: the figures in `modules`, and the host that starts them.

    `shared` are the modules of the page's scripts that run before: what is in them is not brought again. `kept`: whether another
    script may take from this one what is in it.
    """
    had, needed = _needed([*shared, "host"] if shared else []), _needed([*modules, "host"])
    taken = ", ".join(name for name in needed if name in had)
    code = f"{joined(*needed, without=had, short=True)}\nhost.start({{ {', '.join(modules)} }});"
    if shared:
        own = ", ".join(name for name in needed if name not in had)
        code += f"\nObject.assign(convLib, {{ {own} }});" * kept
        return f"((convLib) => {{\nconst {{ {taken} }} = convLib;\n{code}\n}})(window.convLib);\n"
    return f"window.convLib = (() => {{\n{code}\nreturn {{ {', '.join(needed)} }};\n}})();\n"


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
        _collect(match[3], order)
    order.append(name)


def _scoped(name, short):
    text = _source(name)

    def taken(found):
        whole, names, module = found.groups()
        if whole:
            return f"const {whole} = {module};"
        pairs = (part.strip().split(" as ") for part in names.split(","))
        return f"const {{ {', '.join(f'{_told(module, pair[0], short)}: {pair[-1]}' for pair in pairs)} }} = {module};"

    exports = ", ".join(f"{_told(name, export, short)}: {export}" for export in _EXPORT.findall(text))
    used = ", ".join(dict.fromkeys(match[3] for match in _IMPORT.finditer(text)))
    lines = (line.strip() for line in _EXPORT.sub("", _IMPORT.sub(taken, text)).splitlines())
    body = "\n".join(line for line in lines if line and not line.startswith("//"))
    return f"const {name} = part(({used}) => {{\n{body}\nreturn {{ {exports} }};\n}}{', ' * bool(used)}{used});"


def _told(module, export, short):
    """What other modules call an export."""
    return ascii_letters[_EXPORT.findall(_source(module)).index(export)] if short and export not in _ASKED else export
