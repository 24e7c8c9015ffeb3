"""A lesson on the screen: its live figure stands on the first one, and there are not too many of them."""

from __future__ import annotations

import pytest
from site_of_book import laid_out, started, visit
from test_lessons import LESSONS

WIDTH, HEIGHT = 1440, 900
MOST_SCREENS = 14


@pytest.mark.parametrize("lesson", LESSONS)
def test_its_figure_stands_on_the_first_screen_and_it_has_at_most_so_many(browser, site, lesson):
    with visit(browser, f"{site}book/{lesson}.html", width=WIDTH, height=HEIGHT) as seen:
        figure = seen.page.locator(".cl-live.cl-started").first
        figure.wait_for(timeout=10_000)
        assert figure.bounding_box()["y"] < HEIGHT / 2
        page = laid_out(started(seen.page))
        assert page.evaluate("document.documentElement.scrollHeight") / HEIGHT <= MOST_SCREENS
