"""A lesson on the screen: its live figure stands on the first one, which holds still, and there are not too many of them."""

from __future__ import annotations

import pytest
from site_of_book import laid_out, started, visit
from test_lessons import LESSONS

WIDTH, HEIGHT = 1440, 900
MOST_SCREENS = 14
MOVED = """() => new Promise(done => {
  let sum = 0;
  const add = entries => entries.forEach(({ value }) => sum += value);
  const seen = new PerformanceObserver(list => add(list.getEntries()));
  seen.observe({ type: 'layout-shift', buffered: true });
  requestAnimationFrame(() => setTimeout(() => { add(seen.takeRecords()); done(sum); }));
})"""  # how much of the first screen moved while the page and its figure started, and how far: Lighthouse takes points from 0.1 on


@pytest.mark.parametrize("lesson", LESSONS)
def test_its_figure_stands_on_the_first_screen_and_it_has_at_most_so_many(browser, site, lesson):
    with visit(browser, f"{site}book/{lesson}.html", width=WIDTH, height=HEIGHT) as seen:
        figure = seen.page.locator(".cl-live.cl-started").first
        figure.wait_for()
        assert figure.bounding_box()["y"] < HEIGHT / 2
        assert seen.page.evaluate(MOVED) < 0.02
        page = laid_out(started(seen.page))
        assert page.evaluate("document.documentElement.scrollHeight") / HEIGHT <= MOST_SCREENS
