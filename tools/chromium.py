"""The browser of the browser tests: one that is installed, or the one that playwright brings."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from environment import PYTHON, ROOT

if TYPE_CHECKING:  # commands ask for a browser before there is an environment with playwright
    from pathlib import Path

    from playwright.sync_api import Browser, Playwright

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
# Each window loads two pages for its address bar, which nobody sees: as much work as a small page of the book. The list takes the
# place of playwright's own, so it names what that has on its account: no paint is held back, http stays http, no other host is asked.
WITHOUT = [
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "AimEnabled",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
]
ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    f"--disable-features={','.join(WITHOUT)}",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
]
HOW_TO_INSTALL = (
    "No Chromium was found. Install one: `apt-get install chromium` on Debian or Ubuntu, "
    "elsewhere `.venv/bin/python -m playwright install --with-deps chromium`."
)


def installed() -> str | None:
    """The path of a Chromium on this machine, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def launch(playwright: Playwright, folder: Path | None = None) -> Browser:
    """The installed Chromium, or playwright's own."""
    return playwright.chromium.launch(executable_path=installed(), args=ARGUMENTS)


def ensure() -> None:
    """Where there is no Chromium, let playwright fetch its own; say so in one line if that fails too."""
    if installed():
        return
    command = [str(PYTHON), "-m", "playwright", "install", "chromium"]
    if subprocess.run(command, cwd=ROOT, capture_output=True).returncode:
        print(HOW_TO_INSTALL, flush=True)
