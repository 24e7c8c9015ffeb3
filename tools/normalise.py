"""The one stored form of a notebook: what differs from run to run or from machine to machine is not stored."""

from __future__ import annotations

import json
import re
from typing import Any

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE = {"file_extension": ".py", "mimetype": "text/x-python", "name": "python", "pygments_lexer": "ipython3"}
KEPT_CELL_METADATA = ("tags", "mystnb")
WIDGET = "application/vnd.jupyter.widget-view+json"
ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]+|<[\w.]+ object at ")

Json = dict[str, Any]


def normalise(notebook: Json) -> Json:
    """The stored form of a notebook, given and returned as the JSON of its file. Twice gives the same as once.

    Cells are numbered 1..n, ids stay or follow from the position, empty cells go. Widgets hold a model id that is
    new on each run: their still figure and their text stand for them.
    """
    cells = [cell for cell in notebook["cells"] if "".join(cell["source"]).strip()]
    seen: set[str] = set()
    code = 0
    stored = []
    for position, cell in enumerate(cells):
        kind = cell["cell_type"]
        new: Json = {
            "cell_type": kind,
            "id": _id(cell, position, seen),
            "metadata": {key: cell["metadata"][key] for key in KEPT_CELL_METADATA if cell["metadata"].get(key)},
            "source": _lines("".join(cell["source"]).rstrip()),
        }
        if kind == "code":
            code += 1
            new["execution_count"] = code
            new["outputs"] = [_output(output, code) for output in _joined_streams(cell["outputs"])]
        if cell.get("attachments"):
            new["attachments"] = cell["attachments"]
        stored.append(new)
    metadata = {"kernelspec": KERNEL, "language_info": LANGUAGE}
    return {"cells": stored, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def text_of(notebook: Json) -> str:
    """The notebook as the text of its file, in the layout that Jupyter itself writes."""
    return json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def addresses(notebook: Json) -> list[tuple[int, str]]:
    """Memory addresses in the outputs, as (code cell, text): they change on every run, so they are never stored."""
    found = []
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            for value in [output.get("text", ""), *output.get("data", {}).values()]:
                match = ADDRESS.search("".join(value)) if isinstance(value, (str, list)) else None
                if match:
                    found.append((cell["execution_count"], match.group()))
    return found


def _id(cell: Json, position: int, seen: set[str]) -> str:
    name = cell.get("id", "")
    if not name or name in seen:
        name = f"cell-{position:03d}"
        while name in seen:
            name += "-b"
    seen.add(name)
    return name


def _output(output: Json, count: int) -> Json:
    kind = output["output_type"]
    if kind == "stream":
        return {"name": output["name"], "output_type": kind, "text": _lines("".join(output["text"]))}
    if kind == "error":
        # The frames of a traceback name the folders of this machine; the last line is the message.
        message = f"{output['ename']}: {output['evalue']}"
        return {"ename": output["ename"], "evalue": output["evalue"], "output_type": kind, "traceback": [message]}
    data = {mime: _text(value) for mime, value in output["data"].items() if mime != WIDGET}
    stored = {"data": data, "metadata": {}, "output_type": kind}
    return stored | ({"execution_count": count} if kind == "execute_result" else {})


def _joined_streams(outputs: list[Json]) -> list[Json]:
    """Neighbouring pieces of one stream as one: where the kernel cuts a stream depends on timing."""
    joined: list[Json] = []
    for output in outputs:
        last = joined[-1] if joined else None
        if last and output["output_type"] == "stream" == last["output_type"] and output["name"] == last["name"]:
            joined[-1] = last | {"text": "".join(last["text"]) + "".join(output["text"])}
        else:
            joined.append(output)
    return joined


def _text(value: Any) -> Any:
    is_text = isinstance(value, str) or (isinstance(value, list) and all(isinstance(line, str) for line in value))
    return _lines("".join(value)) if is_text else value


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)
