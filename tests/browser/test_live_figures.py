"""The live figures in the pages of the built book: started without a kernel, and with a still picture where no script runs."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import freshness
import pytest
from conv_lib.figures.base import LiveFigure
from conv_lib.figures.bundle import STATIC
from playwright.sync_api import expect
from site_of_book import chapters, started, visit

HTML = freshness.BUILD / "html"
MOST_BYTES = 40 * 1024
PLACES = re.compile(r'<div class="cl-live"><script type="application/json">(.*?)</script>', re.DOTALL)


def states(page: str) -> list[dict]:
    return [json.loads(state) for state in PLACES.findall((HTML / page).read_text(encoding="utf-8"))]


@pytest.fixture(scope="module")
def with_figures(site) -> list[str]:
    pages = [f"{chapter}.html" for chapter in chapters()]
    assert all(states(page) for page in pages), "a chapter without a live figure"
    return pages


def test_every_figure_of_every_chapter_starts(browser, site, with_figures):
    for page in with_figures:
        with visit(browser, site + page) as seen:
            places = seen.page.locator(".cl-live")
            assert places.count() == len(states(page))
            started(seen.page)
            for place, state in zip(places.all(), states(page)):
                assert place.get_by_role("group").first.is_visible(), (page, state["figure"])
            assert seen.console == [] and seen.outside == []


def test_every_grid_of_numbers_answers_to_pointer_and_keyboard(browser, site, with_figures):
    for page in with_figures:
        with visit(browser, site + page) as seen:
            for figure in started(seen.page).get_by_role("group").filter(has=seen.page.get_by_role("button", name="Play")).all():
                output = figure.get_by_role("grid", name=re.compile("^Output")).first
                status = figure.get_by_role("status")
                output.get_by_role("gridcell").last.hover()
                pointed = status.inner_text()
                assert re.search(r"[=≈] (-?[\d.]+|\?)$", pointed.strip()), (page, pointed)
                output.locator("[tabindex='0']").focus()
                seen.page.keyboard.press("Control+Home")
                seen.page.keyboard.press("Control+End")
                assert status.inner_text() == pointed, page


def test_figures_start_from_disk_too(browser, site, with_figures):
    page = with_figures[1]
    with visit(browser, (HTML / page).as_uri()) as seen:
        assert started(seen.page).locator(".cl-live.cl-started").count() == len(states(page))
        assert seen.console == [] and seen.outside == []


def test_a_figure_waits_for_the_reader_and_a_link_does_not_wait(browser, site, with_figures):
    never = "window.requestIdleCallback = () => {}"
    with visit(browser, "about:blank") as seen:
        seen.page.add_init_script(never)
        seen.page.goto(site + with_figures[1])
        last = seen.page.locator(".cl-live").last
        assert not last.locator(".cl-figure").count()
        last.scroll_into_view_if_needed()
        expect(last.locator(".cl-figure")).to_be_visible()
    shape = next(state for state in states(with_figures[2])[::-1] if state["figure"] == "shape")
    key = re.sub("[^a-z0-9]+", "-", shape["state"]["title"].lower()).strip("-")
    with visit(browser, "about:blank") as seen:
        seen.page.add_init_script(never)
        seen.page.goto(f'{site}{with_figures[2]}#{key}={{"size":9}}')
        figure = seen.page.get_by_role("group", name=shape["state"]["title"], exact=True)
        expect(figure.get_by_role("slider", name="Input size")).to_have_value("9")
        expect(figure).to_be_in_viewport()


def test_without_script_the_still_picture_stands_there(browser, site, with_figures):
    for page in with_figures:
        with visit(browser, site + page, java_script_enabled=False) as seen:
            for still in seen.page.locator(".cl-live").all():
                assert still.locator(".cl-still").first.is_visible(), page
                assert not still.locator(".cl-figure").count()


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


def test_a_page_without_figures_brings_no_script_of_theirs(site):
    assert "live-figures" not in (HTML / "search.html").read_text(encoding="utf-8")


def test_the_states_in_the_page_are_those_of_the_classes(with_figures):
    told = {figure.module: {*figure.told, "title"} for figure in LiveFigure.__subclasses__() if figure.module}
    for page in with_figures:
        for state in states(page):
            assert set(state["state"]) >= told[state["figure"]], page


@pytest.mark.parametrize("path", sorted(STATIC.glob("*.js")), ids=lambda path: Path(path).name)
def test_no_text_becomes_html(path):
    doors = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|createContextualFragment"
    assert not re.search(doors, path.read_text(encoding="utf-8"))
