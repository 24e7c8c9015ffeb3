"""What a cell prints arrives in pieces. myst-nb ends a line after each; here they are joined first, as they were written."""

from __future__ import annotations

from myst_nb.core import render, utils
from sphinx.application import Sphinx


def whole(outputs: list[dict]) -> list[dict]:
    streams: dict[str, dict] = {}
    for output in outputs:
        if output["output_type"] == "stream" and output["name"] in streams:
            streams[output["name"]]["text"] += output["text"]
        elif output["output_type"] == "stream":
            streams[output["name"]] = output
    return utils.coalesce_streams([output for output in outputs if output is streams.get(output.get("name"), output)])


def setup(app: Sphinx) -> dict:
    render.coalesce_streams = whole
    return {"parallel_read_safe": True, "parallel_write_safe": True}
