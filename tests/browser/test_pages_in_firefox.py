"""The pages in a second browser: its console is as silent, and what the theme does works there too."""

from __future__ import annotations

import pytest
from site_of_book import visit

pytestmark = pytest.mark.parametrize("browser", ["firefox"], indirect=True, scope="module")


@pytest.mark.parametrize("path", ["book/basics.html", "book/api.html", "search.html?q=stride", "not-found.html"])
def test_a_page_is_silent_and_has_one_column_on_a_phone(browser, site, path):
    with visit(browser, site + path, width=390) as seen:
        seen.page.wait_for_load_state("load")
        assert (seen.console, seen.outside) == ([], [])
        assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        seen.page.get_by_role("button", name="Pages of the book").click()
        assert seen.page.locator("#sidebar .home").is_visible()
        seen.page.keyboard.press("Escape")
        seen.page.keyboard.press("Control+k")
        assert seen.page.get_by_role("dialog").get_by_role("searchbox").is_visible()
        assert (seen.console, seen.outside) == ([], [])
