"""Every page of the built book, in a real browser with every other host blocked."""

from __future__ import annotations

import base64
import io
import re

import freshness
import links
import pytest
from accessibility import violations_in_all_looks
from conv_lib import figures
from conv_lib.figures.base import LiveFigure
from environment import ROOT
from PIL import Image
from site_of_book import built_pages, laid_out, pages, started, too_wide, visit

PAGES = [f"{page}.html" for page in pages()] + ["search.html", "not-found.html"]

SEARCH_SCRIPTS = ["documentation_options", "doctools", "sphinx_highlight", "searchtools", "language_data", "sections", "searchindex"]

# What a reader sees as text, without code and its outputs, where a dollar or a backslash may be meant.
READ_TEXT = """() => {
  const copy = document.body.cloneNode(true);
  copy.querySelectorAll('script, style, pre, code, annotation').forEach(part => part.remove());
  return copy.textContent;
}"""

UNNAMED_IMAGES = """() => [...document.querySelectorAll('img, svg')]
  .filter(image => image.checkVisibility() && !image.closest('[aria-hidden="true"]'))
  .filter(image => image.tagName === 'IMG'
    ? image.getAttribute('alt') === null || (image.closest('article') && !image.closest('svg[role=img]') && !image.alt.trim())
    : image.getAttribute('role') === 'img' && !image.ariaLabel?.trim() && !image.querySelector('title'))
  .map(image => image.outerHTML.slice(0, 200))"""

# A drawing has two layouts, for a wide and for a narrow place, and shows one of them.
WRONG_LAYOUTS = """() => [...document.querySelectorAll('figure.still .narrow')]
  .filter(({ parentNode }) => [...parentNode.children].filter(layout => getComputedStyle(layout).display !== 'none').length !== 1)
  .map(layout => layout.closest('svg').ariaLabel)"""


def html(path: str) -> str:
    return (freshness.BUILD / "html" / path).read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=PAGES)
def shown(request, browser, site):
    """A page, opened once for all the tests that look at it."""
    with visit(browser, site + request.param, has_touch=True) as seen:
        started(seen.page).wait_for_load_state("networkidle")
        yield seen


@pytest.fixture(scope="module", params=PAGES)
def without_script(request, browser, site):
    with visit(browser, site + request.param, java_script_enabled=False) as seen:
        yield seen.page


def test_a_page_asks_no_other_host_and_its_console_is_silent(shown):
    assert shown.outside == []
    assert shown.console == []


def test_a_page_of_each_kind_opened_from_disk_is_as_silent(browser, site):
    """Pages with the same scripts load them alike: one of them stands for all."""
    kinds = {tuple(re.findall(r'<script[^>]* src="[^"]*?([^/"?]+)[?"]', html(path))): path for path in PAGES}
    for path in kinds.values():
        with visit(browser, (freshness.BUILD / "html" / path).as_uri()) as seen:
            started(seen.page).wait_for_load_state("networkidle")
            assert (seen.outside, seen.console) == ([], []), path


def test_a_page_shows_no_raw_formula_and_one_title(shown):
    raw = re.findall(r".{0,30}(?:\$|\\[a-zA-Z]+).{0,30}", shown.page.evaluate(READ_TEXT))
    assert raw == []
    assert shown.page.get_by_role("heading", level=1).count() == 1
    assert shown.page.locator("math merror").count() == 0


def test_the_contents_of_a_page_stand_on_it_once(shown):
    assert shown.page.locator("#contents:visible, article nav.contents:visible").count() <= 1


def test_every_picture_has_a_name(shown):
    assert shown.page.evaluate(UNNAMED_IMAGES) == []


# The last three of those that share an open page: they change the window, and the last its code.
def test_a_drawing_shows_one_of_its_layouts(shown):
    for width in (1440, 700, 390):
        shown.page.set_viewport_size({"width": width, "height": 800})
        assert shown.page.evaluate(WRONG_LAYOUTS) == [], width


def test_neither_a_phone_nor_200_percent_needs_a_sideways_scroll(shown):
    for width in (640, 390, 360):
        shown.page.set_viewport_size({"width": width, "height": 800})
        assert too_wide(shown.page) == 0, width


def test_axe_finds_nothing_in_light_and_dark_on_wide_screens_and_phones(shown):
    shown.page.emulate_media(reduced_motion="reduce")
    assert violations_in_all_looks(shown.page) == []


def test_links_inside_the_book_lead_somewhere(site):
    assert {path: links.broken(path) for path in built_pages() if links.broken(path)} == {}


def test_every_page_has_a_title_and_a_description_of_its_own(site):
    for pattern in (r"<title>(.+?)</title>", r'<meta name="description" content="(.+?)"'):
        found = {path: re.findall(pattern, html(path)) for path in built_pages()}
        assert {path: texts for path, texts in found.items() if len(texts) != 1} == {}
        assert len({texts[0] for texts in found.values()}) == len(found)


def test_a_page_tells_a_phone_once_how_wide_it_is(site):
    for path in built_pages():
        assert re.findall(r'<meta name="viewport" content="([^"]*)"', html(path)) == ["width=device-width, initial-scale=1"], path


def test_the_font_of_formulas_and_photos_come_when_a_reader_comes_near(browser, site):
    fetched = []
    with visit(browser, site + PAGES[0]) as seen:
        seen.page.on("request", lambda request: fetched.append(request.url.rpartition("/")[2]))
        seen.page.goto(f"{site}book/basics.html", wait_until="networkidle")
        late = [name for name in fetched if re.search(r"\.(woff2|png|jpe?g|webp)$", name)]
        assert late == []
        with seen.page.expect_request("**/*.woff2"):
            seen.page.locator("math").first.scroll_into_view_if_needed()


def test_a_place_is_named_once_and_by_its_words(site):
    for path in built_pages():
        places = re.findall(r'\bid="([^"]+)"', html(path))
        assert {place for place in places if places.count(place) > 1} == set(), path
        assert not re.search(r'<section id="id\d+"', html(path)), path


def test_a_page_waits_for_its_stylesheet_and_for_no_script(site):
    """The figures' own style and scripts stand only where figures do, the search's only where it is."""
    for path in built_pages():
        page = html(path)
        own = {"style.css", "page.js"}
        if "cl-live" in page:
            own |= {f"live-{bundle}.{kind}" for bundle in bundles(page) for kind in ("css", "js")}
        if path == "search.html":
            own |= {f"{name}.js" for name in SEARCH_SCRIPTS}
        linked = re.findall(r'<(?:link rel="stylesheet"|script)[^>]* (?:href|src)="[^"?]*?([^/"?]+)[?"]', page)
        assert sorted(linked) == sorted(own), path
        assert [tag for tag in re.findall(r"<script[^>]* src=[^>]*>", page) if " defer" not in tag] == [], path
        assert "data:image" not in page and 'rel="preload"' not in page and "<style" not in page.partition("<article")[0], path


def bundles(page: str) -> set[str]:
    used = set(re.findall(r'data-figure="(\w+)"', page))
    shown = [figure for figure in map(figures.__dict__.get, figures.__all__) if figure.module in used]
    return {LiveFigure.bundle}.union(*((figure.bundle, *figure.needs) for figure in shown))


def test_colours_are_there_before_any_file_of_script(browser, site):
    """The page is drawn once, in the reader's colours, though its deferred script never comes."""
    with visit(browser, "about:blank", dark=True) as seen:
        seen.page.route("**/page.js*", lambda route: route.abort())
        seen.page.goto(site + PAGES[0])
        assert seen.page.evaluate("document.documentElement.dataset.theme") == "dark"
        head = html(PAGES[0]).partition("</head>")[0]
        assert head.index("dataset.theme") < head.index("stylesheet")


def test_a_packed_picture_has_every_pixel_of_the_notebook(site):
    for page in pages():
        notebook = ROOT / f"{page}.ipynb"
        stored = re.findall(r"data:image/png;base64,([\w+/=]+)", notebook.read_text(encoding="utf-8")) if notebook.exists() else []
        packed = re.findall(r'<img src="([^"]+)" alt="" loading="lazy"', html(f"{page}.html"))
        wanted = [pixels(io.BytesIO(base64.b64decode(data))) for data in stored]
        assert [pixels((freshness.BUILD / "html" / page).parent / name) for name in packed] == wanted, page


def pixels(source) -> tuple:
    picture = Image.open(source)
    return picture.size, picture.convert("RGB").tobytes()


def test_without_script_text_formulas_and_figures_are_there(without_script):
    assert without_script.get_by_role("heading", level=1).is_visible()
    for kind in ("math", "figure.still"):
        assert all(one.is_visible() for one in without_script.locator(f"article {kind}:not(details *)").all()), kind


def test_without_script_a_still_picture_stands_for_each_live_figure(without_script):
    assert without_script.locator(".cl-live .cl-figure").count() == 0
    assert all(place.locator(".cl-still").first.is_visible() for place in without_script.locator(".cl-live").all())


# The last heading above the reader, and where it stands.
READ_AT = """() => {
  const heading = [...document.querySelectorAll('article :is(h2, h3)')].findLast(one => one.getBoundingClientRect().top < 300);
  return [heading.textContent, heading.getBoundingClientRect().top];
}"""

# The figures about the window have started, and the place that the page keeps is the one that is shown.
AT_REST = """() => {
  const isNear = ({ top, bottom }) => bottom > -innerHeight && top < 2 * innerHeight;
  const started = [...document.querySelectorAll('.cl-live:not(.cl-started)')].every(one => !isNear(one.getBoundingClientRect()));
  const [index, top] = history.state?.place ?? [];
  const block = document.querySelectorAll('article section > *')[index];
  return started && block && Math.abs(block.getBoundingClientRect().top - top) < 1;
}"""


@pytest.mark.parametrize("leave", ["a link in the page", "another page", "load it again"])
def test_a_reader_who_returns_finds_the_place_that_was_left(browser, site, leave):
    with visit(browser, f"{site}book/groups.html", reduced_motion="reduce") as seen:  # an animated jump could still be on its way
        page = seen.page
        page.evaluate("scrollTo(0, 0.6 * document.documentElement.scrollHeight)")
        page.wait_for_function(AT_REST)
        place = page.evaluate(READ_AT)
        if leave == "load it again":
            page.reload()
        elif leave == "another page":
            page.goto(f"{site}book/intro.html")
            page.go_back()
        else:
            page.locator("#contents a").first.click()
            page.wait_for_function("Math.abs(document.querySelector(':target')?.getBoundingClientRect().top) < 200")
            page.go_back()
        page.wait_for_function(AT_REST)
        assert page.evaluate(READ_AT) == [place[0], pytest.approx(place[1], abs=2)]


def test_the_first_tab_stop_skips_to_the_text(browser, site):
    with visit(browser, site + PAGES[0]) as seen:
        seen.page.keyboard.press("Tab")
        assert seen.page.evaluate("document.activeElement.textContent") == "Skip to main content"
        seen.page.keyboard.press("Enter")
        seen.page.keyboard.press("Tab")
        assert seen.page.evaluate("document.activeElement.closest('#main-content') !== null")


@pytest.mark.parametrize("path", PAGES[:2])
def test_what_the_keyboard_is_on_has_a_ring(browser, site, path):
    ring = """() => {
      const on = document.activeElement;
      const { outlineStyle, boxShadow } = getComputedStyle(on);
      return { name: on === document.body ? '' : on.outerHTML.slice(0, 120), drawn: outlineStyle !== 'none' || boxShadow !== 'none' };
    }"""
    with visit(browser, site + path) as seen:
        laid_out(seen.page)
        bare = set()
        while True:
            seen.page.keyboard.press("Tab")
            found = seen.page.evaluate(ring)
            if not found["name"]:
                break
            if not found["drawn"]:
                bare.add(found["name"])
        assert bare == set()


@pytest.mark.parametrize("from_disk", [False, True])
def test_search_finds_the_chapter_of_a_word(browser, site, from_disk):
    folder = (freshness.BUILD / "html").as_uri() + "/" if from_disk else site
    with visit(browser, folder + "search.html?q=gridding") as seen:
        seen.page.locator("#search-results a", has_text="Dilated convolution").first.wait_for()
        seen.page.wait_for_load_state("networkidle")
        assert seen.console == []
