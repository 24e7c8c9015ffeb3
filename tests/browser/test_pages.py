"""Every page of the built book, in a real browser with every other host blocked."""

from __future__ import annotations

import re

import freshness
import pytest
from site_of_book import pages, visit

PAGES = [f"{page}.html" for page in pages()] + ["search.html"]

# What a reader sees as text, without code and its outputs, where a dollar or a backslash may be meant.
READ_TEXT = """() => {
  const copy = document.body.cloneNode(true);
  copy.querySelectorAll('script, style, pre, code, annotation').forEach(part => part.remove());
  return copy.textContent;
}"""

UNNAMED_IMAGES = """() => [...document.querySelectorAll('img, svg')]
  .filter(image => image.checkVisibility() && !image.closest('[aria-hidden="true"]'))
  .filter(image => image.tagName === 'IMG'
    ? image.getAttribute('alt') === null || (image.closest('article') && !image.alt.trim())
    : image.getAttribute('role') === 'img' && !image.ariaLabel?.trim() && !image.querySelector('title'))
  .map(image => image.outerHTML.slice(0, 200))"""


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_no_other_host_and_its_console_is_silent(browser, site, path):
    with visit(browser, site + path) as seen:
        seen.page.wait_for_load_state("networkidle")
        assert seen.outside == []
        assert seen.console == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_opened_from_disk_is_as_silent(browser, site, path):
    with visit(browser, (freshness.BUILD / "html" / path).as_uri()) as seen:
        seen.page.wait_for_load_state("networkidle")
        assert seen.outside == []
        assert seen.console == []


@pytest.mark.parametrize("width", [390, 360])
@pytest.mark.parametrize("path", PAGES)
def test_a_phone_needs_no_sideways_scroll(browser, site, path, width):
    with visit(browser, site + path, width=width, height=800, has_touch=True) as seen:
        seen.page.evaluate("window.scrollTo(10000, 0)")
        assert seen.page.evaluate("window.scrollX") == 0
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", PAGES)
def test_a_page_shows_no_raw_formula_and_one_title(browser, site, path):
    with visit(browser, site + path) as seen:
        raw = re.findall(r".{0,30}(?:\$|\\[a-zA-Z]+).{0,30}", seen.page.evaluate(READ_TEXT))
        assert raw == []
        assert seen.page.get_by_role("heading", level=1).count() == 1
        assert seen.page.locator("math merror").count() == 0


@pytest.mark.parametrize("path", PAGES)
def test_every_picture_has_a_name(browser, site, path):
    with visit(browser, site + path) as seen:
        assert seen.page.evaluate(UNNAMED_IMAGES) == []


@pytest.mark.parametrize("path", PAGES)
def test_links_inside_the_book_lead_somewhere(browser, site, path):
    with visit(browser, site + path) as seen:
        links = seen.page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
        own = sorted({link for link in links if link.startswith(site)})
        answers = {link: seen.page.request.get(link).status for link in own if "#" not in link}
        assert [link for link, status in answers.items() if status != 200] == []
        here = seen.page.url.split("#")[0]
        targets = [link.split("#", 1)[1] for link in own if link.startswith(here + "#")]
        missing = [target for target in targets if target and seen.page.locator(f'[id="{target}"]').count() == 0]
        assert missing == []


@pytest.mark.parametrize("from_disk", [False, True])
def test_search_finds_the_chapter_of_a_word(browser, site, from_disk):
    folder = (freshness.BUILD / "html").as_uri() + "/" if from_disk else site
    with visit(browser, folder + "search.html?q=gridding") as seen:
        seen.page.locator(".search a", has_text="Dilated convolution").first.wait_for()
        seen.page.wait_for_load_state("networkidle")
        assert seen.console == []
