"""What `make pdf` says when it cannot print."""

from __future__ import annotations

import chromium
import pdf


def test_a_missing_browser_is_told_in_one_line(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    monkeypatch.setattr(chromium, "installed", lambda: None)
    assert pdf.main() == 1
    assert capsys.readouterr().out == f"{chromium.HOW_TO_INSTALL}\n"
