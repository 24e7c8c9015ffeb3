"""The set-up behind the commands: what it says when something is missing, and where it takes torch from."""

from __future__ import annotations

import contextlib
import http.server
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import audit
import commands
import environment
import freshness
import lock
import pytest

ROOT = Path(__file__).resolve().parent.parent


def test_an_old_python_is_told_in_one_line_what_to_install():
    pretend = "import sys; sys.version_info = (3, 9, 2); exec(open('tools/run.py').read())"
    run = subprocess.run([sys.executable, "-c", pretend], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 1 and run.stdout == ""
    assert run.stderr == "Python 3.11 or newer is needed, and this is Python 3.9. Install it from https://www.python.org.\n"


def test_a_missing_venv_module_is_named_with_its_package(monkeypatch):
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match=r"apt-get install python3\.\d+-venv"):
        environment._create()


def test_an_unknown_command_lists_the_known_ones(capsys):
    assert commands.main(["bok"]) == 2
    said = capsys.readouterr().out
    assert all(name in said for name in commands.DESCRIPTIONS)


def test_the_audit_says_in_one_line_what_it_misses(monkeypatch):
    monkeypatch.setattr(audit.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match="^The audit needs Node .* npm.*$"):
        audit.main([])


def test_a_test_process_that_dies_ends_the_run_red_at_once_and_is_named(tmp_path):
    """Though the other process has work for ten minutes; the build that it had started ends with it."""
    impatient = "\n\n__import__('xdist.workermanage').workermanage.NodeManager.EXIT_TIMEOUT = 1  # second, not 10\n"
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text(encoding="utf-8") + impatient, encoding="utf-8")
    held, finished = tmp_path / "held", tmp_path / "finished"
    build = f"import lock, pathlib, time\nwith lock.locked(pathlib.Path({str(held)!r})):\n    print(flush=True)\n    time.sleep(30)\n"
    build += f"    pathlib.Path({str(finished)!r}).touch()"
    (tmp_path / "dying.py").write_text(
        "import os, pathlib, sys, threading, time, site_of_book\n"
        f"threading.Thread(target=site_of_book.ended_with_this, args=([sys.executable, '-c', {build!r}],)).start()\n"
        f"while not pathlib.Path({str(held)!r}).exists():\n    time.sleep(0.05)\nos.abort()\n"
    )
    for number, body in enumerate(("__import__('time').sleep(600)", "import dying", "pass", "pass")):
        (tmp_path / f"test_{number}.py").write_text(f"def test_{number}():\n    {body}\n\n\ndef test_last():\n    pass\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-c", os.devnull, *commands.PROCESSES, str(tmp_path)]
    env = os.environ | {"PYTHONPATH": str(ROOT / "tools")}
    run = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120)
    assert run.returncode == 1 and re.search(r"worker 'gw\d' crashed while running 'test_1.py::test_1'", run.stdout), run.stdout
    with lock.locked(held):  # the build that it waited for holds it as long as it runs
        assert not finished.exists()


def test_what_did_not_change_is_not_installed_again(monkeypatch, tmp_path):
    stamp = tmp_path / "stamp"
    stamp.write_text(environment._digest())
    monkeypatch.setattr(environment, "STAMP", stamp)
    monkeypatch.setattr(environment, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(environment, "_pip", lambda *arguments: pytest.fail("pip was called"))
    environment.ensure()


@pytest.fixture
def index(monkeypatch):
    """A server in the place of PyTorch's index: give it a page, or the seconds that it keeps its readers waiting."""
    servers = []

    def serve(page: str = "", wait: float = 0) -> None:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                time.sleep(wait)
                with contextlib.suppress(ConnectionError):  # the reader has gone
                    self.send_response(200)
                    self.end_headers()
                    self.wfile.write(page.encode())

            def log_message(self, *arguments: object) -> None:
                pass

        servers.append(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        monkeypatch.setattr(environment, "CPU_INDEX", f"http://127.0.0.1:{servers[-1].server_port}")

    yield serve
    for server in servers:
        server.shutdown()


LISTING = '<a href="/whl/cpu/torch-2.13.0%2Bcpu-cp311-cp311-linux_x86_64.whl">torch-2.13.0+cpu-cp311-cp311-linux_x86_64.whl</a>'


def test_the_cpu_index_is_used_where_it_lists_the_pinned_torch(index, monkeypatch):
    index(LISTING)
    installed = []
    monkeypatch.setattr(environment, "_pip", lambda *arguments: installed.append(arguments) or 0)
    environment._install_torch()
    assert installed == [("--no-deps", "--index-url", environment.CPU_INDEX, "torch==2.13.0")]


@pytest.mark.parametrize("page", ["", "<h1>Please log in to this network</h1>"])
def test_an_index_without_the_pinned_torch_is_not_used(index, page):
    index(page)
    assert not environment._cpu_index_has("torch==2.13.0")


def test_an_index_that_does_not_answer_costs_no_long_wait(index, monkeypatch):
    index(LISTING, wait=2)
    monkeypatch.setattr(environment, "SECONDS_TO_ANSWER", 0.3)
    start = time.monotonic()
    assert not environment._cpu_index_has("torch==2.13.0")
    assert time.monotonic() - start < 1.5


def test_the_book_is_stale_when_a_source_changes(monkeypatch, tmp_path):
    source = tmp_path / "book" / "intro.ipynb"
    source.parent.mkdir()
    source.write_text("{}")
    monkeypatch.setattr(freshness, "ROOT", tmp_path)
    monkeypatch.setattr(freshness, "INDEX", tmp_path / "index.html")
    monkeypatch.setattr(freshness, "BOOK_SOURCES", ["book"])
    monkeypatch.setattr(freshness, "BUILD", tmp_path)
    freshness.INDEX.write_text("")
    assert not freshness.book_is_fresh()
    freshness.mark_book_fresh()
    assert freshness.book_is_fresh()
    source.write_text('{"cells": []}')
    assert not freshness.book_is_fresh()


@pytest.fixture
def sources(monkeypatch, tmp_path):
    """A tiny project: builds it, writes a source, and tells which folders of that build are still there for the next one."""
    for name, text in {"conv_lib/geometry.py": "stride = 1", "book/intro.ipynb": "{}", "_config.yml": "title: A"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(freshness, "ROOT", tmp_path)
    monkeypatch.setattr(freshness, "BUILD", tmp_path / "_build")
    made = [".jupyter_cache", ".doctrees", "html"]

    def kept(name, text, built=True):
        freshness.drop_stale_builds()
        for folder in made:
            (tmp_path / "_build" / folder).mkdir(exist_ok=True)
        if built:
            freshness.mark_book_fresh()
        (tmp_path / name).write_text(text)
        freshness.drop_stale_builds()
        return [folder for folder in made if (tmp_path / "_build" / folder).exists()]

    return kept


@pytest.mark.parametrize(
    "name, text, kept",
    [
        ("book/intro.ipynb", '{"cells": []}', [".jupyter_cache", ".doctrees"]),
        ("book/another.ipynb", "{}", [".jupyter_cache"]),
        ("_config.yml", "title: B", [".jupyter_cache"]),
        ("conv_lib/geometry.py", "stride = 2", []),
    ],
)
def test_a_build_keeps_what_a_change_does_not_touch(sources, name, text, kept):
    assert sources(name, text) == kept


def test_a_build_that_failed_leaves_no_document_unread(sources):
    assert sources("book/intro.ipynb", '{"cells": []}', built=False) == [".jupyter_cache"]
