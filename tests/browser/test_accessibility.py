"""Every page by the rules of axe-core: names, roles, contrast, keyboard, in light and dark, wide and narrow."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from site_of_book import pages, started, visit

PAGES = [f"{page}.html" for page in pages()] + ["search.html"]


@pytest.mark.parametrize("width, dark", [(1280, False), (1280, True), (390, False), (390, True)])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(browser, site, path, width, dark):
    with visit(browser, site + path, width=width, dark=dark, reduced_motion="reduce") as seen:
        violations = Axe().run(started(seen.page)).response["violations"]
        found = [f"{rule['id']}: {node['html'][:150]}" for rule in violations for node in rule["nodes"]]
        assert found == []
