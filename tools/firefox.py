"""Firefox for the browser tests: one that is installed, driven by playwright over WebDriver BiDi.

Playwright drives its own build of Firefox, or a stock one over BiDi. What it sends on the way includes a command that stock Firefox
does not know yet: this file stands between the two as the "browser" that playwright starts, and answers that one command itself.
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

from playwright.sync_api import Browser, Error, Playwright
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketClosedError, WebSocketHandler, websocket_connect

NAMES = ["firefox-esr", "firefox"]
HOW_TO_INSTALL = "No Firefox was found. Install one: `apt-get install firefox-esr` on Debian, `apt-get install firefox` elsewhere."
LISTENING = "WebDriver BiDi listening on"
UNKNOWN = "emulation.setMediaFeaturesOverride"  # dark or light: Firefox 153 follows its own setting
LARGEST = 1 << 28  # of a message: a screenshot is one


def installed() -> str | None:
    """The path of a Firefox on this machine, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def launch(playwright: Playwright, folder: Path) -> Browser:
    """The installed Firefox, started by a command that is written into `folder`."""
    if not installed():
        raise Error(HOW_TO_INSTALL)
    command = folder / "firefox"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__).resolve()}" "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return playwright.firefox.launch(channel="moz-firefox", executable_path=command)


class _Relay(WebSocketHandler):
    """Every message goes on to the browser, or back to playwright, as it is; except the unknown command."""

    def initialize(self, address: str) -> None:
        self.far = asyncio.ensure_future(websocket_connect(address, on_message_callback=self._back, max_message_size=LARGEST))

    async def on_message(self, message: str) -> None:
        command = json.loads(message)
        if command["method"] == UNKNOWN:
            self._back(json.dumps({"type": "success", "id": command["id"], "result": {}}))
        else:
            await (await self.far).write_message(message)

    def _back(self, message: str | None) -> None:
        if message is None:
            return self.close()
        try:
            self.write_message(message)
        except WebSocketClosedError:  # playwright has gone
            pass

    def on_close(self) -> None:
        self.far.add_done_callback(lambda far: far.result().close())


async def _serve(browser: subprocess.Popen, address: str) -> None:
    (socket,) = bind_sockets(0, "127.0.0.1")
    relay = Application([("/session", _Relay, {"address": f"{address}/session"})], websocket_max_message_size=LARGEST)
    HTTPServer(relay).add_sockets([socket])
    print(f"{LISTENING} ws://127.0.0.1:{socket.getsockname()[1]}", file=sys.stderr, flush=True)
    while browser.poll() is None:
        await asyncio.sleep(0.1)


def main() -> None:
    browser = subprocess.Popen([installed(), *sys.argv[1:]], stderr=subprocess.PIPE, text=True)
    found = next(filter(None, (re.search(rf"{LISTENING} (ws://\S+)", line) for line in browser.stderr)), None)
    if not found:
        sys.exit("Firefox did not start.")
    threading.Thread(target=browser.stderr.read, daemon=True).start()
    try:
        asyncio.run(_serve(browser, found[1]))
    finally:
        browser.kill()


if __name__ == "__main__":
    main()
