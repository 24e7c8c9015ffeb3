"""The live figures in the pages of the built book: started without a kernel, and with a still picture where no script runs."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import freshness
import pytest
from conv_lib import figures
from conv_lib.figures.bundle import STATIC
from figure_page import tap
from playwright.sync_api import Error, Locator, expect
from site_of_book import chapters, laid_out, started, too_wide, visit

HTML = freshness.BUILD / "html"
MOST_BYTES = 40 * 1024
LOOKED_UP = ("book/questions-", "book/porting", "book/uneven")  # answers and tables, which need no figure
PLACES = re.compile(r'<div class="cl-live[^"]*" data-figure="\w+"><script type="application/json">(.*?)</script>', re.DOTALL)


def states(page: str) -> list[dict]:
    return [json.loads(state) for state in PLACES.findall((HTML / page).read_text(encoding="utf-8"))]


@pytest.fixture(scope="module")
def with_figures(site) -> list[str]:
    pages = [f"{chapter}.html" for chapter in chapters()]
    without = [page for page in pages if not states(page)]
    assert [page for page in without if not page.startswith(LOOKED_UP)] == [], "chapters without a live figure"
    return [page for page in pages if page not in without]


# What answers to a pointer in each figure, from the first to the last: all tell about it in their status.
TARGETS = {
    "convolution": "[role=grid][aria-label^=Output] [role=gridcell]",
    "connectivity": "[role=grid][aria-label^=Output] [role=gridcell]",
    "transposed": "[role=grid][aria-label^=Output] [role=gridcell]",
    "learning": "[role=grid][aria-label='Kernel now'] [role=gridcell]",
    "receptive_field": "[role=grid][aria-label=Input] [role=gridcell]",
    "shape": ".cl-place",
    "cost": ".cl-design",
    "photo": "canvas[aria-label^=Output]",
}


def told(figure: Locator) -> str:
    """The status of a figure in the next frame."""
    figure.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return figure.get_by_role("status").inner_text().strip()


def assert_question_answers(figure: Locator) -> None:
    tap(figure.get_by_role("button", name="Show the answer"))
    shown = told(figure)
    figure.get_by_role("button", name="Check").click()
    assert shown and told(figure) != shown
    figure.get_by_role("button", name="Show the answer").press("Enter")
    assert told(figure) == shown


def assert_message_field_answers(figure: Locator) -> None:
    figure.get_by_role("textbox").fill("RuntimeError: negative padding is not supported")
    expect(figure.get_by_role("status")).to_contain_text("padding is below 0")


def assert_lab_answers(figure: Locator) -> None:
    figure.get_by_role("textbox", name="Layer, model or message").fill("nn.Conv2d(3, 8, (3, 5), stride=(1, 2))")
    figure.get_by_role("textbox", name="Input shape").fill("2, 3, 6, 8")
    expect(figure.get_by_role("table", name="Layers").get_by_role("row").nth(1)).to_contain_text("(2, 8, 4, 2)")
    tap(figure.get_by_role("button", name="0", exact=True))  # of the new table, and not of the one before
    expect(figure.get_by_role("group", name="0: Sizes, height", exact=True)).to_be_visible()


def assert_targets_answer(figure: Locator, module: str) -> None:
    targets = figure.locator(TARGETS[module])
    corners = [{"position": {"x": 5, "y": 5}}, {"position": {"x": 50, "y": 50}}] if module == "photo" else [{}, {}]
    targets.last.hover(**corners[0])
    pointed = told(figure)
    if module == "convolution":
        assert re.search(r"[=≈] (-?[\d.]+|\?)$", pointed), pointed
        figure.get_by_role("grid").last.locator("[tabindex='0']").focus()
        figure.page.keyboard.press("Control+Home")
        figure.page.keyboard.press("Control+End")
        assert told(figure) == pointed
    tap(targets.first, **corners[1])
    if targets.count() > 1 or module == "photo":
        assert told(figure) != pointed


def assert_slider_answers(figure: Locator) -> None:
    slider, before = figure.get_by_role("slider").first, figure.inner_text()
    slider.press("ArrowRight")
    if figure.inner_text() == before:
        slider.press("ArrowLeft")
    assert figure.inner_text() != before


# From disk: that served pages start the same figures without a word is seen in test_pages.py.
@pytest.mark.parametrize("browser", ["chromium", "firefox"], indirect=True)
def test_every_figure_of_every_chapter_answers_to_pointer_touch_and_keyboard(browser, with_figures):
    for page in with_figures:
        with visit(browser, (HTML / page).as_uri(), has_touch=True) as seen:
            places = laid_out(started(seen.page)).locator(".cl-live").all()
            questions = [number for number, state in enumerate(states(page)) if state["figure"] == "question"]
            for number, (place, state) in enumerate(zip(places, states(page), strict=True)):
                figure = place.locator(".cl-figure")
                try:
                    if number in questions:
                        # In Firefox one of a page: what its engine does differently, it does at each, and Chromium asks them all.
                        if browser.browser_type.name == "chromium" or number == questions[0]:
                            assert_question_answers(figure)
                        continue
                    if state["figure"] in ("message_field", "lab"):
                        (assert_lab_answers if state["figure"] == "lab" else assert_message_field_answers)(figure.first)
                        continue
                    if figure.locator(TARGETS[state["figure"]]).first.is_visible():  # not where a layer does not fit
                        assert_targets_answer(figure, state["figure"])
                    if figure.get_by_role("slider").count():
                        assert_slider_answers(figure)
                except (AssertionError, Error) as error:
                    raise AssertionError(f"{page}, {state['figure']}, {state['state'].get('title')}: {error}") from error
            assert seen.console == [] and seen.outside == []


def test_a_figure_waits_for_the_reader_and_a_link_does_not_wait(browser, site, with_figures):
    with visit(browser, "about:blank") as seen:
        seen.page.goto(site + with_figures[1])
        last = seen.page.locator(".cl-live").last
        assert not last.locator(".cl-figure").count()
        last.scroll_into_view_if_needed()
        expect(last.locator(".cl-figure")).to_be_visible()
    shape = next(state for state in states(with_figures[2])[::-1] if state["figure"] == "shape")
    key = re.sub("[^a-z0-9]+", "-", shape["state"]["title"].lower()).strip("-")
    with visit(browser, "about:blank") as seen:
        seen.page.goto(f'{site}{with_figures[2]}#{key}={{"size":9}}')
        figure = seen.page.get_by_role("group", name=shape["state"]["title"], exact=True)
        expect(figure.get_by_role("slider", name="Input size")).to_have_value("9")
        expect(figure).to_be_in_viewport()


def test_on_paper_the_still_picture_stands_there(browser, site, with_figures):
    with visit(browser, site + with_figures[1]) as seen:
        started(seen.page).emulate_media(media="print")
        assert seen.page.locator(".cl-live .cl-still").first.is_visible()
        assert not seen.page.locator(".cl-live .cl-figure").first.is_visible()


def test_a_page_brings_the_shared_code_once_and_no_code_in_its_states(site, with_figures):
    for page in with_figures:
        text = (HTML / page).read_text(encoding="utf-8")
        assert len(re.findall(r'<script[^>]*src="[^"]*live-figures\.js', text)) == 1
        assert "_esm" not in text and "widget-state" not in text and "require.js" not in text


def test_the_photo_comes_once_and_only_where_it_is_shown(browser, site, with_figures):
    for page in with_figures:
        assert "data:image/webp" not in (HTML / page).read_text(encoding="utf-8")
        photos = [state["state"]["picture"] for state in states(page) if state["figure"] == "photo"]
        if photos:
            with visit(browser, "about:blank") as seen:
                asked = []
                seen.page.on("request", lambda request: asked.append(request.url))
                started(seen.page.goto(site + page) and seen.page).wait_for_load_state("networkidle")
                assert sum("live-photo.js" in url for url in asked) == ("photo" in photos), page


def test_all_figures_together_are_small(site):
    script = (HTML / "_static" / "live-figures.js").read_bytes()
    assert len(gzip.compress(script, 9)) <= MOST_BYTES


def test_no_figure_is_wider_than_its_place(browser, site, with_figures):
    wider = """async (selector) => {
      const found = () => [...document.querySelectorAll(selector)].filter((part) => part.scrollWidth > part.clientWidth);
      for (let tries = 0; tries < 30 && found().length; tries += 1) await new Promise((done) => setTimeout(done, 100));
      return found().map((part) => part.closest('.cl-figure').ariaLabel ?? part.innerText.slice(0, 60));
    }"""
    for page in with_figures:
        with visit(browser, site + page, width=1440) as seen:
            assert laid_out(started(seen.page)).evaluate(wider, ".cl-figure, .cl-tree") == [], page
            seen.page.set_viewport_size({"width": 320, "height": 800})
            assert too_wide(seen.page) == 0, page
            seen.page.set_viewport_size({"width": 360, "height": 800})  # a phone, its letters set to twice their size
            seen.page.add_style_tag(content="html { font-size: 200% !important }")
            assert seen.page.evaluate(wider, ".cl-figure") == [], page


def test_a_page_without_figures_brings_no_script_of_theirs(site):
    assert "live-figures" not in (HTML / "search.html").read_text(encoding="utf-8")


def test_the_states_in_the_page_are_those_of_the_classes(with_figures):
    told = {figure.module: {*figure.told, "title"} for figure in map(figures.__dict__.get, figures.__all__)}
    for page in with_figures:
        for state in states(page):
            assert set(state["state"]) >= told[state["figure"]], page


@pytest.mark.parametrize("path", sorted(STATIC.glob("*.js")), ids=lambda path: Path(path).name)
def test_no_text_becomes_html(path):
    doors = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|(?<![\w.])eval\(|new Function|srcdoc|createContextualFragment"
    assert not re.search(doors, path.read_text(encoding="utf-8"))
