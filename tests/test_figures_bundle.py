"""The scripts of a page's figures: what a second one shares with the first it does not bring again."""

from __future__ import annotations

import re

from conv_lib.figures.bundle import page_script, page_style
from figures_engine import evaluate

DECLARED = re.compile(r"^const (\w+) = part\(\(", re.MULTILINE)
# What the host asks of a page, where none is; it has no figures.
PAGE = """
globalThis.window ??= globalThis;
globalThis.addEventListener ??= () => {};
globalThis.IntersectionObserver ??= class {};
globalThis.document ??= { currentScript: null, querySelectorAll: () => [] };
"""


def test_a_script_of_its_own_takes_what_it_shares_from_the_first():
    first, second = page_script(["shape"]), page_script(["question"], shared=["shape"])
    assert {"core", "ui", "shape", "host"} <= set(DECLARED.findall(first))
    assert DECLARED.findall(second) == ["question"]
    assert "host.start({ question });" in second and "Object.assign(convLib, { question });" in second and "host.start({ shape });" in first
    assert "Object.assign(convLib" not in page_script(["question"], shared=["shape"], kept=False)


def test_both_scripts_run_one_behind_the_other():
    scripts = [page_script(["shape"]), page_script(["question"], shared=["shape"])]
    names = evaluate(f"(() => {{ {PAGE}{''.join(scripts)}return Object.keys(window.convLib).join(); }})()")
    assert {"core", "ui", "shape", "host"} <= set(names.split(","))


def test_a_style_of_its_own_has_no_rule_of_the_first():
    alone, second = page_style(["question"]), page_style(["question"], shared=["shape"])
    assert alone == page_style([]) + "\n" + second
