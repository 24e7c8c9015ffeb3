"""Every page by the rules of axe-core: names, roles, contrast, keyboard, in light and dark, wide and narrow."""

from __future__ import annotations

import pytest
from accessibility import violations_in_all_looks
from site_of_book import pages, started, visit

PAGES = [f"{page}.html" for page in pages()] + ["search.html", "not-found.html"]


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(browser, site, path):
    with visit(browser, site + path, reduced_motion="reduce") as seen:
        assert violations_in_all_looks(started(seen.page)) == []
