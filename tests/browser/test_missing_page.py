"""An address that is not there, on a server that answers as GitHub Pages does: with 404.html, whatever the folder."""

from __future__ import annotations

import pytest
from site_of_book import SUBPATH, visit


@pytest.mark.parametrize("path", ["nowhere.html", "book/nowhere.html", "book/dropped-row/", "no/such/folder/nowhere.html"])
def test_it_leads_to_the_page_with_search_and_chapters(browser, site, path):
    with visit(browser, site + path) as seen:
        seen.page.wait_for_url(f"{site}not-found.html?*")
        assert seen.page.get_by_text(f"There is nothing at {SUBPATH}{path}.").is_visible()
        assert seen.page.locator("header").first.evaluate("bar => getComputedStyle(bar).position") == "sticky"  # it has its style
        words = "dropped row" if "row" in path else "nowhere"
        assert seen.page.get_by_role("searchbox", name="Search the book").input_value() == words
        seen.page.get_by_role("article").get_by_role("link", name="Shapes and padding").click()
        seen.page.wait_for_url(f"{site}book/shapes.html")
        assert seen.outside == []


def test_its_search_searches(browser, site):
    with visit(browser, site + "book/dropped-row.html") as seen:
        seen.page.wait_for_url(f"{site}not-found.html?*")
        seen.page.get_by_role("main").get_by_role("button", name="Search").click()
        seen.page.locator("#search-results a", has_text="Shapes").first.wait_for()


def test_without_a_script_it_says_what_to_do(browser, site):
    with visit(browser, site + "book/nowhere.html", java_script_enabled=False) as seen:
        assert seen.page.get_by_role("heading", level=1).inner_text() == "There is no such page"
        assert seen.page.get_by_text("Go to the first page").is_visible()
