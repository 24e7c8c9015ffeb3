"""The browser code of the figures, run in a real JavaScript engine: Node where there is one, else the tests' Chromium."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import chromium
from conv_lib.figures.bundle import joined
from playwright.sync_api import sync_playwright

ARGUMENTS = ["--no-sandbox", "--disable-gpu"]


def run(modules: list[str], function: str, cases: list[Any], patch: tuple[str, str] | None = None) -> list[Any]:
    """`function`, JavaScript text of one parameter, called for each case; what it returned, through JSON both ways.

    `patch` is (old, new): a fault planted into the joined modules, whose text must hold `old` exactly once.
    """
    code = joined(*modules)
    if patch:
        old, new = patch
        assert code.count(old) == 1, f"{old!r} stands {code.count(old)} times in the browser code"
        code = code.replace(old, new)
    program = f"(() => {{ {code}\nreturn JSON.stringify({json.dumps(cases)}.map({function})); }})()"
    return json.loads(evaluate(program))


def evaluate(program: str) -> str:
    """The text that an expression of JavaScript gives."""
    return _node(program) if shutil.which("node") else _chromium(program)


def _node(program: str) -> str:
    text = f"process.stdout.write({program});"
    return subprocess.run(["node", "-"], input=text, capture_output=True, text=True, check=True).stdout


def _chromium(program: str) -> str:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.installed(), args=ARGUMENTS)
        try:
            return browser.new_page().evaluate(program)
        finally:
            browser.close()
