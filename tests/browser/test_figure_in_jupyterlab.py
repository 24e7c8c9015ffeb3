"""ConvolutionFigure in a real JupyterLab: what is moved in the page is a trait in Python, and the other way round."""

from __future__ import annotations

import os
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from playwright.sync_api import Page, expect

CELLS = [
    """
import numpy as np, torch
from conv_lib import conv2d
from conv_lib.figures import ConvolutionFigure
figure = ConvolutionFigure(title="In the lab", controls=["stride", "padding", "presets"])
figure
""",
    """
x, weight = (np.array(numbers) for numbers in (figure.x, figure.weight))
ours = conv2d(x, weight, stride=figure.stride, padding=figure.padding)
torchs = torch.nn.functional.conv2d(torch.tensor(x), torch.tensor(weight), stride=figure.stride, padding=figure.padding)
print("stride", figure.stride, "kernel", figure.weight[0][0][0], "shape", figure.output.shape,
      "conv_lib", np.array_equal(figure.output, ours), "torch", np.array_equal(figure.output, torchs.numpy()))
""",
    "figure.padding = 1\nfigure.stride = 3\nfigure.controls = ['stride', 'padding', 'dilation']",
]
PATIENCE = 90_000  # milliseconds


@contextmanager
def lab(folder: Path) -> Iterator[str]:
    """A JupyterLab of this environment, with nothing of the user's own; gives its address and ends with the test."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}", f"--IdentityProvider.token={token}",
               "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]  # fmt: skip
    settings = {f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    settings |= {"JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"), "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces")}
    process = subprocess.Popen(command, cwd=folder, env={**os.environ, **settings}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}/api?token={token}", process)
        yield f"http://127.0.0.1:{port}/lab/tree/figure.ipynb?token={token}"
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(address: str, process: subprocess.Popen) -> None:
    for _ in range(240):
        assert process.poll() is None, "JupyterLab ended at once"
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.25)
    raise AssertionError("JupyterLab did not answer within a minute")


def run(page: Page, index: int) -> None:
    """Run one cell and wait until it has its number. Keys are lost while JupyterLab still settles: press them until they count."""
    cell = page.locator(".jp-CodeCell").nth(index)
    idle = page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']")
    prompt = cell.locator(".jp-InputPrompt")
    idle.wait_for(timeout=PATIENCE)
    before, until = prompt.inner_text(), time.monotonic() + PATIENCE / 1000
    while prompt.inner_text() == before and time.monotonic() < until:
        cell.locator(".jp-InputArea-editor").click()
        page.keyboard.press("Control+Enter")
        page.wait_for_timeout(2000)
    expect(prompt).to_have_text(re.compile(r"\[\d+\]:"), timeout=PATIENCE)
    idle.wait_for(timeout=PATIENCE)


def test_traits_go_both_ways(browser, tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell.strip()) for cell in CELLS])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, tmp_path / "figure.ipynb")
    with lab(tmp_path) as address:
        page = browser.new_page(viewport={"width": 1300, "height": 1600})
        page.goto(address)
        page.locator(".jp-CodeCell").nth(2).wait_for(timeout=PATIENCE)
        run(page, 0)
        figure = page.get_by_role("group", name="In the lab", exact=True)
        figure.wait_for(timeout=PATIENCE)
        assert not figure.get_by_role("button", name="Copy link").count()

        figure.get_by_role("slider", name="Stride").fill("2")
        figure.get_by_role("button", name="Sobel").click()
        run(page, 1)
        told = page.locator(".jp-CodeCell").nth(1).locator(".jp-OutputArea-output")
        expect(told).to_have_text("stride 2 kernel [-1, -2, -1] shape (1, 2, 2) conv_lib True torch True\n")

        run(page, 2)
        expect(figure.get_by_role("slider", name="Stride")).to_have_value("3")
        expect(figure.get_by_role("slider", name="Padding")).to_have_value("1")
        expect(figure.get_by_role("slider", name="Dilation")).to_be_visible()
        assert figure.get_by_role("grid", name="Output").get_by_role("gridcell").count() == 4
        run(page, 1)
        expect(told).to_have_text("stride 3 kernel [-1, -2, -1] shape (1, 2, 2) conv_lib True torch True\n")
        page.close()
