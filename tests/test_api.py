"""The API page: it documents all that is public, and each name with an example, which runs with the other tests."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import conv_lib
from conv_lib import draw, figures, grad

PAGE = (Path(__file__).resolve().parent.parent / "book" / "api.md").read_text(encoding="utf-8")
# What public functions return has its place on the page as well.
RESULTS = [
    "cost.Cost", "explain.Explanation", "geometry.Field", "layer.Gradients", "network.Failure", "network.Network", "network.Row",
    "network.SeenField", "terms.BackTerm", "trace.Term", "trace.Trace",
]  # fmt: skip


def test_the_page_documents_what_is_public():
    public = [f"{module.__name__}.{name}" for module in (conv_lib, draw, figures, grad) for name in module.__all__]
    results = [f"conv_lib.{name}" for name in RESULTS]
    assert sorted(re.findall(r"auto(?:function|class):: (\S+)", PAGE)) == sorted(public + results)


def test_every_public_docstring_has_an_example():
    public = [getattr(module, name) for module in (conv_lib, draw, figures, grad) for name in module.__all__]
    assert [named.__name__ for named in public if ">>> " not in inspect.getdoc(named)] == []
