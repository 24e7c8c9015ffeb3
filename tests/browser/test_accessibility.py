"""Every page by the rules of axe-core: names, roles, contrast, keyboard, in light and dark, wide and narrow."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from site_of_book import looks, pages, started, visit

PAGES = [f"{page}.html" for page in pages()] + ["search.html", "not-found.html"]
# What passes need not be described element by element: on the longest page that is most of the work.
BRIEF = {"resultTypes": ["violations"]}


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(browser, site, path):
    with visit(browser, site + path, reduced_motion="reduce") as seen:
        started(seen.page)
        found = [
            f"{look}: {rule['id']}: {node['html'][:150]}"
            for look in looks(seen.page)
            for rule in Axe().run(seen.page, options=BRIEF).response["violations"]
            for node in rule["nodes"]
        ]
        assert found == []
